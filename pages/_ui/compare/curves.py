"""Curves of runs: vDice with names at the lines, one small chart a class, the losses.

A run keeps its tone and dash in every chart; class colours stay with the classes.
"""

import html
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.services import comparison
from core.services.comparison import VDICE
from pages._ui import charts, theme
from pages._ui.words import shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from plotly.graph_objects import Figure

    from core.services.comparison import ComparedRun
    from core.services.comparison import Figure as Kind

NAMED: Final = 8  # runs that have their names at their lines; more have a legend
_BANDS = 6  # runs whose folds are shown as bands; more would hide one another
_COLUMNS = 4
_PANEL, _GAP = 190, 46  # pixels
_LETTERS = 26
_DASHES: Final = ("solid", "dash", "dot", "dashdot")
_STEEP = 100.0  # largest loss over the smallest, from which the axis is logarithmic
_APART = 0.055  # of the axis: names nearer than this would overlap


def overview(runs: "Sequence[ComparedRun]", kind: "Kind", window: int, title: str) -> "Figure":
    """The mean over the classes, with the band of the folds and the names of the runs.

    Args:
        runs: At least one.
        kind: Which figure.
        window: Epochs of the moving average.
        title: Of the value axis.
    """
    figure = charts.blank(360)
    ends = {}
    traces: list[dict[str, Any]] = []
    for place, run in enumerate(runs):
        curve = comparison.build_curve(run, VDICE, kind, window)
        traces += _lines(run, place, curve, len(runs), "")
        known = np.flatnonzero(~np.isnan(curve.mean))
        if known.size:
            ends[place] = float(curve.mean[known[-1]])
    figure.add_traces(traces)
    top = _find_top(runs, [VDICE], kind)
    figure.update_yaxes(range=[0, 1.02 * top], title=title)
    figure.update_xaxes(_epoch_axis(runs), title="epoch")
    if len(runs) <= NAMED:
        _name_lines(figure, runs, ends, top)
    else:
        figure.update_layout(
            showlegend=True, height=360 + 12 * len(runs), legend={"y": -0.25, "yanchor": "top"}
        )
    return figure


def by_class(
    runs: "Sequence[ComparedRun]",
    names: Sequence[str],
    colours: Mapping[str, str],
    kind: "Kind",
    window: int,
) -> "Figure":
    """Small multiples, one a class, all on the same axes.

    Args:
        runs: At least one.
        names: The classes.
        colours: Display colour by class name.
        kind: Which figure.
        window: Epochs of the moving average.
    """
    columns = min(_COLUMNS, max(1, len(names)))
    rows = math.ceil(len(names) / columns)
    figure = charts.blank(rows * (_PANEL + _GAP) + 30)
    width, height = 1 / columns, 1 / rows
    top_value = _find_top(runs, names, kind)
    layout: dict[str, Any] = {"annotations": []}
    traces: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        axis = "" if place == 0 else str(place + 1)
        row, column = divmod(place, columns)
        left, top = column * width, 1 - row * height
        span = [left + 0.035, left + width - 0.01]
        layout[f"xaxis{axis}"] = {
            "domain": span,
            "anchor": f"y{axis}",
            **_epoch_axis(runs, ticks=3),
        }
        layout[f"yaxis{axis}"] = {
            "domain": [max(0.0, top - height * _PANEL / (_PANEL + _GAP)), top - height * 0.12],
            "anchor": f"x{axis}",
            "range": [0, 1.02 * top_value],
            "tickvals": [0, top_value / 2, top_value],
            "automargin": False,
            "showticklabels": column == 0,
        }
        layout["annotations"].append(_class_title(name, colours, span[0], top))
        for number, run in enumerate(runs):
            curve = comparison.build_curve(run, name, kind, window)
            traces += _lines(run, number, curve, len(runs), axis)
    figure.update_layout(layout)
    figure.add_traces(traces)
    return figure


def losses(runs: "Sequence[ComparedRun]") -> "Figure":
    """Loss on the held-out part (thick) and, of a few runs, on the training part; means over the folds."""
    figure = charts.blank(300)
    traces: list[dict[str, Any]] = []
    for place, run in enumerate(runs):
        train, held_out = comparison.build_loss_curves(run)
        parts = [(train, 1.2, "training"), (held_out, 2.4, "held out")]
        for values, width, part in parts if len(runs) <= NAMED else parts[1:]:
            traces.append(
                _trace(values, place, run.title, width, f"{run.title}, {part}") | {"showlegend": width > 2}
            )
    figure.add_traces(traces)
    figure.update_xaxes(_epoch_axis(runs), title="epoch")
    figure.update_yaxes(_loss_axis(traces), title=_name_loss(runs))
    figure.update_layout(showlegend=len(runs) > 1, legend={"y": -0.3, "yanchor": "top"})
    return figure


