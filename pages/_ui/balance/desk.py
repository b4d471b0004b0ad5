"""What lies on the desk of one browser session: the rows to balance, and the descent that is watched."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.balance import BalanceSpec, ClassTarget, Quantity
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.services import balance, datasets
from pages._ui import cache, state
from pages._ui.balance.columns import Column, describe_columns

STEPS_A_FRAME = 2
_LONGEST_BATCH = 0.3  # seconds of descent between two answers to the browser
_DECADES = 6.0  # the most that the log axis spans
_NOTHING = 1e-12  # an objective below it is zero but for rounding
_QUICK_REACH = 200  # classes up to which reachability is found while a slider moves,
_QUICK_CELLS = 400_000  # and rows × columns
_SLOW_WHOLE = 0.06  # seconds: whole copies that take longer are counted only when the descent rests


@dataclass(frozen=True, slots=True)
class Frame:
    """One state of the descent to draw: the step, its gap, and `(C,)` shares in [0, 1]."""

    step: int
    gap: float
    shares: list[float]


@dataclass
class Desk:
    """The descent with what only the page needs to know of it.

    Attributes:
        labels: The label vectors; what copies per combination are counted by, whatever is balanced.
        live: The descent.
        table: The rows that are balanced: the label vectors, or one row of pixel shares an image.
        columns: What each column of `table` is; a target belongs to each.
        started: Whether a person wants it to run; once it is over, a changed setting makes it go on.
        per_frame: Steps of the descent between two drawn states.
        frames: The states that the browser has not drawn yet, at least the present one.
        asked_for: Whether the browser was told that it runs, and so asks for more by itself.
        batch: Counts the lots of frames, so that the browser draws each once.
        changes: Counts what a hand did, so that the browser shows it without delay.
        faults: Group of settings → the sentence why its last change was refused.
        refused: Position of a class, as text → what was asked for it and refused.
        heard: The browser's number of the last change of T that has been dealt with.
        revision: Rises when T is set from elsewhere than the editor, which then lets go of what it holds.
        low: Lower end of the log axis, a power of ten; fixed until a setting changes.
        high: Upper end.
        whole: Whole copies, of the present state unless `whole_is_old`.
        taken: Counts what was set from elsewhere than its own fields, which are then made anew: a browser
            that still holds the old value would send it back.
        curve: Whether the last trade-off curve took long, and what it was traced for.
        original: `(C,)` share of images that contain each class, or of pixels, before.
        version: The state of the dataset that all this speaks of.
    """

    dataset_id: str
    dataset: ScannedDataset
    labels: LabelTable
    live: balance.LiveBalance
    version: str
    started: bool = False
    per_frame: int = STEPS_A_FRAME
    frames: list[Frame] = field(default_factory=list)
    asked_for: bool = False
    batch: int = 0
    changes: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Any] = field(default_factory=dict)
    heard: int = 0
    revision: int = 0
    low: float = -6.0
    high: float = 0.0
    table: LabelTable = field(init=False)
    columns: list[Column] = field(init=False)
    whole: balance.WholeBalance = field(init=False)
    whole_is_old: bool = False
    taken: int = 0
    curve: tuple[bool, BalanceSpec | None] = (False, None)
    original: NDArray[np.float64] = field(init=False)
    _whole_seconds: float = 0.0
    _reach_asked: tuple[ClassTarget, ...] = ()

    def __post_init__(self) -> None:
        self._lay(self.live)
        self._renew()

    def _lay(self, live: balance.LiveBalance) -> None:
        """Put a descent on the desk, and all that follows from its rows."""
        self.live, self.table = live, live.table
        self.original = live.table.shares
        self.columns = describe_columns(self.dataset, live)
        self.whole = live.whole()

    def is_stale(self, taken: int) -> bool:
        """Whether a field was drawn before its setting came from elsewhere.

        On a busy machine the browser may still hold such a field and send its old value with another request.
        """
        return taken != self.taken

    @property
    def is_old(self) -> bool:
        """Whether the dataset has been scanned or edited since, in another window perhaps."""
        return datasets.version(self.dataset_id) != self.version

    @property
    def running(self) -> bool:
        """Whether the browser may ask for more states."""
        return self.started and not self.over

    @property
    def over(self) -> bool:
        """Whether more steps would change nothing."""
        return self.live.over

    @property
    def asks_nothing(self) -> bool:
        """Whether T is what the dataset has already, so that there is nothing to balance."""
        same = np.where([column.of_pixels for column in self.columns], 1e-3 * self.original, 5e-4)
        return self.over and bool((np.abs(self.targets - self.original) <= same + 1e-9).all())

    @property
    def quantity(self) -> Quantity:
        """What is balanced."""
        return self.live.spec.quantity

    @property
    def targets(self) -> NDArray[np.float64]:
        """`(C,)` T, in the order of the columns."""
        return np.array([item.share for item in self.live.spec.column_targets])

    @property
    def reach(self) -> balance.Reach | None:
        """Whether T can be reached; None where finding out takes long and nobody has asked for it."""
        small = len(self.columns) <= _QUICK_REACH and self.table.vectors.size <= _QUICK_CELLS
        quick = small or self._reach_asked == self.live.spec.column_targets
        return self.live.reach if quick else None

    def ask_reach(self) -> None:
        """Find out whether the present T can be reached, however long it takes."""
        self._reach_asked = self.live.spec.column_targets

    def stale_parts(self) -> tuple[str, ...]:
        """What a change of settings makes old; the tables follow a running descent only when it rests."""
        return ("live", "form") if self.running else ("live", "form", "tables")

    def change(self, group: str, alter: Callable[[BalanceSpec], BalanceSpec]) -> None:
        """Change one group of settings on the running descent; what is refused is kept as a sentence.

        Nothing is changed on an old desk: the page clears it away, and the draft speaks of new classes.

        Args:
            group: `targets.3` (the fourth class), `drift`, `bounds` or `descent`: where the sentence belongs.
            alter: Makes the new spec from the present one; may raise `AppError` itself.
        """
        if self.is_old:
            return
        try:
            spec = alter(self.live.spec)
            self._apply(spec)
        except AppError as error:
            self.faults[group] = str(error)
            return
        self.faults.pop(group, None)
        self._renew()
        try:
            balance.write_draft(self.dataset_id, spec)
        except AppError as error:  # the change holds, but a reload would lose it
            self.faults[group] = str(error)

    def _apply(self, spec: BalanceSpec) -> None:
        """Go on with another spec; another quantity has other rows, and the descent begins anew on them."""
        if spec.quantity == self.quantity:
            self.live.apply(spec)
            return
        self._lay(balance.LiveBalance(cache.quantity_table(self.dataset_id, spec.quantity), spec))
        self.started = False
        self.revision += 1
        self.refused.clear()

    def change_target(self, position: str, value: Any, alter: Callable[[BalanceSpec], BalanceSpec]) -> None:
        """Change one class's target; a value that is refused stays to be seen and mended."""
        self.faults.pop("targets", None)
        self.refused.pop(position, None)
        self.change(f"targets.{position}", alter)
        if f"targets.{position}" in self.faults:
            self.refused[position] = value

    def set_targets(self, targets: Sequence[ClassTarget]) -> None:
        """Set the targets of all columns, named like them: from a preset, a file or the present shares."""
        self.revision += 1
        self.refused.clear()
        self.faults = {group: said for group, said in self.faults.items() if not group.startswith("targets")}
        self.change("targets", lambda spec: spec.with_column_targets(targets))

    def take(self, spec: BalanceSpec) -> None:
        """Ask all that a spec asks; where it is refused, the sentence stands under the targets."""
        self.revision += 1
        self.refused.clear()
        self.faults.clear()
        self.change("targets", lambda _: spec)

    def advance(self, frames: int) -> None:
        """Descend for a number of frames, or until it is over or takes too long."""
        start, self.frames = time.perf_counter(), []
        while len(self.frames) < frames and time.perf_counter() - start < _LONGEST_BATCH:
            self.live.advance(self.per_frame)
            self.frames.append(self._frame())
            if self.over:
                break
        self._answer()

    def reset(self) -> None:
        """Begin again from the start value."""
        self.started = False
        self.live.reset()
        self._renew()

    def jump(self) -> None:
        """Go to the proved optimum."""
        self.started = False
        self.live.jump()
        self._renew()

    def _renew(self) -> None:
        """Show the present state; the axes take in where it and the optimum are."""
        low, high = self._find_axes()
        if self.live.state.step:  # once something is drawn, the axes never shrink
            low, high = min(self.low, low), max(self.high, high)
        self.low, self.high = max(low, high - _DECADES), high
        self.frames = [self._frame()]
        self.changes += 1
        self._answer()

    def _find_axes(self) -> tuple[float, float]:
        now, best = self.live.continuous, self.live.optimum
        parts = [best.objective, best.distance, best.objective - best.distance]
        shown = [math.log10(value) for value in [now.objective, *parts] if value > _NOTHING]
        if not shown:
            return -_DECADES, 0.0
        high = max(shown) + 0.15
        return min(min(shown) - 0.25, high - 1.0), high

    def _frame(self) -> Frame:
        now = self.live.continuous
        return Frame(self.live.state.step, now.relative_gap, now.shares.tolist())

    def _answer(self) -> None:
        self.batch += 1
        self.whole_is_old = self.running and self._whole_seconds > _SLOW_WHOLE
        if not self.whole_is_old:
            start = time.perf_counter()
            self.whole = self.live.whole()
            self._whole_seconds = time.perf_counter() - start


def open_desk(dataset_id: str) -> Desk:
    """The session's desk for a dataset; what was left there before a page switch or a reload lies on it.

    Raises:
        AppError: the dataset cannot be opened, or holds nothing that could be balanced.
    """
    version = datasets.version(dataset_id)
    return state.kept(state.LIVE, (dataset_id, version), lambda: _lay_out(dataset_id, version))


def _lay_out(dataset_id: str, version: str) -> Desk:
    dataset, labels = cache.dataset(dataset_id), cache.label_table(dataset_id)
    faults: dict[str, str] = {}
    try:
        if (fitted := balance.fit_draft(dataset_id, dataset)) is not None:
            draft, notes = fitted
            live = balance.LiveBalance(cache.quantity_table(dataset_id, draft.quantity), draft)
            faults = {"targets": " ".join(notes)} if notes else {}
            return Desk(dataset_id, dataset, labels, live, version, faults=faults)
    except AppError as error:
        faults = {"targets": f"{error} The settings begin anew."}
    live = balance.LiveBalance(labels, balance.default_spec(labels))
    return Desk(dataset_id, dataset, labels, live, version, faults=faults)
