"""What the browser is told of the descent."""

import json

import numpy as np
import pytest

from core.domain.balance import BalanceSpec, ClassTarget
from core.services import balance
from pages._ui.balance import words as balance_words
from pages._ui.balance.desk import Desk, open_desk
from pages._ui.balance.live import describe, merge_marks
from pages._ui.balance.targets import with_shares


@pytest.fixture
def desk(scanned: str) -> Desk:
    """Six images, the disc in all, vessels in half of them, wanted in 80 %."""
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="vessels", share=0.8))
    balance.write_draft(scanned, BalanceSpec(targets=targets))
    return open_desk(scanned)


def test_everything_drawn_survives_json(desk: Desk) -> None:
    desk.advance(3)
    told = describe(desk)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_each_frame_is_a_state_of_the_descent(desk: Desk) -> None:
    desk.advance(3)
    told = describe(desk)
    assert [frame["step"] for frame in told["frames"]] == [2, 4, 6]
    assert told["curve"]["step"][-1] == 6
    assert told["frames"][-1]["shares"] == pytest.approx(desk.live.state.shares, abs=1e-5)


def test_a_batch_of_frames_is_numbered_once(desk: Desk) -> None:
    first = describe(desk)["batch"]
    assert describe(desk)["batch"] == first
    desk.advance(1)
    assert describe(desk)["batch"] == first + 1


def test_axes_stay_while_it_runs_and_take_in_a_moved_target(desk: Desk) -> None:
    before = describe(desk)["axes"]
    desk.advance(4)
    assert describe(desk)["axes"] == before
    desk.change("targets", lambda spec: with_shares(spec, {"1": 0.0}))
    after = describe(desk)["axes"]
    assert after["high"] > before["high"]
    assert after["steps"] == before["steps"]


def test_values_below_the_axis_are_not_drawn_at_its_edge(desk: Desk) -> None:
    assert describe(desk)["curve"]["penalty"] == [None]


def test_after_convergence_a_started_descent_goes_on_by_itself_when_something_changes(desk: Desk) -> None:
    desk.started = True
    for _ in range(200):
        desk.advance(12)
    assert desk.over
    assert not desk.running
    desk.change("targets", lambda spec: with_shares(spec, {"1": 0.4}))
    assert desk.running


def test_marks_of_one_drag_are_one_and_those_before_the_start_are_none() -> None:
    marks = [(0, "a → 1.0 %"), (8, "a → 2.0 %"), (12, "a → 3.0 %"), (12, "γ 0.1"), (400, "γ 0.2")]
    assert [mark["text"] for mark in merge_marks(marks)] == ["a → 3.0 %", "γ 0.1", "γ 0.2"]


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (2e-7, "at the best possible"),
        (0.0031, "0.3 % above the best possible"),
        (1.5, "150 % above the best possible"),
        (14.2, "15 times the best possible"),
    ],
)
def test_the_gap_in_words(gap: float, words: str) -> None:
    assert balance_words.gap(gap) == words


def test_the_worst_miss_is_named_in_percentage_points(desk: Desk) -> None:
    spec = desk.live.spec
    assert "vessels misses" in balance_words.miss(np.array([1.0, 0.5]), spec)
    assert "30.0 percentage points" in balance_words.miss(np.array([1.0, 0.5]), spec)
    assert balance_words.miss(np.array([1.0, 0.8]), spec) == "every class meets its target"


def test_targets_tried_before_the_start_leave_no_trace_on_the_curve(desk: Desk) -> None:
    for share in (0.1, 0.9, 0.3):
        desk.change("targets", lambda spec, share=share: with_shares(spec, {"1": share}))
    told = describe(desk)
    assert told["curve"]["step"] == [0]
    assert told["marks"] == []
    assert told["axes"]["low"] < told["curve"]["objective"][0] < told["axes"]["high"]
