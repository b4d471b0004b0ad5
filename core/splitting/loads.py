"""What each group brings to the fold that takes it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Loads:
    """Groups as rows of counts; the last column is the group's size, spread like a class of its own.

    Attributes:
        rows: `(G, C + 1)` float64 CSR: samples of the group that hold each class; all its samples.
        wanted: `(C + 1,)` an equal part of each column, what every fold should get.
        weights: `(C + 1,)` factor of a column's squared deviation, `1 / wanted²`: a rare class weighs more a
            sample, so that deviations count as parts of what is wanted; 0 where there is nothing to spread.
    """

    rows: "sparse.csr_array[np.float64]"
    wanted: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def groups(self) -> int:
        """G."""
        return int(self.rows.shape[0])

    def count_holders(self) -> NDArray[np.int64]:
        """`(C + 1,)` groups that hold each class; G for the last column."""
        return np.bincount(self.rows.indices, minlength=self.wanted.size).astype(np.int64)

    def sum_folds(self, fold: NDArray[np.intp], folds: int) -> NDArray[np.float64]:
        """`(k, C + 1)` what the folds hold."""
        ones = np.ones(fold.size)
        chosen = sparse.csr_array((ones, (fold, np.arange(fold.size))), shape=(folds, fold.size))
        return np.asarray((chosen @ self.rows).toarray())

    def compute_cost(self, held: NDArray[np.float64]) -> float:
        """Squared relative deviation of `(k, C + 1)` sums, summed over all."""
        return float(((held - self.wanted) ** 2 @ self.weights).sum())


def build_loads(
    presence: NDArray[np.bool_] | NDArray[np.uint8], group: NDArray[np.intp], groups: int, folds: int
) -> Loads:
    """Sum `(N, C)` presence over the G groups, for k folds."""
    count, classes = presence.shape
    cells = np.flatnonzero(presence)
    samples, columns = np.divmod(cells, max(classes, 1))
    rows = np.concatenate([group[samples], group])
    columns = np.concatenate([columns, np.full(count, classes)])
    matrix = sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(groups, classes + 1)).tocsr()
    wanted = np.asarray(matrix.sum(axis=0), dtype=np.float64) / folds
    weights = np.divide(1.0, wanted**2, out=np.zeros_like(wanted), where=wanted > 0)
    return Loads(matrix, wanted, weights)
