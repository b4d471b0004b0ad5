"""What Adam moves: three ways to write the copies α of each group.

All three lead to `w = α/Σα`, on which alone the objective depends.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem
from core.domain.balance import DescentSettings, Parametrisation

REFERENCE_LEAST, REFERENCE_MOST = 5.0, 1e4
# Softmax cannot hold an exact zero; a group that another parametrisation has emptied restarts at this part of
# p.
_SOFTMAX_LEAST = 1e-12

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Form:
    """One parametrisation; `x` is what Adam moves, all vectors are `(K,)`.

    Attributes:
        to_alpha: x → α.
        from_alpha: α → x.
        chain: `(problem, w, Σα, G)` → gradient in x, where G is the centred gradient in w.
        project: Keeps x where it must be.
    """

    to_alpha: Callable[[BalanceProblem, Vector], Vector]
    from_alpha: Callable[[BalanceProblem, Vector], Vector]
    chain: Callable[[BalanceProblem, Vector, float, Vector], Vector]
    project: Callable[[Vector], Vector]


def _softmax(theta: Vector) -> Vector:
    powers = np.exp(theta - theta.max())
    weights: Vector = powers / powers.sum()
    return weights


def _log_weights(problem: BalanceProblem, alpha: Vector) -> Vector:
    logs: Vector = np.log(np.maximum(alpha / alpha.sum(), _SOFTMAX_LEAST * problem.proportions))
    return logs


FORMS: dict[Parametrisation, Form] = {
    "ratio": Form(
        to_alpha=lambda problem, x: problem.multiplicities * x,
        from_alpha=lambda problem, alpha: alpha / problem.multiplicities,
        chain=lambda problem, weights, total, pull: problem.multiplicities * pull / total,
        project=lambda x: np.maximum(x, 0.0),
    ),
    "reference": Form(
        to_alpha=lambda problem, x: x,
        from_alpha=lambda problem, alpha: np.clip(alpha, REFERENCE_LEAST, REFERENCE_MOST),
        chain=lambda problem, weights, total, pull: pull / total,
        project=lambda x: np.clip(x, REFERENCE_LEAST, REFERENCE_MOST),
    ),
    "softmax": Form(
        to_alpha=lambda problem, x: problem.images * _softmax(x),
        from_alpha=_log_weights,
        chain=lambda problem, weights, total, pull: weights * pull,
        project=lambda x: x,
    ),
}


def default_settings(parametrisation: Parametrisation) -> DescentSettings:
    """What works best for a parametrisation; for `reference`, what the published implementation uses."""
    if parametrisation == "reference":
        return DescentSettings(parametrisation="reference", lr=1.0, beta1=0.9, beta2=0.999, eps=1e-8)
    return DescentSettings(parametrisation=parametrisation)
