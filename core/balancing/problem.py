"""A balancing problem in numbers: what a solver, a descent and the rounding all read."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.balancing.labels import LabelMatrix
from core.balancing.newton import Quadratic
from core.domain.balance import Distance, DriftKind

# Below these shares of the original distance nobody can tell two balances apart; a relative gap is not
# measured against less, or it would be noise over noise wherever the target can be met exactly.
_LEAST_PART = {"squared": 1e-6, "euclidean": 1e-3}
_LEAST_UNIT = {"squared": 1e-8, "euclidean": 1e-4}
_LEAST_DISTANCE = {"squared": 1e-12, "euclidean": 1e-6}


@dataclass(frozen=True, slots=True)
class BalanceProblem:
    """`F(w) = distance(Aᵀw, T) + c · Σ d_i (w_i − p_i)²` over `lo ≤ w ≤ hi`, `Σ w = 1` (S1).

    Attributes:
        class_names: The C classes.
        labels: The K distinct label vectors A.
        multiplicities: `(K,)` int64 `n_i`, images that have each vector.
        proportions: `(K,)` `p_i = n_i / N`.
        target: `(C,)` T, shares in [0, 1].
        class_weights: `(C,)` ω > 0, the factor of each class's squared miss.
        distance_kind: `squared`: `Σ ω (s−T)²`; `euclidean`: its root.
        drift_kind: `chi2`: `d_i = 1/p_i`; `published`: `d_i = 1`.
        strength: c ≥ 0.
        total: B, images in the balanced set.
        fewest: `(K,)` int64, least copies that a group must keep.
        most: `(K,)` int64, most copies that a group may have.
    """

    class_names: tuple[str, ...]
    labels: LabelMatrix
    multiplicities: NDArray[np.int64]
    proportions: NDArray[np.float64]
    target: NDArray[np.float64]
    class_weights: NDArray[np.float64]
    distance_kind: Distance
    drift_kind: DriftKind
    strength: float
    total: int
    fewest: NDArray[np.int64]
    most: NDArray[np.int64]

    @property
    def images(self) -> int:
        """N, images in the original set."""
        return int(self.multiplicities.sum())

    @property
    def drift_weights(self) -> NDArray[np.float64]:
        """`(K,)` d."""
        return 1.0 / self.proportions if self.drift_kind == "chi2" else np.ones_like(self.proportions)

    @property
    def lower(self) -> NDArray[np.float64]:
        """`(K,)` lo, least share of each group in the balanced set."""
        return self.fewest / self.total

    @property
    def upper(self) -> NDArray[np.float64]:
        """`(K,)` hi, greatest share of each group in the balanced set."""
        return np.minimum(self.most / self.total, 1.0)

    @property
    def is_bounded(self) -> bool:
        """Whether caps or floors say more than `0 ≤ w ≤ 1`."""
        return bool((self.fewest > 0).any() or (self.most < self.total).any())

    @property
    def original_distance(self) -> float:
        """The distance of the original set, L(p)."""
        return self.compute_distance(self.labels.shares(self.proportions))

    @property
    def unit_strength(self) -> float:
        """The c that the relative dial multiplies: the original distance, made comparable between drifts.

        With the published drift it is divided by `Σp²`, one over the effective number of groups: then both
        drifts price a deviation that hits all images alike equally, and the dial keeps its meaning whatever K
        is. Where T is (nearly) met already the distance is nothing, and so would be the price: it counts as
        at least a root-mean-square miss of 0.01 percentage points.
        """
        unit = max(self.original_distance, _LEAST_UNIT[self.distance_kind])
        return unit / float((self.proportions**2 * self.drift_weights).sum())

    @property
    def least_distance(self) -> float:
        """The distance below which a relative gap is no longer measured; see the note at the top."""
        part = _LEAST_PART[self.distance_kind] * self.original_distance
        return max(part, _LEAST_DISTANCE[self.distance_kind])

    def compute_distance(self, shares: NDArray[np.float64]) -> float:
        """L of `(C,)` shares: the weighted squared distance to T, or its root."""
        squared = float(self.class_weights @ (shares - self.target) ** 2)
        return squared if self.distance_kind == "squared" else float(np.sqrt(squared))

    def compute_drift(self, weights: NDArray[np.float64]) -> float:
        """The chosen drift of `(K,)` weights."""
        if self.drift_kind == "chi2":
            return compute_chi2(weights, self.proportions)
        return compute_published_drift(weights, self.proportions)

    def compute_objective(self, weights: NDArray[np.float64]) -> float:
        """F of `(K,)` weights."""
        distance = self.compute_distance(self.labels.shares(weights))
        return distance + self.strength * self.compute_drift(weights)

    def with_strength(self, strength: float) -> Self:
        """The same problem at another c."""
        return replace(self, strength=strength)

    def build_quadratic(self, strength: float) -> Quadratic:
        """The strictly convex problem with squared distance at `strength > 0`."""
        return Quadratic(
            labels=self.labels,
            target=self.target,
            class_weights=self.class_weights,
            center=self.proportions,
            spread=0.5 / (strength * self.drift_weights),
            lower=self.lower,
            upper=self.upper,
        )


def compute_chi2(weights: NDArray[np.float64], proportions: NDArray[np.float64]) -> float:
    """`χ²(w‖p) = Σ (w−p)²/p`, the variance of the copies per image when their mean is 1."""
    return float(((weights - proportions) ** 2 / proportions).sum())


def compute_published_drift(weights: NDArray[np.float64], proportions: NDArray[np.float64]) -> float:
    """`RL = Σ (w−p)²`, the drift as S1 prints it."""
    return float(((weights - proportions) ** 2).sum())


def compute_ess(weights: NDArray[np.float64], proportions: NDArray[np.float64]) -> float:
    """Effective sample size as a share of N, in (0, 1]: `1 / (1 + χ²)` (Kish 1965)."""
    return 1.0 / (1.0 + compute_chi2(weights, proportions))