def _name_loss(runs: "Sequence[ComparedRun]") -> str:
    return "loss · thin: training, thick: held out" if len(runs) <= NAMED else "loss on the held-out part"


def style(place: int) -> tuple[str, str]:
    """Tone and dash of the run at a place of the choice."""
    tone = theme.palette()
    tones = (tone.accent, tone.caution, tone.ink, tone.muted)
    return tones[place % len(tones)], _DASHES[(place + place // len(tones)) % len(_DASHES)]


def _lines(run: "ComparedRun", place: int, curve: Any, runs: int, axis: str) -> list[dict[str, Any]]:
    """The band of the folds, where there are several, and the mean."""
    label = VDICE if curve.name == VDICE else html.escape(curve.name)
    traces = []
    if curve.folds.shape[0] > 1 and runs <= _BANDS:
        tone, _dash = style(place)
        epochs = np.arange(1, curve.mean.size + 1)
        traces.append(
            {
                "type": "scatter",
                "x": np.concatenate([epochs, epochs[::-1]]),
                "y": np.concatenate([curve.high, curve.low[::-1]]),
                "fill": "toself",
                "fillcolor": _faint(tone),
                "line": {"width": 0},
                "mode": "lines",
                "hoverinfo": "skip",
                "showlegend": False,
                "xaxis": f"x{axis}",
                "yaxis": f"y{axis}",
            }
        )
    line = _trace(curve.mean, place, run.title, 2.0, f"{run.title} · {label}")
    traces.append(line | {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": not axis})
    return traces


def _trace(values: "NDArray[np.float64]", place: int, name: str, width: float, said: str) -> dict[str, Any]:
    tone, dash = style(place)
    return {
        "type": "scatter",
        "x0": 1,  # epochs count from 1; an array of them for each line would double the page
        "y": values,
        "name": html.escape(shortened(name, _LETTERS)),
        "mode": "lines+markers" if values.size < 3 else "lines",
        "line": {"color": tone, "dash": dash, "width": width},
        "hovertemplate": f"{html.escape(said)}<br>epoch %{{x}}: %{{y:.3f}}<extra></extra>",
    }


def _faint(colour: str) -> str:
    """A colour of `#rrggbb` at a seventh of its strength."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"


def _epoch_axis(runs: "Sequence[ComparedRun]", ticks: int = 10) -> dict[str, Any]:
    """The axis is fixed while runs are at work: all epochs that were asked for; ticks on whole ones."""
    last = max((run.request.recipe.epochs for run in runs), default=1)
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    apart = next((step for step in steps if last / step <= ticks), last)
    return {"range": [0.5, last + 0.5], "tick0": 0 if apart > 1 else 1, "dtick": apart}


def _find_top(runs: "Sequence[ComparedRun]", names: Sequence[str], kind: "Kind") -> float:
    """Where a value axis ends: 1, or less where every value is far below; steps, so that it seldom jumps."""
    stacks = (run.stacked.get((kind, name)) for run in runs for name in names)
    seen = [float(np.nanmax(stack, initial=0.0)) for stack in stacks if stack is not None]
    greatest = max(seen, default=1.0)
    return next(top for top in (0.05, 0.1, 0.2, 0.5, 1.0) if greatest <= top)


def _loss_axis(traces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """From 0; logarithmic where the largest loss would flatten all others."""
    every = np.concatenate([trace["y"] for trace in traces])
    seen = every[every > 0]
    if seen.size and seen.max() > _STEEP * seen.min():
        return {"type": "log", "dtick": 1}
    return {"rangemode": "tozero"}


def _name_lines(
    figure: "Figure", runs: "Sequence[ComparedRun]", ends: Mapping[int, float], top: float
) -> None:
    """Each run's name beside the end of its line; names that would overlap move apart."""
    placed = -1.0
    for place, value in sorted(ends.items(), key=lambda item: item[1]):
        placed = max(value, placed + _APART * top)
        tone, dash = style(place)
        sign = {"solid": "—", "dash": "- -", "dot": "···", "dashdot": "-·-"}[dash]
        figure.add_annotation(
            x=1.005,
            xref="paper",
            xanchor="left",
            y=placed,
            text=f"{sign} {html.escape(shortened(runs[place].title, _LETTERS))}",
            showarrow=False,
            font={"color": tone, "size": 12},
        )
    figure.update_layout(margin={"r": 190})


def _class_title(name: str, colours: Mapping[str, str], left: float, top: float) -> dict[str, Any]:
    square = f'<span style="color:{colours.get(name, theme.palette().muted)}">■</span>'
    return {
        "text": f"{square} {html.escape(shortened(name, _LETTERS))}",
        "x": left,
        "y": top,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 13},
    }
