"""Charts of how large images and regions are, and how bright."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pages._ui import charts, theme
from pages._ui.dataset.charts import ROW_HEIGHT, plain, share_fine, short
from pages._ui.words import count, counted, figure, share

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from core.services.distributions import PixelKind

_AXIS_HEIGHT = 80
_SIZES_HEIGHT = 360
_DISC, _LARGEST_DISC = 9, 42  # pixels across: of one image, and at most
_LEVELS_HEIGHT = 320
_DASHES = ("solid", "dash", "dot", "dashdot")


def sizes(table: "pd.DataFrame") -> "Figure":
    """Width against height, a disc as large as the number of images of that size.

    Args:
        table: Lines of `distributions.size_table`.
    """
    from plotly.graph_objects import Scatter

    tone = theme.palette()
    figure_ = charts.blank(_SIZES_HEIGHT)
    most = _DISC * math.sqrt(table["images"].max())
    figure_.add_trace(
        Scatter(
            x=table["width"],
            y=table["height"],
            mode="markers",
            marker={
                "size": np.clip(_DISC * np.sqrt(table["images"]) * min(1, _LARGEST_DISC / most), 6, None),
                "color": tone.accent,
                "opacity": 0.55,
                "line": {"color": tone.ground, "width": 1},
            },
            hovertext=[
                f"{count(line.width)} × {count(line.height)} pixels: {counted(line.images, 'image')}, "
                f"{share(line.share)}"
                for line in table.itertuples()
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure_.update_xaxes(title="width, pixels", range=_padded(table["width"]))
    figure_.update_yaxes(title="height, pixels", range=_padded(table["height"]))
    return figure_


def regions(table: "pd.DataFrame") -> "Figure":
    """Share of an image that a class covers, over the images that hold it, on a logarithmic axis.

    The bar holds the middle half of the images, the line nine tenths, the mark is the median.

    Args:
        table: Lines of `distributions.region_table` whose class occurs.
    """
    from plotly.graph_objects import Bar, Scatter

    tone = theme.palette()
    percent = {
        name: 100 * table[name].to_numpy(dtype=float) for name in ("p5", "p25", "median", "p75", "p95")
    }
    rows = list(range(len(table)))
    hover = [_region_sentence(line) for line in table.itertuples()]
    figure_ = charts.blank(ROW_HEIGHT * max(len(table), 2) + _AXIS_HEIGHT)
    spans = (("p5", "p95", 0.05, [tone.muted] * len(table)), ("p25", "p75", 0.5, list(table["colour"])))
    for low, high, width, colours in spans:
        figure_.add_trace(
            Bar(
                x=percent[high] - percent[low],
                base=percent[low],
                y=rows,
                width=width,
                orientation="h",
                marker={"color": colours, "line": {"color": tone.muted, "width": 0.5}},
                hovertext=hover,
                hoverinfo="text",
            )
        )
    figure_.add_trace(
        Scatter(
            x=percent["median"],
            y=rows,
            mode="markers",
            marker={"symbol": "line-ns", "size": 11, "line": {"color": tone.ink, "width": 2.5}},
            hovertext=hover,
            hoverinfo="text",
        )
    )
    figure_.add_trace(
        Scatter(
            x=percent["p95"],
            y=rows,
            mode="text",
            text=[f"  {share_fine(value / 100)}" for value in percent["median"]],
            textposition="middle right",
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    _label_share_axis(figure_, *_decades(percent["p5"], percent["p95"]))
    figure_.update_layout(barmode="overlay")
    _label_rows(figure_, short(table["name"]), tone.ink)
    return figure_


def _label_rows(figure_: "Figure", names: Sequence[str], ink: str) -> None:
    """A name a row, the first on top."""
    figure_.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"color": ink},
    )


def _label_share_axis(figure_: "Figure", first: int, last: int) -> None:
    """Whole powers of ten from one to the other, as plain per cent."""
    ticks = range(first, last + 1)
    figure_.update_xaxes(
        type="log",
        range=[first, last + 0.12 * (last - first)],
        tickvals=[10.0**power for power in ticks],
        ticktext=[f"{10.0**power:g}" for power in ticks],
        title="share of an image that holds the class, % (logarithmic)",
    )


def levels(kind: "PixelKind", unit: str) -> "Figure":
    """How often each grey value occurs, a line a channel.

    Args:
        kind: Images of one pixel type.
        unit: What the values are.
    """
    from plotly.graph_objects import Scatter

    tone = theme.palette()
    colours = (tone.ink, tone.accent, tone.caution, tone.muted)
    figure_ = charts.blank(_LEVELS_HEIGHT)
    edges = np.linspace(kind.low, kind.high, len(kind.channels[0].counts) + 1)
    for place, channel in enumerate(kind.channels):
        counts = np.array(channel.counts, dtype=float)
        percent = 100 * counts / max(counts.sum(), 1)
        figure_.add_trace(
            Scatter(
                x=edges,
                y=[*percent, percent[-1]],  # the last step needs its end
                name=channel.name,
                mode="lines",
                line={
                    "shape": "hv",
                    "width": 2,
                    "dash": _DASHES[place % len(_DASHES)],
                    "color": colours[place % len(colours)],
                },
                hovertext=[
                    f"{plain([channel.name])[0]}: {value:.2g} % of the pixels lie from {figure(low)} to "
                    f"{figure(high)}"
                    for value, low, high in zip(percent, edges, edges[1:], strict=False)
                ],
                hoverinfo="text",
            )
        )
    figure_.update_layout(showlegend=len(kind.channels) > 1)
    figure_.update_xaxes(title=unit, range=[kind.low, kind.high])
    figure_.update_yaxes(title="pixels, %", rangemode="tozero")
    return figure_


def _region_sentence(line: Any) -> str:
    name = plain([line.name])[0]
    return (
        f"<b>{name}</b>, in {counted(line.images, 'image')}:<br>"
        f"median {share_fine(line.median)} of the image, half of them {share_fine(line.p25)} to "
        f"{share_fine(line.p75)},<br>nine tenths {share_fine(line.p5)} to {share_fine(line.p95)}, "
        f"all {share_fine(line.smallest)} to {share_fine(line.largest)}"
    )


def _padded(values: "pd.Series[int]") -> list[float]:
    low, high = float(values.min()), float(values.max())
    room = max(0.08 * (high - low), 0.04 * high)
    return [max(low - room, 0), high + room]


def _decades(lows: np.ndarray, highs: np.ndarray) -> tuple[int, int]:
    low = math.floor(math.log10(lows.min()))
    return low, max(math.ceil(math.log10(highs.max())), low + 1)
