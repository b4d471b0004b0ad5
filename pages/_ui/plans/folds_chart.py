"""How evenly each class is spread over the folds, as one row of dots a class."""

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.services.splits import DatasetSplit
from pages._ui import charts, theme
from pages._ui.words import count, counted, share, shortened

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

_MOST_CLASSES = 20
_ROW, _MARGIN = 30, 80  # pixels
_LONGEST = 26


def shares(found: DatasetSplit, colours: Mapping[str, str]) -> "Figure":
    """One dot a fold and class at the class's share of the test part; a line marks the share of all images.

    The classes that are spread least evenly are drawn, in the dataset's order.

    Args:
        found: The folds.
        colours: Display colour by class name.
    """
    from plotly.graph_objects import Scatter

    split = found.split
    uneven = np.argsort(-np.nan_to_num(split.deviations, nan=-1.0), kind="stable")[:_MOST_CLASSES]
    places = np.sort(uneven).tolist()
    rows = [html.escape(shortened(split.class_names[place], _LONGEST)) for place in places]
    figure = charts.blank(_MARGIN + _ROW * max(len(places), 3))
    overall = 100 * split.class_counts.sum(axis=0) / max(int(split.sizes.sum()), 1)
    style = {"symbol": "line-ns-open", "size": 18, "color": theme.palette().muted, "line": {"width": 2}}
    figure.add_trace(
        Scatter(
            x=overall[places],
            y=list(range(len(places))),
            mode="markers",
            marker=style,
            hovertext=[
                f"{row}: {share(overall[p] / 100)} of all images" for row, p in zip(rows, places, strict=True)
            ],
            hoverinfo="text",
        )
    )
    for row, place in enumerate(places):
        name = split.class_names[place]
        figure.add_trace(_dots(found, row, place, rows[row], colours.get(name, theme.palette().accent)))
    figure.update_xaxes(
        range=[-3, 103], title="test images with the class, % · dot: a fold, line: all images"
    )
    figure.update_yaxes(
        tickvals=list(range(len(places))), ticktext=rows, range=[len(places) - 0.5, -0.5], showgrid=False
    )
    return figure


def _dots(found: DatasetSplit, row: int, place: int, name: str, colour: str) -> "Scatter":
    """One class: dots that fall together are seen through one another, and each says its fold."""
    from plotly.graph_objects import Scatter

    counts, sizes = found.split.class_counts[:, place], found.split.sizes
    return Scatter(
        x=100 * counts / np.maximum(sizes, 1),
        y=np.full(sizes.size, row),
        mode="markers",
        marker={
            "size": 12,
            "color": colour,
            "opacity": 0.65,
            "line": {"width": 1, "color": theme.palette().ink},
        },
        hovertext=[
            f"{name}, fold {fold + 1}: in {counted(int(images), 'image')} of {count(int(size))}, "
            f"{share(images / max(size, 1))}"
            for fold, (images, size) in enumerate(zip(counts.tolist(), sizes.tolist(), strict=True))
        ],
        hoverinfo="text",
        cliponaxis=False,
    )
