"""Drawing whole copies: which image, and which of its copies, comes when."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

from core.errors import PlanError
from core.plans.plan import BalancePlan

Item = tuple[int, int]  # position of the image, copy; copy 0 is the image itself


class CopySampler(Sampler[Item]):
    """Every copy of every image once an epoch, in an order that epoch and seed decide.

    Every rank of a distributed run draws the same order and takes each `world_size`-th item of it, so that
    no two ranks see the same item, but for padding: where the total does not divide evenly the order is
    continued from its beginning, so that every rank takes equally many steps.

    Args:
        copies: `(N,)` how often each image comes; 0 leaves it out.
        seed: Of the order.
        shuffle: Without, items come in the order of the images.
        share: The part of all items that one epoch draws, in (0, 1]; another one each epoch (S3: 0.2).
        rank: This process, in [0, world_size).
        world_size: How many processes train together.

    Raises:
        PlanError: There is nothing to draw, or no such rank.
    """

    def __init__(
        self,
        copies: NDArray[np.int64],
        seed: int,
        shuffle: bool = True,
        share: float = 1.0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if not 0 <= rank < world_size:
            raise PlanError(f"There is no rank {rank} among {world_size}; ranks count from 0.")
        if not copies.sum():
            raise PlanError("No image has a copy, so there is nothing to draw; balance the dataset again.")
        self._images = np.repeat(np.arange(len(copies)), copies)
        first = np.repeat(np.cumsum(copies) - copies, copies)
        self._copies = np.arange(len(self._images)) - first  # 0, 1, … within each image
        self._drawn = max(1, round(share * len(self._images)))
        self._seed = seed
        self._shuffle = shuffle
        self._rank, self._world_size = rank, world_size
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; equal epochs give equal orders."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[Item]:
        """The items of this rank."""
        total = len(self._images)
        rng = np.random.default_rng([self._seed, self._epoch])
        order = rng.permutation(total) if self._shuffle or self._drawn < total else np.arange(total)
        drawn = order[: self._drawn] if self._shuffle else np.sort(order[: self._drawn])
        padded = np.resize(drawn, len(self) * self._world_size)
        mine = padded[self._rank :: self._world_size]
        return iter(zip(self._images[mine].tolist(), self._copies[mine].tolist(), strict=True))

    def __len__(self) -> int:
        """Items of each rank, padding included."""
        return -(-self._drawn // self._world_size)


class PlanSampler(CopySampler):
    """The copies of a plan; see `CopySampler`.

    Args:
        plan: Its copies decide how often each image comes; dropped images never do.
        seed: Of the order; the plan's own when None.
        shuffle: Without, items come in the order of the plan.
        rank: This process, in [0, world_size).
        world_size: How many processes train together.

    Raises:
        PlanError: The plan keeps no image, or there is no such rank.
    """

    def __init__(
        self,
        plan: BalancePlan,
        seed: int | None = None,
        shuffle: bool = True,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        copies = plan.copies_array()
        if not copies.sum():
            raise PlanError(f"The plan “{plan.name}” keeps no image; balance the dataset again.")
        super().__init__(copies, plan.seed if seed is None else seed, shuffle, 1.0, rank, world_size)
