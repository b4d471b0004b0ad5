"""Single groups move to another fold, or change places with one of its groups, while that evens the classes.

Moving counts x from fold a to fold b changes the cost by `2 Σ ω x (e_b − e_a) + 2 Σ ω x²`, where e is what a
fold holds beyond an equal part and ω the weight of a column; a swap moves the difference of two groups. The
best of a few dozen candidates on either side is taken until no pair of folds gains.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.splitting.loads import Loads

_POOL = 4_000
_CANDIDATES = 24
_ROUNDS = 8
_PAIRS = 300
_MOVES = 40
_LEAST_GAIN = 1e-10


def exchange_groups(
    loads: Loads, fold: NDArray[np.intp], folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Improve `(G,)` folds of the groups; never worse, and no fold becomes empty.

    Of very many groups a random part takes part: there the start is nearly even already.
    """
    pool = np.arange(loads.groups)
    if pool.size > _POOL:
        pool = np.sort(rng.choice(pool, _POOL, replace=False))
    root = np.sqrt(loads.weights)
    state = _State(
        rows=loads.rows[pool].toarray() * root,  # in units in which all weights are 1
        fold=fold[pool],
        excess=(loads.sum_folds(fold, folds) - loads.wanted) * root,
        members=np.bincount(fold, minlength=folds),
    )
    pairs = list(combinations(range(folds), 2))
    for _ in range(_ROUNDS):
        chosen = pairs
        if len(pairs) > _PAIRS:
            chosen = [pairs[place] for place in rng.choice(len(pairs), _PAIRS, replace=False).tolist()]
        gains = [state.improve(one, other) for one, other in chosen]
        if not any(gains):
            break
    improved = fold.copy()
    improved[pool] = state.fold
    return improved


@dataclass(slots=True)
class _State:
    """Where the groups of the pool are.

    Attributes:
        rows: `(P, C + 1)` scaled counts.
        fold: `(P,)` fold of each.
        excess: `(k, C + 1)` scaled: what the folds hold beyond an equal part.
        members: `(k,)` groups in each fold, those outside the pool included.
    """

    rows: NDArray[np.float64]
    fold: NDArray[np.intp]
    excess: NDArray[np.float64]
    members: NDArray[np.intp]

    def improve(self, one: int, other: int) -> bool:
        """Exchange between two folds until nothing is gained; whether anything was."""
        for moves in range(_MOVES):
            if not self._exchange(one, other):
                return moves > 0
        return True

    def _exchange(self, one: int, other: int) -> bool:
        uneven = self.excess[other] - self.excess[one]
        there, there_cost = self._take_candidates(one, uneven)
        back, back_cost = self._take_candidates(other, -uneven)
        there_rows, back_rows = _add_nothing(self.rows[there]), _add_nothing(self.rows[back])
        change = np.append(there_cost, 0.0)[:, None] + np.append(back_cost, 0.0)
        change -= 2.0 * there_rows @ back_rows.T
        if self.members[one] == 1:
            change[:-1, -1] = np.inf
        if self.members[other] == 1:
            change[-1, :-1] = np.inf
        going, coming = np.unravel_index(int(np.argmin(change)), change.shape)
        if change[going, coming] > -_LEAST_GAIN:
            return False
        moved = there_rows[going] - back_rows[coming]
        self.excess[one] -= moved
        self.excess[other] += moved
        self._move(there, int(going), one, other)
        self._move(back, int(coming), other, one)
        return True

    def _take_candidates(
        self, source: int, uneven: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The groups of a fold that would gain most elsewhere, and half of what moving each would cost."""
        inside = np.flatnonzero(self.fold == source)
        rows = self.rows[inside]
        cost = rows @ uneven + np.einsum("ij,ij->i", rows, rows)
        if inside.size > _CANDIDATES:
            lowest = np.sort(np.argpartition(cost, _CANDIDATES)[:_CANDIDATES])
            inside, cost = inside[lowest], cost[lowest]
        return inside, cost

    def _move(self, candidates: NDArray[np.intp], place: int, source: int, goal: int) -> None:
        if place < candidates.size:  # the last place is "no group"
            self.fold[candidates[place]] = goal
            self.members[source] -= 1
            self.members[goal] += 1


def _add_nothing(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([rows, np.zeros((1, rows.shape[1]))])
