"""The samples of one training or validation part as tensors; duplicates differ by their own seeds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from core.data.augmentation import augment, compute_seed
from core.data.resized import ResizedStore
from core.data.sampler import Item
from core.domain.augmentation import AugmentationSpec

Change = Callable[[NDArray[Any], Sequence[NDArray[Any]], int], tuple[NDArray[Any], list[NDArray[Any]]]]
"""A recipe's augmentation: image, masks and seed to image and masks."""


class TrainingSet(Dataset[tuple[torch.Tensor, torch.Tensor, int]]):
    """Samples by (index, copy), as `CopySampler` yields them.

    Copy 0 is the image as it is; every other copy is augmented by a seed made of the base seed, the sample
    id, the copy and the epoch. The recipe's own augmentation, if any, then changes every item by another
    seed made of the same. So a run can be repeated exactly, with any number of workers.

    Args:
        store: All samples of the dataset.
        positions: `(n,)` which of them are in this part; an index counts in these, tile by tile.
        duplicates: What makes a duplicate differ from its image (S1).
        change: The recipe's augmentation of every item; None for none, as in validation.
        seed: The base seed.
        tiles: Tiles a side that every sample is cut into (S3: 2); 1 leaves it whole.
        mirrored: Whether every tile comes a second time, left and right swapped (S2 No 1); its index is
            that of the first plus the number of tiles.
    """

    def __init__(
        self,
        store: ResizedStore,
        positions: NDArray[np.intp],
        duplicates: AugmentationSpec,
        change: Change | None,
        seed: int,
        tiles: int = 1,
        mirrored: bool = False,
    ) -> None:
        self._store = store
        self._positions = positions
        self._duplicates = duplicates
        self._change = change
        self._seed = seed
        self._tiles = tiles
        self._mirrored = mirrored
        # Shared memory: workers that live on from one epoch to the next see the new number.
        self._epoch = torch.zeros(1, dtype=torch.int64)
        self._epoch.share_memory_()  # type: ignore[no-untyped-call]  # torch has no types there

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; its items differ from those of the others."""
        self._epoch[0] = epoch

    def __len__(self) -> int:
        """Tiles of all samples of the part, mirrored ones included; copies are not counted."""
        return len(self._positions) * self._tiles**2 * (2 if self._mirrored else 1)

    def __getitem__(self, item: Item) -> tuple[torch.Tensor, torch.Tensor, int]:
        """One copy of one tile of one sample.

        Returns:
            `(bands, H, W)` uint8; `(H, W)` uint8 positions into the classes, 255 for void, or `(C, H, W)`
            bool where classes overlap; and the sample's position in the store.

        Raises:
            DatasetError: A file is gone or damaged.
        """
        index, copy = item
        mirror, index = divmod(index, len(self._positions) * self._tiles**2)
        place, tile = divmod(index, self._tiles**2)
        position = int(self._positions[place])
        sample = self._store.read(position)
        image, mask = self._cut(sample.image, tile), self._cut_mask(sample.mask, tile)
        epoch, name = int(self._epoch[0]), self._store.samples[position].id
        layers = list(mask) if mask.ndim == 3 else [mask]
        if mirror:
            image, layers = image[:, ::-1], [layer[:, ::-1] for layer in layers]
        if copy:
            seed = compute_seed(self._seed, name, copy, epoch, tile, mirror)
            image, layers = augment(image, layers, self._duplicates, seed)
        if self._change is not None:
            seed = compute_seed(self._seed, name, copy, epoch, tile, mirror, 1)
            image, layers = self._change(image, layers, seed)
        mask = np.stack(layers) if mask.ndim == 3 else layers[0]
        bands = np.moveaxis(image.reshape(*image.shape[:2], -1), -1, 0)  # (H, W, bands) -> (bands, H, W)
        return torch.from_numpy(np.ascontiguousarray(bands)), torch.from_numpy(_writable(mask)), position

    def _cut(self, image: NDArray[Any], tile: int) -> NDArray[Any]:
        """One tile of `(H, W, …)`; tiles are numbered row by row."""
        if self._tiles == 1:
            return image
        row, column = divmod(tile, self._tiles)
        height, width = image.shape[0] // self._tiles, image.shape[1] // self._tiles
        return image[row * height : (row + 1) * height, column * width : (column + 1) * width]

    def _cut_mask(self, mask: NDArray[Any], tile: int) -> NDArray[Any]:
        if mask.ndim == 2:
            return self._cut(mask, tile)
        return np.moveaxis(self._cut(np.moveaxis(mask, 0, -1), tile), -1, 0)  # (C, H, W), cut in H and W


def _writable(array: NDArray[Any]) -> NDArray[Any]:
    """A contiguous array of its own: torch warns of memory that it may not write."""
    return np.array(array, order="C", copy=True)
