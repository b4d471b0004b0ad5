"""The viewer's modules in a blank tab, so that their logic can be asked directly."""

from typing import Any

from playwright.sync_api import Page

from pages._ui.review.viewer import SCRIPTS
from tests.conftest import ROOT

_NAMES = (
    "decodePng, encodePng, toBase64, makeLabels, emptyLabels, copyLabels, joinPlanes, regionOf, addClass, "
    "removeClass, classesAt, sameLabels, outlineRuns, newHistory, beginStep, keepBefore, endStep, undoStep, "
    "redoStep, changedClasses, visitStroke, visitPolygon, floodFrom, findSpecks, findHoles, compareLabels, "
    "fitView, zoomView, toPixel, scaleBar, greyTable"
)
_LOAD = """async (source) => {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  window.modules = (await import(url)).modules;
}"""


class Modules:
    """The functions of `assets/viewer` by name."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        source = "\n".join((ROOT / "assets" / "viewer" / name).read_text("utf-8") for name in SCRIPTS)
        tab.goto("about:blank")
        tab.evaluate(_LOAD, f"{source}\nexport const modules = {{ {_NAMES} }};")

    def ask(self, body: str, given: object = None) -> Any:
        """Run the body of a function that knows the modules as `m` and what is given as `given`."""
        return self._tab.evaluate(f"async (given) => {{ const m = window.modules; {body} }}", given)
