"""Adam (Kingma and Ba 2015), for any vector."""

import numpy as np
from numpy.typing import NDArray


class Adam:
    """Adam's moments; the settings are given at each step, so that they may change while it runs."""

    def __init__(self, size: int) -> None:
        self._mean = np.zeros(size)
        self._square = np.zeros(size)
        self._mean_weight = 1.0
        self._square_weight = 1.0

    def step(
        self, gradient: NDArray[np.float64], lr: float, beta1: float, beta2: float, eps: float
    ) -> NDArray[np.float64]:
        """The change to add to the parameters.

        The bias corrections are the products of the betas used so far: with constant betas they are Adam's `1
        − βᵗ`.
        """
        self._mean += (1.0 - beta1) * (gradient - self._mean)
        self._square += (1.0 - beta2) * (gradient**2 - self._square)
        self._mean_weight *= beta1
        self._square_weight *= beta2
        mean = self._mean / (1.0 - self._mean_weight)
        square = self._square / (1.0 - self._square_weight)
        return -lr * mean / (np.sqrt(square) + eps)
