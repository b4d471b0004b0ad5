"""The live pictures: what the browser is told of the descent, and its requests for more.

Plotly in a timed fragment blanks a chart for a frame now and then, and costs the server more (see "Live page"
in benchmarks/README.md); so the pictures are SVG, drawn by an in-house component that asks for states as fast
as it draws them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.services import balance
from pages._ui import messages
from pages._ui.balance import words
from pages._ui.balance.columns import IMAGES_TITLE, PIXELS_TITLE
from pages._ui.balance.desk import Desk, Frame
from pages._ui.entry import ROOT
from pages._ui.words import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURES = "balance.pictures"
_MOST_POINTS = 600
_MOST_CLASSES = 200  # bars of one panel, which scrolls
_SEEN_CLASSES = 20  # of them without scrolling
_MOST_SQUARES = 20  # classes that have a square each in a combination
_MOST_GROUPS = 10
_MOST_FRAMES = 12
_SAME_DRAG = 60  # steps within which changes of one target are one mark
_ASSETS = ROOT / "assets" / "balance"


def _read(*names: str) -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "counterpoise.balance_live",
    html=_read("live.html"),
    css=_read("live.css"),
    js=_read("words.js", "svg.js", "curve.js", "bars.js", "groups.js", "live.js"),
)


@messages.guarded()
def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The pictures; `refresh` draws the rest of the page anew once the descent rests."""

    def answer() -> None:
        asked = st.session_state[PICTURES].get("frame") or {}
        if desk.running:
            desk.advance(max(1, min(int(asked.get("frames", 1)), _MOST_FRAMES)))
        desk.asked_for = desk.running
        refresh()

    desk.asked_for = desk.running
    _component(key=PICTURES, data=describe(desk), on_frame_change=answer)


def describe(desk: Desk) -> dict[str, Any]:
    """Everything that the component draws, as JSON."""
    live = desk.live
    return {
        "running": desk.running,
        "batch": desk.batch,
        "changes": desk.changes,
        "file": f"{desk.dataset_id}_balance",
        "line": _line(desk),
        "frames": [_frame(frame) for frame in desk.frames],
        "curve": _curve(desk),
        "axes": {"steps": live.spec.descent.steps, "low": desk.low, "high": desk.high},
        "marks": merge_marks([(mark.step, mark.text) for mark in live.marks]),
        "panels": _panels(desk),
        "colours": [column.colour for column in desk.columns[: len(desk.labels.class_names)]],
        "groups": _groups(desk),
        "numbers": _numbers(desk),
        "note": _note(desk),
    }


def _line(desk: Desk) -> str:
    table = desk.labels
    return " · ".join(
        [
            counted(len(table.sample_ids), "image"),
            counted(len(table.class_names), "class", "classes"),
            counted(len(table.vectors), "combination"),
        ]
    )


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "step": frame.step,
        "words": words.gap(frame.gap),
        "shares": [round(value, 7) for value in frame.shares],
    }


def _panels(desk: Desk) -> list[dict[str, Any]]:
    """One picture of bars for images, one for pixels: the two are never on one axis."""
    titles = {False: IMAGES_TITLE, True: PIXELS_TITLE}
    kinds = sorted({column.of_pixels for column in desk.columns})
    return [_panel(desk, titles[of_pixels], of_pixels) for of_pixels in kinds]


def _panel(desk: Desk, title: str, of_pixels: bool) -> dict[str, Any]:
    places = [i for i, column in enumerate(desk.columns) if column.of_pixels == of_pixels]
    shown, hidden = _choose_classes(desk, places), len(places) - _MOST_CLASSES
    most = max(
        (max(desk.original[i], desk.targets[i], desk.live.optimum.shares[i]) for i in shown), default=1.0
    )
    more = f"{counted(len(shown), 'class', 'classes')}; scroll to see them all." * (
        len(shown) > _SEEN_CLASSES
    )
    if hidden > 0:
        more += f" {counted(hidden, 'more class', 'more classes')} with a target nearer to the original."
    return {
        "title": title,
        "of_pixels": of_pixels,
        "top": min(1.0, 1.15 * float(most)) or 1.0,
        "classes": [_class(desk, i) for i in shown],
        "more": more,
    }


def _class(desk: Desk, position: int) -> dict[str, Any]:
    column = desk.columns[position]
    return {
        "index": position,
        "name": column.name,
        "colour": column.colour,
        "original": round(column.original, 7),
        "target": round(float(desk.targets[position]), 7),
    }


