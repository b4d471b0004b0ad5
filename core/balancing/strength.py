"""What a person's dial means as c, the price of drift."""

from collections.abc import Callable

import numpy as np

from core.balancing.problem import BalanceProblem
from core.balancing.solve import BalanceSolution, solve
from core.domain.balance import Drift

_LOWEST_PART, _FIRST_PART, _HIGHEST_PART = 1e-5, 1e-2, 1e8
_GROWTH = 10.0
_DIGITS = 1e-4


def compute_strength(problem: BalanceProblem, drift: Drift) -> float:
    """Turn a dial into c: `raw` is c itself, `relative` is γ̂ units, the wishes are found by solving."""
    if drift.strength == "raw":
        return drift.value
    if drift.strength == "relative":
        return drift.value * problem.unit_strength
    if drift.strength == "min_ess":
        return _find_strength(problem, lambda solution: solution.ess / drift.value if drift.value else np.inf)
    return _find_strength(problem, lambda solution: drift.value / _count_most(problem, solution))


def _count_most(problem: BalanceProblem, solution: BalanceSolution) -> float:
    """Most copies of one image at B images, before rounding."""
    return float((problem.total * solution.weights / problem.multiplicities).max())


def _find_strength(problem: BalanceProblem, rate: Callable[[BalanceSolution], float]) -> float:
    """The smallest c, within a part in 10⁴, whose optimum grants a wish: bisection on log c.

    The bracket grows by small factors from the default dial, so that each solve starts near the last. The
    effective sample size rises with c. The most copies need not fall with every c; what is found grants the
    wish all the same, and a slightly smaller c does not.

    Args:
        problem: Its own strength plays no part.
        rate: How much of the wish an optimum grants; 1 and more is enough.
    """
    unit = problem.unit_strength
    high = _FIRST_PART * unit
    solution = solve(problem.with_strength(high))
    while rate(solution) < 1.0 and high < _HIGHEST_PART * unit:
        high *= _GROWTH
        solution = solve(problem.with_strength(high), solution.dual)
    low = high / _GROWTH
    solution = solve(problem.with_strength(low), solution.dual)
    while rate(solution) >= 1.0 and low > _LOWEST_PART * unit:
        low, high = low / _GROWTH, low
        solution = solve(problem.with_strength(low), solution.dual)
    if rate(solution) >= 1.0:
        return low
    while high / low > 1.0 + _DIGITS:
        middle = float(np.sqrt(low * high))
        solution = solve(problem.with_strength(middle), solution.dual)
        low, high = (low, middle) if rate(solution) >= 1.0 else (middle, high)
        if 0 <= rate(solution) - 1.0 <= _DIGITS:
            break
    return high
