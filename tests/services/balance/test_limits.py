"""Settings that break a rule are sentences, whatever sent them."""

import pytest

from core.errors import TargetError
from core.services import balance


@pytest.mark.parametrize(
    ("read", "values", "said"),
    [
        (balance.read_bounds, {"total": 0}, "B, images in the balanced set is 0; it must be at least 1"),
        (balance.read_bounds, {"max_copies": -2}, "M, most copies of one image is -2; it must be at least 1"),
        (balance.read_bounds, {"total": "many"}, "it must be a number"),
        (balance.read_descent, {"beta1": 1.0}, "β₁ is 1.0; it must be below 1"),
        (balance.read_descent, {"eps": 0.0}, "ε is 0.0; it must be above 0"),
        (balance.read_descent, {"steps": 2_000_000}, "at most 1,000,000"),
        (balance.read_descent, {"steps": 2.5}, "a whole number"),
        (balance.read_drift, {"value": -1.0}, "The price of drift is -1.0; it must be at least 0"),
        (balance.read_drift, {"strength": "max_copies", "value": -3}, "M, most copies of one image is -3"),
    ],
)
def test_a_setting_out_of_range_names_its_rule(read, values, said):
    with pytest.raises(TargetError) as refusal:
        read(values)
    assert said in str(refusal.value)


@pytest.mark.parametrize("typed", [0, -1, "two", True, float("nan"), float("inf")])
def test_what_is_no_weight_is_refused_by_name(typed):
    with pytest.raises(TargetError, match="weight of cup"):
        balance.read_weight("cup", typed)


@pytest.mark.parametrize("typed", [None, ""])
def test_an_empty_target_is_said_to_be_empty(typed):
    with pytest.raises(TargetError, match="The target of cup is empty"):
        balance.read_share("cup", typed)
