"""The matrix of label vectors, kept sparse: most images hold few of many classes.

Rows of pixel shares in the place of 0 and 1 work alike.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_DENSE_CELLS = 10_000
_CHUNK_CELLS = 2_000_000
_SPARSE_STEP_COST = 100.0
_SHORT_STEPS = 300_000


@dataclass(frozen=True, slots=True)
class LabelMatrix:
    """`A`, the K×C matrix of distinct label vectors, with the three products that balancing needs.

    Attributes:
        rows: `(K, C)` float64 ≥ 0 in CSR form.
        columns: `(C, K)` float64, its transpose, in CSR form too.
        dense: `(K, C)` float64 where that is tiny, else None: then dense products are faster, and start no
            threads.
    """

    rows: "sparse.csr_array[np.float64]"
    columns: "sparse.csr_array[np.float64]"
    dense: NDArray[np.float64] | None

    @classmethod
    def from_vectors(cls, vectors: NDArray[np.uint8] | NDArray[np.float64]) -> Self:
        """Build from `(K, C)` rows of 0 and 1 (uint8), or of shares (float64)."""
        count, classes = vectors.shape
        if vectors.dtype != np.uint8:
            shares = np.asarray(vectors, dtype=np.float64)
            matrix = sparse.csr_array(shares)
            return cls(matrix, matrix.T.tocsr(), shares if shares.size <= _DENSE_CELLS else None)
        flags = np.ascontiguousarray(vectors).view(np.bool_)
        indices = (np.flatnonzero(flags) % max(classes, 1)).astype(np.int32)
        starts = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(np.count_nonzero(flags, axis=1), out=starts[1:])
        rows = sparse.csr_array((np.ones(indices.size), indices, starts), shape=(count, classes))
        dense = vectors.astype(np.float64) if vectors.size <= _DENSE_CELLS else None
        return cls(rows, rows.T.tocsr(), dense)

    @property
    def shape(self) -> tuple[int, int]:
        """K and C."""
        return self.rows.shape[0], self.rows.shape[1]

    def scores(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """`A y`, shape `(K,)`: the sum of `y` over the classes of each label vector."""
        return np.asarray(self.rows @ y) if self.dense is None else self.dense @ y

    def shares(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """`Aᵀ w`, shape `(C,)`: the share of images that contain each class, where `w` sums to 1."""
        return np.asarray(self.columns @ weights) if self.dense is None else weights @ self.dense

    def gram(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """`Aᵀ diag(w) A`, shape `(C, C)`, for `w ≥ 0`: the weight of images that hold both classes."""
        if self.dense is not None:
            return self.dense.T @ (self.dense * weights[:, None])
        if self._is_sparse_gram_cheaper():
            return self._sparse_gram(weights)
        return self._chunked_gram(weights)

    def _is_sparse_gram_cheaper(self) -> bool:
        """Sparse work is Σ(labels per row)² slow steps, dense work K·C² fast ones: about 1 : 100.

        Where both are short the sparse way is taken: BLAS threads of a busy machine cost more than they save.
        """
        count, classes = self.shape
        per_row = np.diff(self.rows.indptr).astype(np.float64)
        steps = float((per_row**2).sum())
        return steps < _SHORT_STEPS or _SPARSE_STEP_COST * steps < float(count) * classes**2

    def _sparse_gram(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        weighted = self.rows.copy()
        weighted.data = weighted.data * np.repeat(weights, np.diff(self.rows.indptr))
        return np.asarray((self.columns @ weighted).toarray())

    def _chunked_gram(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        count, classes = self.shape
        total = np.zeros((classes, classes))
        step = max(_CHUNK_CELLS // max(classes, 1), 1)
        for first in range(0, count, step):
            part = self.rows[first : first + step].toarray()
            part *= np.sqrt(weights[first : first + step, None])
            total += part.T @ part  # BLAS sees A.T @ A and does half the work
        return total