def _numbers(desk: Desk) -> list[dict[str, str]]:
    now, off = desk.live.continuous, np.abs(desk.live.continuous.shares - desk.targets)
    of_pixels = np.array([column.of_pixels for column in desk.columns])
    worst = [float(off[part].max()) if part.any() else None for part in (~of_pixels, of_pixels)]
    return words.numbers(desk.whole, now.ess, len(desk.table.sample_ids), *worst)


def merge_marks(marks: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """Marks as they are drawn: a drag of one slider is one mark, changes before the first step are none.

    >>> merge_marks([(0, "a → 1.0 %"), (8, "a → 2.0 %"), (12, "a → 3.0 %"), (12, "γ 0.1")])
    [{'step': 12, 'text': 'a → 3.0 %'}, {'step': 12, 'text': 'γ 0.1'}]
    """
    merged: list[dict[str, Any]] = []
    for step, text in marks:
        if step == 0:
            continue
        subject = text.rsplit(" ", 2)[0]
        last = merged[-1] if merged else None
        if last and last["text"].rsplit(" ", 2)[0] == subject and step - last["step"] <= _SAME_DRAG:
            merged[-1] = {"step": step, "text": text}
        else:
            merged.append({"step": step, "text": text})
    return merged


def _curve(desk: Desk) -> dict[str, list[Any]]:
    """The history as log10, every n-th point where there are too many; null below the axis."""
    history = desk.live.history
    stride = 1 << max(0, int(np.ceil(np.log2(max(len(history.step), 1) / _MOST_POINTS))))
    start = max(int((history.step == 0).sum()) - 1, 0)  # what was tried before the first step is no descent
    keep = np.unique(np.append(np.arange(start, len(history.step), stride), len(history.step) - 1))
    curves = {
        "objective": history.objective,
        "distance": history.distance,
        "penalty": history.penalty,
        "optimum": history.optimum,
    }
    return {"step": history.step[keep].tolist()} | {
        name: _logarithms(values[keep], 10.0**desk.low) for name, values in curves.items()
    }


def _logarithms(values: "NDArray[np.float64]", least: float) -> list[float | None]:
    logs = np.round(np.log10(np.maximum(values, least)), 4).tolist()
    return [log if value >= least else None for value, log in zip(values, logs, strict=True)]


def _choose_classes(desk: Desk, places: list[int]) -> list[int]:
    """All of these columns, or those whose target is furthest from the original; in the dataset's order."""
    distance = np.abs(desk.targets - desk.original)[places]
    return np.sort(np.array(places)[np.argsort(-distance, kind="stable")[:_MOST_CLASSES]]).tolist()


def _groups(desk: Desk) -> list[dict[str, Any]]:
    """The combinations that weigh most, before or at the optimum; their order stays while running."""
    table = desk.labels
    images = table.multiplicities
    weight = np.maximum(images / max(images.sum(), 1), _weigh_groups(desk))
    chosen = np.argsort(-weight, kind="stable")[:_MOST_GROUPS]
    names = np.array(table.class_names, dtype=object)
    copies = balance.count_copies(table, desk.whole.copies)
    return [
        {
            "name": " + ".join(names[table.vectors[i].astype(bool)]) or "no class",
            "holds": table.vectors[i].tolist() if len(names) <= _MOST_SQUARES else [],
            "images": int(images[i]),
            "copies": int(copies[i]),
        }
        for i in chosen[np.argsort(-images[chosen], kind="stable")]
    ]


def _weigh_groups(desk: Desk) -> "NDArray[np.float64]":
    """`(K,)` share of each combination of classes at the optimum, whatever the rows that are balanced."""
    rows, weights = desk.table, desk.live.optimum.weights
    if rows is desk.labels:
        return weights
    each = weights[rows.row_of_sample] / rows.multiplicities[rows.row_of_sample]
    return np.bincount(desk.labels.row_of_sample, weights=each, minlength=len(desk.labels.vectors))


def _note(desk: Desk) -> str:
    hidden = len(desk.labels.vectors) - _MOST_GROUPS
    sentences = [f"{counted(hidden, 'more combination')} in the table below."] * (hidden > 0)
    sentences += ["While the descent runs, the whole copies are those of its last rest."] * desk.whole_is_old
    return " ".join(sentences)
