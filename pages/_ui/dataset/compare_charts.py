"""Charts of two datasets side by side: a mark for each, with the interval that its share lies in."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from pages._ui import charts, theme
from pages._ui.dataset.charts import ROW_HEIGHT, plain, share_fine, short
from pages._ui.words import share

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

_AXIS_HEIGHT = 100
_APART = 0.16  # of a row: the two marks of a class do not hide each other


def presence(table: "pd.DataFrame", names: tuple[str, str]) -> "Figure":
    """Share of images that contain each class, in either dataset.

    Args:
        table: Lines of `dataset_comparison.presence_comparison`.
        names: Of the two datasets.
    """
    figure = _marks(table, "presence", names, share)
    figure.update_xaxes(range=[-2, 104], tickvals=[0, 25, 50, 75, 100], title="images with the class, %")
    return figure


def pixel_share(table: "pd.DataFrame", names: tuple[str, str]) -> "Figure":
    """Share of all pixels that belong to each class, on a logarithmic axis.

    Args:
        table: Lines of `dataset_comparison.pixel_comparison`.
        names: Of the two datasets.
    """
    figure = _marks(table, "share", names, share_fine)
    values = 100 * table[["share", "other_share"]].to_numpy(dtype=float)
    seen = values[values > 0]
    low = math.floor(math.log10(seen.min()) - 0.3) if seen.size else -1
    ticks = range(low, 3)
    figure.update_xaxes(
        type="log",
        range=[low, 2.05],
        tickvals=[10.0**power for power in ticks],
        ticktext=[f"{10.0**power:g}" for power in ticks],
        title="share of all pixels, % (logarithmic)",
    )
    return figure


def _marks(
    table: "pd.DataFrame", column: str, names: tuple[str, str], spell: Callable[[float], str]
) -> "Figure":
    """A disc for the first dataset and an open diamond for the second, one row a class, first on top."""
    from plotly.graph_objects import Scatter

    tone = theme.palette()
    rows = np.arange(len(table), dtype=float)
    figure = charts.blank(ROW_HEIGHT * max(len(table), 2) + _AXIS_HEIGHT)
    styles = (
        ("", -_APART, {"symbol": "circle", "color": tone.accent}),
        ("other_", _APART, {"symbol": "diamond-open", "color": tone.caution}),
    )
    for (before, shift, mark), name in zip(styles, names, strict=True):
        value, low, high = (
            100 * table[f"{before}{part}"].to_numpy(dtype=float) for part in (column, "low", "high")
        )
        hover = [
            f"<b>{label}</b>, {plain([name])[0]}: {spell(v / 100)}<br>"
            f"95 %: {spell(a / 100)} to {spell(b / 100)}"
            for label, v, a, b in zip(plain(table["class"]), value, low, high, strict=True)
        ]
        figure.add_trace(
            Scatter(
                x=value,
                y=rows + shift,
                name=plain([name])[0],
                mode="markers",
                marker={**mark, "size": 9, "line": {"width": 2, "color": mark["color"]}},
                error_x={
                    "type": "data",
                    "array": high - value,
                    "arrayminus": value - low,
                    "thickness": 1.5,
                    "width": 0,
                    "color": mark["color"],
                },
                hovertext=hover,
                hoverinfo="text",
                cliponaxis=False,
            )
        )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=short(table["class"]),
        range=[len(table) - 0.5, -0.5],
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"color": tone.ink},
    )
    return figure
