"""What every chart shares: the template, a reserved height, a file name to save under, a description."""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_CLUTTER = ["zoom", "pan", "select", "lasso2d", "zoomIn", "zoomOut", "autoScale"]


def blank(height: int) -> "Figure":
    """An empty figure in our template; the height is reserved, so that nothing below it moves."""
    from plotly.graph_objects import Figure

    return Figure(layout={"template": theme.plotly_template(), "height": height})


def show(figure: "Figure", *, key: str, file_name: str, alt: str, zoom: bool = False) -> None:
    """Draw a figure; its mode bar (on hover) saves it as SVG.

    Args:
        figure: From `blank`, so that the template is ours.
        key: `page.chart`; a stable key keeps the chart in place while its data change.
        file_name: Of the saved picture, without extension: dataset and content (`fundus_presence`).
        alt: One sentence for people who do not see the chart.
        zoom: Whether dragging zooms; a double click goes back. Off, a finger on the chart scrolls the page.
    """
    if zoom:
        figure.update_layout(dragmode="zoom")
    config = {
        "displaylogo": False,
        "scrollZoom": False,
        "doubleClick": "reset" if zoom else False,
        "modeBarButtonsToRemove": _CLUTTER if zoom else [*_CLUTTER, "resetScale"],
        "toImageButtonOptions": {"format": "svg", "filename": file_name},
    }
    st.plotly_chart(figure, width="stretch", theme=None, key=key, config=config, alt=alt)


def reference_line(figure: "Figure", value: float, label: str, *, axis: str = "x") -> None:
    """A dashed line with its name on it: a target, an optimum, the original."""
    tone = theme.palette()
    style = {"color": tone.muted, "width": 1, "dash": "dash"}
    note = {"text": label, "font": {"color": tone.muted, "size": 12}}
    draw = figure.add_vline if axis == "x" else figure.add_hline
    draw(value, line=style, annotation=note)
