"""Label vectors of a dataset, equal ones grouped."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelTable:
    """`Y(Ω)`: the K distinct label vectors of N samples, with multiplicities (S1).

    Attributes:
        class_names: The C classes, background and void left out.
        vectors: `(K, C)` uint8 of 0 and 1, distinct rows `A_1..A_K`.
        multiplicities: `(K,)` int64 `n_i`; their sum is N.
        row_of_sample: `(N,)` intp, the row of `vectors` that each sample has.
        sample_ids: `(N,)` str, in the scan's order.
    """

    class_names: tuple[str, ...]
    vectors: NDArray[np.uint8]
    multiplicities: NDArray[np.int64]
    row_of_sample: NDArray[np.intp]
    sample_ids: tuple[str, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """`(C,)` share of samples that contain each class, in [0, 1] (`Λ(Ω)/|Ω|`).

        Zeros for an empty table.
        """
        count = max(int(self.multiplicities.sum()), 1)
        return self.multiplicities @ self.vectors.astype(np.float64) / count
