"""The small curves of a run at work, as SVG: drawn anew every second, they must never blink.

Plotly in a timed fragment does (see "Live page" in benchmarks/README.md). The Compare page has the same
curves to zoom and save.
"""

import base64
import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.services.training import WatchedRun
from pages._ui import theme
from pages._ui.words import figure

_WIDTH, _HEIGHT = 300, 160  # of the drawing; it is scaled to its column
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 26, 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a small chart: `(epoch, value)`, how it is drawn, and its name at the end."""

    points: tuple[tuple[int, float], ...]
    colour: str
    dashed: bool = False
    faint: bool = False
    name: str = ""


def draw(seen: WatchedRun) -> str:
    """Loss and vDice of the latest fold over its epochs, earlier folds faint; pictures in a row, as HTML."""
    epochs = seen.run.request.recipe.epochs
    folds = sorted({record.fold for record in seen.history.epochs})
    tone = theme.palette()
    loss, dice = [], []
    for fold in folds:
        records, last = seen.history.of_fold(fold), fold == folds[-1]
        colour, other = (tone.accent, tone.caution) if last else (tone.muted, tone.muted)
        train, held_out, mean = (
            _points([(record.epoch, value) for record, value in zip(records, values, strict=True)])
            for values in (
                [record.train.loss for record in records],
                [record.validation.loss for record in records],
                [record.validation.vdice for record in records],
            )
        )
        loss.append(Line(train, colour, faint=not last, name="training" * last))
        loss.append(Line(held_out, other, faint=not last, dashed=True, name="held out" * last))
        dice.append(Line(mean, colour, faint=not last))
    top = max((value for line in loss for _, value in line.points), default=1.0)
    fold = f", fold {folds[-1]}" if seen.run.request.split.folds and folds else ""
    charts = _chart(f"Loss{fold}", loss, epochs, _round_up(top)) + _chart(
        f"vDice, held out{fold}", dice, epochs, 1.0
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:1rem">{charts}</div>'


def _points(pairs: Sequence[tuple[int, float | None]]) -> tuple[tuple[int, float], ...]:
    return tuple((epoch, value) for epoch, value in pairs if value is not None and math.isfinite(value))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten.

    >>> _round_up(0.31), _round_up(1.0), _round_up(7.2)
    (0.5, 1.0, 10.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9))


def _chart(title: str, lines: Sequence[Line], epochs: int, top: float) -> str:
    """A chart with fixed axes: epochs 1 to the last, values 0 to `top`."""
    tone = theme.palette()

    def across(epoch: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ((epoch - 1) / (epochs - 1) if epochs > 1 else 0.5)

    def up(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(max(value / top, 0.0), 1.0)

    parts = [_text(_LEFT, 14, title, tone.ink, "start")]
    for value in (0.0, top / 2, top):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}" '
            f'stroke="{tone.line}"/>'
        )
        parts.append(_text(_LEFT - 6, up(value) + 4, figure(value), tone.muted, "end"))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    marks = [(1, "1"), (epochs, f"{epochs}")] if epochs > 1 else []
    parts += [_text(across(epoch), _HEIGHT - 12, said, tone.muted, "middle") for epoch, said in marks]
    parts.append(_text(middle, _HEIGHT - 12, "epoch" if epochs > 1 else "epoch 1", tone.muted, "middle"))
    names = 0
    for line in lines:
        parts.append(_polyline([(across(epoch), up(value)) for epoch, value in line.points], line))
        if line.name:
            place = _WIDTH - _RIGHT - 72 * names
            parts.append(_text(place, 14, ("┄ " if line.dashed else "— ") + line.name, line.colour, "end"))
            names += 1
    label = html.escape(f"{title} over {epochs} epochs")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="{html.escape(theme.FONT)}" font-size="12">{"".join(parts)}</svg>'
    )
    picture = base64.b64encode(svg.encode()).decode()  # Streamlit takes SVG elements out of HTML
    return (
        f'<img alt="{label}" src="data:image/svg+xml;base64,{picture}" width="{_WIDTH}" height="{_HEIGHT}" '
        'style="flex:1 1 16rem;max-width:34rem;min-width:0;height:auto">'
    )


def _polyline(points: Sequence[tuple[float, float]], line: Line) -> str:
    if not points:
        return ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = ' stroke-dasharray="5 3"' if line.dashed else ""
    x, y = points[-1]
    return (
        f'<g opacity="{0.35 if line.faint else 1}"><polyline points="{path}" fill="none" '
        f'stroke="{line.colour}" stroke-width="2"{dash}/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/></g>'
    )


def _text(x: float, y: float, text: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{html.escape(text)}</text>'
