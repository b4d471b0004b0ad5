"""What a person's dial means as c, the price of drift."""

import numpy as np

from core.balancing.problem import BalanceProblem
from core.balancing.solve import solve
from core.domain.balance import Drift

_LOWEST_PART, _FIRST_PART, _HIGHEST_PART = 1e-5, 1e-2, 1e8
_GROWTH = 10.0
_DIGITS = 1e-4


def compute_strength(problem: BalanceProblem, drift: Drift) -> float:
    """Turn a dial into c: `raw` is c itself, `relative` is γ̂ units, `min_ess` is found by solving."""
    if drift.strength == "raw":
        return drift.value
    unit = problem.unit_strength
    if drift.strength == "relative":
        return drift.value * unit
    return _find_strength(problem, unit, drift.value)


def _find_strength(problem: BalanceProblem, unit: float, least_ess: float) -> float:
    """The smallest c, within a part in 10⁴ of ESS, whose optimum keeps `least_ess`: bisection on log c.

    The bracket grows by small factors from the default dial, so that each solve starts near the last.
    """
    high = _FIRST_PART * unit
    solution = solve(problem.with_strength(high))
    while solution.ess < least_ess and high < _HIGHEST_PART * unit:
        high *= _GROWTH
        solution = solve(problem.with_strength(high), solution.dual)
    low = high / _GROWTH
    solution = solve(problem.with_strength(low), solution.dual)
    while solution.ess >= least_ess and low > _LOWEST_PART * unit:
        low, high = low / _GROWTH, low
        solution = solve(problem.with_strength(low), solution.dual)
    if solution.ess >= least_ess:
        return low
    while high / low > 1.0 + _DIGITS:
        middle = float(np.sqrt(low * high))
        solution = solve(problem.with_strength(middle), solution.dual)
        low, high = (low, middle) if solution.ess >= least_ess else (middle, high)
        if 0 <= solution.ess - least_ess <= _DIGITS * least_ess:
            break
    return high
