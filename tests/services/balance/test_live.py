import numpy as np
import pytest

from core.domain.balance import BalanceSpec, Bounds, ClassTarget, DescentSettings, Drift
from core.domain.label_table import LabelTable
from core.errors import TargetError
from core.services.balance import LiveBalance, default_settings, default_spec


def with_target(spec: BalanceSpec, name: str, share: float) -> BalanceSpec:
    targets = [ClassTarget(name=name, share=share) if t.name == name else t for t in spec.targets]
    return spec.model_copy(update={"targets": tuple(targets)})


@pytest.fixture
def live(table: LabelTable) -> LiveBalance:
    return LiveBalance(table, default_spec(table))


def test_the_descent_comes_near_the_proved_optimum(live: LiveBalance) -> None:
    before = live.state.objective
    live.advance(600)
    assert live.state.objective < before
    assert live.state.objective >= live.optimum.bound
    assert live.state.relative_gap < 1e-3


def test_a_new_target_takes_effect_without_a_restart(live: LiveBalance) -> None:
    live.advance(100)
    weights = live.state.weights.copy()
    live.apply(with_target(live.spec, "scar", 0.3))
    assert live.state.step == 100
    np.testing.assert_array_equal(live.state.weights, weights)
    assert [(mark.step, mark.text) for mark in live.marks] == [(100, "scar → 30.0 %")]
    live.advance(1500)
    assert live.state.shares[list(live.optimum.shares).index(live.optimum.shares[3])] == pytest.approx(
        live.optimum.shares[3], abs=0.01
    )


def test_a_refused_change_leaves_everything_as_it_was(live: LiveBalance) -> None:
    live.advance(10)
    spec, marks = live.spec, list(live.marks)
    with pytest.raises(TargetError):
        live.apply(spec.model_copy(update={"bounds": Bounds(total=5, keep_originals=True)}))
    assert live.spec == spec
    assert live.marks == marks
    live.advance(10)
    assert live.state.step == 20


def test_settings_of_adam_change_while_it_runs(live: LiveBalance) -> None:
    live.advance(10)
    live.apply(live.spec.model_copy(update={"descent": DescentSettings(lr=0.01, beta1=0.5)}))
    assert live.marks[-1].text == "lr 0.01, β₁ 0.5"
    live.advance(10)
    assert live.state.step == 20


def test_gamma_moves_the_optimum_line(live: LiveBalance) -> None:
    live.advance(10)
    low = live.history.optimum[-1]
    live.apply(live.spec.model_copy(update={"drift": Drift(value=0.5)}))
    assert live.history.optimum[-1] > low
    assert live.history.step[-1] == 10


def test_a_jump_takes_the_optimum_and_its_whole_copies(live: LiveBalance) -> None:
    live.jump()
    assert live.over
    assert live.continuous.objective == live.optimum.objective
    assert live.whole().total == 40
    assert live.outcome().continuous.relative_gap < 1e-6


@pytest.mark.parametrize("parametrisation", ["ratio", "softmax", "reference"])
def test_a_change_after_a_jump_goes_on_from_the_optimum(table: LabelTable, parametrisation: str) -> None:
    settings = default_settings(parametrisation)
    live = LiveBalance(table, default_spec(table).model_copy(update={"descent": settings}))
    live.advance(5)
    live.jump()
    best = live.continuous.weights
    live.apply(with_target(live.spec, "scar", 0.21))
    assert not live.over
    assert live.state.step == 5
    near = 0.1 if parametrisation == "reference" else 1e-6  # which keeps five of each combination at least
    np.testing.assert_allclose(live.state.weights, best, atol=near)
    live.advance(20)
    assert np.isfinite(live.state.objective)


def test_a_reset_begins_again_with_the_present_spec(live: LiveBalance) -> None:
    live.apply(with_target(live.spec, "scar", 0.3))
    live.advance(50)
    live.reset()
    assert live.state.step == 0
    assert live.marks == []
    assert next(t.share for t in live.spec.targets if t.name == "scar") == 0.3


def test_the_curve_stays_short_and_keeps_its_ends(table: LabelTable) -> None:
    spec = default_spec(table)
    live = LiveBalance(table, spec.model_copy(update={"descent": DescentSettings(steps=50_000, lr=1e-5)}))
    for _ in range(6000):
        live.advance(1)
    history = live.history
    assert len(history.step) <= 2001
    assert history.step[0] == 0
    assert history.step[-1] == live.state.step
    assert (np.diff(history.step) >= 0).all()
    np.testing.assert_allclose(history.distance + history.penalty, history.objective)


def test_it_stops_at_the_step_limit(table: LabelTable) -> None:
    spec = default_spec(table).model_copy(update={"descent": DescentSettings(steps=30, lr=1e-4)})
    live = LiveBalance(table, spec)
    live.advance(1000)
    assert live.state.step == 30
    assert live.over


def test_a_weight_and_a_wish_are_marked_in_words(live: LiveBalance) -> None:
    live.advance(4)
    heavy = [t.model_copy(update={"weight": 4.0}) if t.name == "scar" else t for t in live.spec.targets]
    live.apply(live.spec.with_column_targets(heavy))
    live.apply(live.spec.model_copy(update={"drift": Drift(strength="min_ess", value=0.7)}))
    live.apply(live.spec.model_copy(update={"drift": Drift(strength="max_copies", value=3)}))
    said = [mark.text for mark in live.marks]
    assert said == ["weight of scar → 4", "effective sample ≥ 70 %", "copies ≤ 3"]
    assert live.whole().max_copies <= 3
