"""Label vectors of a dataset, equal ones grouped."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelTable:
    """`Y(Ω)`: the K distinct label vectors of N samples, with multiplicities (S1).

    Where pixel shares are balanced the rows hold them in the place of 0 and 1, one row a sample.

    Attributes:
        class_names: The C classes, background and void left out.
        vectors: `(K, C)` distinct rows `A_1..A_K`: uint8 of 0 and 1, or float64 shares in [0, 1].
        multiplicities: `(K,)` int64 `n_i`; their sum is N.
        row_of_sample: `(N,)` intp, the row of `vectors` that each sample has.
        sample_ids: `(N,)` str, in the scan's order.
    """

    class_names: tuple[str, ...]
    vectors: NDArray[np.uint8] | NDArray[np.float64]
    multiplicities: NDArray[np.int64]
    row_of_sample: NDArray[np.intp]
    sample_ids: tuple[str, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """`(C,)` share of samples that contain each class, in [0, 1] (`Λ(Ω)/|Ω|`).

        The mean pixel share where rows hold those. Zeros for an empty table.
        """
        count = max(int(self.multiplicities.sum()), 1)
        return self.multiplicities @ self.vectors.astype(np.float64) / count

    @property
    def presence_columns(self) -> NDArray[np.bool_]:
        """`(C,)` which columns say in 0 and 1 whether a class is present; the others hold pixel shares."""
        if self.vectors.dtype == np.uint8:
            return np.ones(len(self.class_names), dtype=np.bool_)
        return np.asarray(((self.vectors == 0) | (self.vectors == 1)).all(axis=0))
