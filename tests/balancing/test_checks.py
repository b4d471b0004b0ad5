"""What is refused, and that each refusal says what, why and what next."""

import numpy as np
import pytest

from core.balancing import build_problem, check_spec, complete_targets, group_label_vectors
from core.domain.balance import BalanceSpec, Bounds, ClassTarget, Drift
from core.errors import InfeasibleError, TargetError
from tests.balancing.golden import make_s1_table, make_spec, make_table

TABLE = make_s1_table()


def refuse(table, spec, kind=TargetError):
    with pytest.raises(kind) as caught:
        check_spec(table, spec)
    return str(caught.value)


def with_share(share):
    target = ClassTarget.model_construct(name="disc", share=share, weight=1.0)
    return BalanceSpec.model_construct(targets=(target,), drift=Drift(), bounds=Bounds())


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), float("inf")])
def test_a_target_that_is_no_share_is_refused(share):
    assert "'disc'" in refuse(TABLE, with_share(share))


def test_an_unknown_class_is_refused_with_the_list_of_right_ones():
    spec = BalanceSpec(targets=(ClassTarget(name="cup", share=0.5),))
    message = refuse(TABLE, spec)
    assert "'cup' is not among the classes" in message
    assert "disc, macula, vessels" in message


def test_a_class_that_never_occurs_can_only_stay_at_zero():
    table = make_table([[1, 0], [0, 0]])
    assert "'c1' occurs in no image" in refuse(table, make_spec(table, [0.5, 0.5]))
    check_spec(table, make_spec(table, [0.5, 0.0]))


def test_an_empty_dataset_is_refused():
    table = group_label_vectors(np.zeros((0, 2), np.uint8), ["a", "b"], [])
    assert "no usable image" in refuse(table, make_spec(table, [0.0, 0.0]))


def test_a_dataset_without_classes_is_refused():
    table = group_label_vectors(np.zeros((2, 0), np.uint8), [], ["x", "y"])
    assert "no class to balance" in refuse(table, BalanceSpec(targets=()))


def test_a_size_below_the_originals_to_keep_is_refused():
    spec = make_spec(TABLE, TABLE.shares, bounds=Bounds(total=100, keep_originals=True))
    assert "at least 115 images" in refuse(TABLE, spec, InfeasibleError)


def test_a_cap_that_cannot_fill_the_size_is_refused_with_what_would_do():
    spec = make_spec(TABLE, TABLE.shares, bounds=Bounds(total=500, max_copies=4))
    message = refuse(TABLE, spec, InfeasibleError)
    assert "Allow 5 copies" in message
    assert "no more than 460" in message


@pytest.mark.parametrize("bounds", [{"total": 0}, {"total": 10, "max_copies": 0}])
def test_sizes_and_caps_below_one_are_refused(bounds):
    spec = make_spec(TABLE, TABLE.shares)
    bad = Bounds.model_construct(**{"total": None, "max_copies": None, "keep_originals": False, **bounds})
    refuse(TABLE, spec.model_copy(update={"bounds": bad}), InfeasibleError)


def test_more_effective_sample_size_than_all_is_refused():
    spec = make_spec(TABLE, TABLE.shares, Drift(strength="min_ess", value=1.2))
    assert "impossible" in refuse(TABLE, spec)


@pytest.mark.parametrize("value", [float("nan"), -1.0])
def test_a_price_of_drift_that_is_no_number_is_refused(value):
    drift = Drift.model_construct(kind="chi2", strength="raw", value=value)
    spec = make_spec(TABLE, TABLE.shares).model_copy(update={"drift": drift})
    assert "price of drift" in refuse(TABLE, spec)


def test_a_problem_is_not_built_from_what_is_refused():
    with pytest.raises(TargetError):
        build_problem(TABLE, BalanceSpec(targets=(ClassTarget(name="cup", share=0.5),)))


def test_classes_without_a_target_keep_their_share():
    targets = complete_targets(TABLE, [ClassTarget(name="fresh", share=0.5)])
    assert [item.name for item in targets] == list(TABLE.class_names)
    assert targets[5].share == 0.5
    assert targets[4].share == pytest.approx(43 / 115)
