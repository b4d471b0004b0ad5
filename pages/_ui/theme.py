"""Colours of the running theme, for whatever Streamlit does not colour itself: charts above all."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.classes import ClassSpec, class_colours

if TYPE_CHECKING:  # Plotly takes a third of a second to import: only a page with a chart pays for it
    from plotly.graph_objects import layout

FONT = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """The neutral colours and the accent of one theme; the same values as in `.streamlit/config.toml`."""

    ground: str
    raised: str
    ink: str
    muted: str
    line: str
    accent: str
    caution: str


LIGHT = Palette("#FFFFFF", "#F2F5F6", "#1B2730", "#5A6872", "#E2E7EA", "#0B6572", "#A04A00")
DARK = Palette("#12181D", "#1C252C", "#E4EAED", "#9DABB4", "#2B363E", "#6CC5D2", "#F0A860")


def is_dark() -> bool:
    """Whether the browser shows the dark theme now."""
    return st.context.theme.type == "dark"


def palette() -> Palette:
    """The colours of the theme that the browser shows now."""
    return DARK if is_dark() else LIGHT


def colours_by_name(classes: Sequence[ClassSpec]) -> dict[str, str]:
    """Display colour of each class by its name, the same on every page."""
    return {item.name: colour for item, colour in zip(classes, class_colours(classes), strict=True)}


def swatch(colour: str) -> str:
    """A small square of one colour as a data address, for tables and legends."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="14" height="14"><rect x="1" y="1" width="12" '
        f'height="12" rx="2.5" fill="{colour}" stroke="#8A8F98" stroke-width="1"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def sequential_scale() -> list[tuple[float, str]]:
    """Ground to accent, for heat maps: the more, the further from the ground, in either theme."""
    if is_dark():
        return [(0.0, "#1A242B"), (0.35, "#1C4B57"), (0.7, "#3090A0"), (1.0, "#A6E3EC")]
    return [(0.0, "#F4F7F8"), (0.35, "#A9CFD6"), (0.7, "#3A8B98"), (1.0, "#063F49")]


def plotly_template() -> "layout.Template":
    """The one Plotly template: no ground of its own, quiet grid, our type, room for long class names."""
    from plotly.graph_objects import layout

    tone = palette()
    axis = {
        "gridcolor": tone.line,
        "linecolor": tone.line,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        "tickfont": {"color": tone.muted, "size": 13},
        "title": {"font": {"color": tone.muted, "size": 13}, "standoff": 8},
    }
    return layout.Template(
        layout={
            "font": {"family": FONT, "color": tone.ink, "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 12, "t": 28, "b": 8},  # the mode bar has the top
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": tone.muted, "activecolor": tone.accent},
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
            "hoverlabel": {
                "bgcolor": tone.raised,
                "bordercolor": tone.line,
                "font": {"color": tone.ink, "family": FONT, "size": 13},
                "align": "left",
            },
            "bargap": 0.35,
            "dragmode": False,
            "uirevision": "keep",
        }
    )
