"""The curve for the page, and a click on it."""

import pytest

from core.services import balance
from core.services.balance import tradeoff


def test_the_current_point_lies_on_the_curve(table):
    spec = balance.default_spec(table)
    found = tradeoff.compute_tradeoff(table, spec)
    assert found.current.dial == pytest.approx(0.02)
    assert found.curve.dial[0] <= 0.02 <= found.curve.dial[-1]
    nearer = found.curve.distance[found.curve.strength <= found.current.strength * (1 + 1e-9)].max()
    farther = found.curve.distance[found.curve.strength >= found.current.strength * (1 - 1e-9)].min()
    assert nearer - 1e-12 <= found.current.distance <= farther + 1e-12
    assert found.original_distance >= found.curve.distance.max()


def test_taking_a_point_leads_to_its_distance(table):
    spec = balance.default_spec(table)
    curve = tradeoff.compute_tradeoff(table, spec).curve
    taken = tradeoff.take_point(spec, curve, 12)
    outcome = balance.solve(table, taken)
    assert outcome.continuous.distance == pytest.approx(curve.distance[12])
    assert outcome.continuous.ess == pytest.approx(curve.ess[12])
    assert taken.targets == spec.targets
