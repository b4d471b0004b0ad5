"""The curve for the page, and a click on it."""

import numpy as np
import pytest

from core.domain.balance import DescentSettings, Drift
from core.services import balance


def test_the_current_point_lies_on_the_curve(table):
    spec = balance.default_spec(table)
    curve = balance.compute_tradeoff(table, spec).curve
    now = balance.find_point(balance.LiveBalance(table, spec))
    assert now.dial == pytest.approx(0.02)
    assert curve.dial[0] <= 0.02 <= curve.dial[-1]
    assert (
        curve.distance[curve.dial <= 0.0199].max()
        <= now.distance
        <= curve.distance[curve.dial >= 0.0201].min()
    )
    assert now.distance == pytest.approx(np.interp(now.ess, curve.ess, curve.distance), rel=0.05)


def test_the_curve_does_not_depend_on_the_price_of_drift(table):
    spec = balance.default_spec(table)
    other = spec.model_copy(update={"drift": Drift(value=7.0), "descent": DescentSettings(lr=0.5)})
    assert balance.without_dial(spec) == balance.without_dial(other)
    ends = [balance.compute_tradeoff(table, item).curve.dial[[0, -1]].tolist() for item in (spec, other)]
    assert ends[0] == ends[1]


def test_taking_a_point_leads_to_its_distance(table):
    spec = balance.default_spec(table)
    curve = balance.compute_tradeoff(table, spec).curve
    taken = balance.take_point(spec, curve, 12)
    outcome = balance.solve(table, taken)
    assert outcome.continuous.distance == pytest.approx(curve.distance[12])
    assert outcome.continuous.ess == pytest.approx(curve.ess[12])
    assert taken.targets == spec.targets
