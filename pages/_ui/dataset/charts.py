"""The three charts of a dataset: presence, pixel share, classes that occur together."""

import html
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pages._ui import charts, theme
from pages._ui.words import count, counted, share, visible

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

ROW_HEIGHT = 30  # pixels a class
_AXIS_HEIGHT = 80
_LABEL_LENGTH = 26
_NUMBERED_CELLS = 20  # up to so many classes, the heat map writes its numbers into the cells


def presence(table: "pd.DataFrame", images: int) -> "Figure":
    """Share of images that contain each class (S1, figure 3).

    Args:
        table: Lines of `overview.class_table`.
        images: N, for the sentence on hover.
    """
    hover = [
        f"{name}: in {counted(n, 'image')} of {count(images)}, {share(p)}"
        for name, n, p in zip(plain(table["name"]), table["images"], table["presence"], strict=True)
    ]
    figure = _bars(table, 100 * table["presence"], [share(p) for p in table["presence"]], hover)
    figure.update_xaxes(range=[0, 122], tickvals=[0, 25, 50, 75, 100], title="images with the class, %")
    return figure


def pixel_share(table: "pd.DataFrame") -> "Figure":
    """Share of all pixels that belong to each class, on a logarithmic axis (S1, figure 4).

    A bar has no natural foot on such an axis, so a dot marks the value; the line only leads the eye.
    """
    from plotly.graph_objects import Scatter

    percent = 100 * table["pixel_share"].to_numpy(dtype=float)
    low, high = _decades(percent)
    text = [share_fine(p / 100) for p in percent]
    hover = [f"{name}: {words} of all pixels" for name, words in zip(plain(table["name"]), text, strict=True)]
    there = percent > 0
    foot = np.full(percent.shape, 10.0**low)
    lengths = np.where(there, percent - foot, np.nan)
    figure = _bars(table, lengths, [""] * len(table), hover, base=foot, width=0.08)
    figure.add_trace(
        Scatter(
            x=np.where(there, percent, foot),
            y=figure.data[0].y,
            mode="markers+text",
            marker={
                "color": list(table["colour"]),
                "opacity": 1,
                "size": np.where(there, 13, 0),
                "line": {"color": theme.palette().muted, "width": 1},
            },
            text=[f"  {words}" if seen else "absent" for words, seen in zip(text, there, strict=True)],
            textposition="middle right",
            hovertext=hover,
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    ticks = range(low, high + 1)
    figure.update_xaxes(
        type="log",
        range=[low, high + 0.6 * max(1, (high - low) / 4)],
        tickvals=[10.0**i for i in ticks],
        ticktext=[f"{10.0**i:g}" for i in ticks],
        title="share of all pixels, % (logarithmic)",
    )
    return figure


def share_fine(value: float) -> str:
    """A share that may be tiny: two significant digits at most.

    >>> share_fine(0.00001234), share_fine(0.5), share_fine(0.0)
    ('0.0012 %', '50 %', 'absent')
    """
    if not value > 0:
        return "absent"
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"


def cooccurrence(
    names: Sequence[str], counts: NDArray[np.int64], conditional: NDArray[np.float64], as_share: bool
) -> "Figure":
    """Images that hold both classes of a cell, or the share of the row's images that do.

    Args:
        names: The C classes.
        counts: `(C, C)` images that hold both.
        conditional: `(C, C)` P(column | row), NaN for a class that never occurs.
        as_share: Which of the two.
    """
    from plotly.graph_objects import Heatmap

    size, keys = len(names), plain(names)
    pairs = np.where(np.eye(size, dtype=bool), 0, counts)  # a common class alone would pale all pairs
    gap = 1 if size <= 40 else 0
    figure = charts.blank(max(320, min(34 * size + 150, 780)))
    figure.add_trace(
        Heatmap(
            z=100 * conditional if as_share else counts.astype(float),
            x=keys,
            y=keys,
            colorscale=theme.sequential_scale(),
            zmin=0,
            zmax=100 if as_share else max(int(pairs.max(initial=0)), 1),
            xgap=gap,
            ygap=gap,
            customdata=np.stack([counts, 100 * conditional], axis=-1),  # (C, C, 2)
            hovertemplate="%{customdata[0]:,d} images hold both<br><b>%{y}</b> and <b>%{x}</b>:<br>"
            "%{customdata[1]:.1f} % of the images with %{y}<extra></extra>",
            texttemplate="%{z:.0f}" if size <= _NUMBERED_CELLS else None,
            showscale=size > _NUMBERED_CELLS,
            colorbar={
                "title": {"text": "%" if as_share else "images", "side": "top", "font": {"size": 12}},
                "tickfont": {"size": 12, "color": theme.palette().muted},
                "thickness": 10,
                "outlinewidth": 0,
            },
        )
    )
    ticks = {"tickvals": keys, "ticktext": short(names), "showgrid": False, "ticklabelstandoff": 6}
    small = {"tickfont": {"size": 13 if size <= 40 else 9}}
    figure.update_yaxes(autorange="reversed", **ticks, **small)
    figure.update_xaxes(tickangle=-45 if size <= 40 else -90, **ticks, **small)
    return figure


def _bars(
    table: "pd.DataFrame",
    values: object,
    text: Sequence[str],
    hover: Sequence[str],
    *,
    base: object = None,
    width: float | None = None,
) -> "Figure":
    """Horizontal bars, one a class, first class on top."""
    from plotly.graph_objects import Bar

    figure = charts.blank(ROW_HEIGHT * max(len(table), 2) + _AXIS_HEIGHT)
    rows = list(range(len(table)))
    figure.add_trace(
        Bar(
            x=values,
            y=rows,
            base=base,
            width=width,
            orientation="h",
            marker={"color": list(table["colour"]), "line": {"color": theme.palette().muted, "width": 0.5}},
            text=text,
            textposition="outside",
            cliponaxis=False,
            hovertext=hover,
            hoverinfo="text",
        )
    )
    figure.update_yaxes(
        tickvals=rows,
        ticktext=short(table["name"]),
        range=[len(table) - 0.5, -0.5],
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"color": theme.palette().ink},
    )
    return figure


def _decades(percent: NDArray[np.float64]) -> tuple[int, int]:
    """Powers of ten that hold all positive values, the lower one with room below the smallest."""
    seen = percent[percent > 0]
    if not seen.size:
        return -1, 2
    return min(math.floor(math.log10(seen.min()) - 0.15), 1), 2


def short(names: Iterable[str]) -> list[str]:
    """Names that fit on an axis; the whole name is in the sentence on hover."""
    cut = (name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…" for name in names)
    return plain(cut)


def plain(names: Iterable[str]) -> list[str]:
    """Names as text: Plotly would follow HTML in them, and a dataset's names are not ours."""
    return [html.escape(visible(name), quote=False) for name in names]
