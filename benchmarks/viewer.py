"""The review's viewer: from key press to the next case painted, and the bytes of a case.

    python -m benchmarks.viewer [--side 1024] [--cases 24]

Chromium presses N on cases of `--side` pixels a side (16-bit grey noise over a gradient, two classes) whose
pictures the browser has fetched ahead; the time ends two animation frames after the new case was drawn. The
decision itself is not stored (the harness of the browser tests stands for the server), so the figure is that
of the viewer and of Streamlit's round trip. Bytes are those of the WebSocket frames that carry one case,
against one PNG of the image with one PNG of the mask.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, serving
from tests.conftest import ROOT

HARNESS = ROOT / "tests" / "browser" / "viewer_page.py"
PRESS = """(position) => new Promise((done) => {
  const hosts = [...document.querySelectorAll('*')].filter((node) => node.shadowRoot);
  const root = hosts.map((node) => node.shadowRoot.querySelector('.cp-viewer')).find(Boolean);
  const start = performance.now();
  const look = () => {
    if (root.dataset.painted === String(position)) done(performance.now() - start);
    else requestAnimationFrame(look);
  };
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true, composed: true }));
  look();
})"""


class Traffic:
    """Bytes that the server has sent through the WebSocket. Make it before `goto`."""

    def __init__(self, tab: Page) -> None:
        self.bytes = 0
        tab.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload)


def measure(side: int, cases: int) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        program = str(next(path for path in CHROMIUM if path.exists()))
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with serving(Path(folder), HARNESS) as address:
            tab = chromium.new_page(viewport={"width": 1280, "height": 720})
            tab.set_default_timeout(60_000)
            traffic = Traffic(tab)
            tab.goto(f"{address}/?side={side}&many")
            tab.locator(".cp-viewer[data-painted='0']").wait_for(state="attached")
            tab.wait_for_timeout(6000)
            before, times = traffic.bytes, []
            for number in range(1, cases + 1):
                times.append(tab.evaluate(PRESS, number))
                tab.wait_for_timeout(800)  # a reader looks, and the next pictures are fetched
            _report(times, (traffic.bytes - before) / cases, side)
        chromium.close()


def _report(times: list[float], sent: float, side: int) -> None:
    from tests.browser.viewer_cases import build_pictures  # the harness's cases, drawn here once more

    found = build_pictures(3, side, overlapping=False, heat=False)
    files = len(found.image) + len(found.layers["prediction"].png)
    print(f"load {os.getloadavg()[0]:.1f}, {len(times)} cases of {side} x {side}")
    print(
        f"key to painted: median {statistics.median(times):.0f} ms, "
        f"p95 {np.percentile(times, 95):.0f} ms, worst {max(times):.0f} ms"
    )
    print(f"bytes a case: {sent:,.0f}; image and mask as files: {files:,}; ratio {sent / files:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--cases", type=int, default=24)
    arguments = parser.parse_args()
    measure(arguments.side, arguments.cases)
