"""The live pictures: what the browser is told of the descent, and its requests for more.

Plotly in a timed fragment blanks a chart for a frame now and then, and costs the server more (see "Live page"
in benchmarks/README.md); so the pictures are SVG, drawn by an in-house component that asks for states as fast
as it draws them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages._ui import balance_words, messages
from pages._ui.balance_desk import Desk, Frame
from pages._ui.entry import ROOT
from pages._ui.words import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURES = "balance.pictures"
_MOST_POINTS = 600
_MOST_CLASSES = 20
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
    live, shown = desk.live, _shown_classes(desk)
    hidden = len(desk.table.class_names) - len(shown)
    return {
        "running": desk.running,
        "batch": desk.batch,
        "changes": desk.changes,
        "file": f"{desk.dataset_id}_balance",
        "line": _line(desk),
        "frames": [_frame(frame, shown) for frame in desk.frames],
        "curve": _curve(desk),
        "axes": {"steps": live.spec.descent.steps, "low": desk.low, "high": desk.high},
        "marks": merge_marks([(mark.step, mark.text) for mark in live.marks]),
        "classes": [_class(desk, i) for i in shown],
        "more": f"{counted(hidden, 'more class', 'more classes')} with a target nearer to the original."
        if hidden
        else "",
        "colours": desk.colours,
        "groups": _groups(desk),
        "numbers": _numbers(desk),
        "note": _note(desk),
    }


def _line(desk: Desk) -> str:
    table = desk.table
    return " · ".join(
        [
            counted(len(table.sample_ids), "image"),
            counted(len(table.class_names), "class", "classes"),
            counted(len(table.vectors), "combination"),
        ]
    )


def _frame(frame: Frame, shown: list[int]) -> dict[str, Any]:
    return {
        "step": frame.step,
        "words": balance_words.gap(frame.gap),
        "shares": [round(frame.shares[i], 5) for i in shown],
        "all": [round(value, 5) for value in frame.shares],
    }


def _class(desk: Desk, position: int) -> dict[str, Any]:
    item = desk.live.spec.targets[position]
    return {
        "name": item.name,
        "colour": desk.colours[position],
        "original": round(float(desk.original[position]), 5),
        "target": round(item.share, 5),
    }


def _numbers(desk: Desk) -> list[dict[str, str]]:
    now = desk.live.continuous
    targets = np.array([item.share for item in desk.live.spec.targets])
    worst = float(np.abs(now.shares - targets).max(initial=0.0))
    return balance_words.numbers(desk.whole, now.ess, len(desk.table.sample_ids), worst)


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


def _shown_classes(desk: Desk) -> list[int]:
    """All classes, or those whose target is furthest from the original; in the dataset's order."""
    targets = np.array([item.share for item in desk.live.spec.targets])
    distance = np.abs(targets - desk.original)
    return np.sort(np.argsort(-distance, kind="stable")[:_MOST_CLASSES]).tolist()


def _groups(desk: Desk) -> list[dict[str, Any]]:
    """The combinations that weigh most, before or at the optimum; their order stays while running."""
    table = desk.table
    images = table.multiplicities
    weight = np.maximum(images / max(images.sum(), 1), desk.live.optimum.weights)
    chosen = np.argsort(-weight, kind="stable")[:_MOST_GROUPS]
    names = np.array(table.class_names, dtype=object)
    return [
        {
            "name": " + ".join(names[table.vectors[i].astype(bool)]) or "no class",
            "holds": table.vectors[i].tolist() if len(names) <= _MOST_CLASSES else [],
            "images": int(images[i]),
            "copies": int(desk.whole.group_copies[i]),
        }
        for i in chosen[np.argsort(-images[chosen], kind="stable")]
    ]


def _note(desk: Desk) -> str:
    hidden = len(desk.table.vectors) - _MOST_GROUPS
    sentences = [f"{counted(hidden, 'more combination')} in the table below."] * (hidden > 0)
    sentences += ["While the descent runs, the whole copies are those of its last rest."] * desk.whole_is_old
    return " ".join(sentences)
