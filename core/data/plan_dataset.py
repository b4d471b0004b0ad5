"""A plan as a torch dataset: duplicates are made when they are asked for, and never stored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from core.data.augmentation import augment, compute_seed
from core.data.copies import SourceSample, describe_source, join_label, split_label
from core.data.pictures import Picture
from core.data.sampler import Item
from core.domain.augmentation import AugmentationSpec
from core.domain.masks import LabelMask
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.plans.plan import BalancePlan


class PlanDataset(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Images and masks by (index, copy), as `PlanSampler` yields them.

    Copy 0 is the image as it is; every other copy is augmented by a seed made of the plan's seed, the sample
    id, the copy and the epoch, so that a run can be repeated exactly, with any number of workers.

    Args:
        plan: Its order of images is what an index counts in.
        dataset: The scan of the plan's dataset, of the same fingerprint.
        augmentation: What is done to duplicates.

    Raises:
        PlanError: The plan was made for another dataset, or another state of it.
    """

    def __init__(
        self, plan: BalancePlan, dataset: ScannedDataset, augmentation: AugmentationSpec | None = None
    ) -> None:
        if plan.dataset.fingerprint != dataset.fingerprint:
            raise PlanError(
                f"The plan “{plan.name}” was made for another state of {dataset.spec.name}; balance it again."
            )
        by_id = {sample.id: sample for sample in dataset.samples}
        self._samples = [by_id[sample_id] for sample_id in plan.copies]
        self._source = describe_source(dataset)
        self._augmentation = augmentation or AugmentationSpec()
        self._seed = plan.seed
        # Shared memory: workers that live on from one epoch to the next see the new number.
        self._epoch = torch.zeros(1, dtype=torch.int64)
        self._epoch.share_memory_()  # type: ignore[no-untyped-call]  # torch has no types there

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; its duplicates differ from those of the others."""
        self._epoch[0] = epoch

    def __len__(self) -> int:
        """Images of the plan, dropped ones included; copies are not counted."""
        return len(self._samples)

    def __getitem__(self, item: Item) -> tuple[torch.Tensor, torch.Tensor]:
        """One copy of one image.

        Returns:
            `(bands, H, W)` float32, integers scaled from their type's range to [0, 1]; and `(H, W)` int64
            positions into the scan's classes, -1 for void, or `(C, H, W)` bool where classes overlap.

        Raises:
            DatasetError: A file is gone or damaged.
        """
        index, copy = item
        source = SourceSample(self._source, self._samples[index])
        picture, label = source.picture.without_alpha(), source.label
        if copy:
            seed = compute_seed(self._seed, source.sample.id, copy, int(self._epoch[0]))
            pixels, layers = augment(picture.pixels, split_label(label), self._augmentation, seed)
            return _image_tensor(picture.with_pixels(pixels)), _mask_tensor(layers, label)
        return _image_tensor(picture), _mask_tensor(split_label(label), label)


def _image_tensor(picture: Picture) -> torch.Tensor:
    pixels = picture.pixels.astype(np.float32)
    if np.issubdtype(picture.pixels.dtype, np.integer):
        pixels /= np.float32(np.iinfo(picture.pixels.dtype).max)
    bands = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)  # (H, W, bands) -> (bands, H, W)
    return torch.from_numpy(np.ascontiguousarray(bands))


def _mask_tensor(layers: Sequence[NDArray[Any]], like: LabelMask) -> torch.Tensor:
    label = join_label(layers, like)
    dtype = np.bool_ if label.overlapping else np.int64
    return torch.from_numpy(np.ascontiguousarray(label.pixels.astype(dtype)))
