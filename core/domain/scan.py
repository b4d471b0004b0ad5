"""What a scan of a dataset finds."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupOrigin


@dataclass(frozen=True, slots=True)
class Problem:
    """One file that the scan could not use as it is; `file` is relative to the dataset's root."""

    file: str
    problem: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One image with its masks; paths are relative to the dataset's root.

    Where a file holds several samples, `part` says which of them this is: the number of a slice, the id of an
    image among COCO annotations, the SOP instance UID of a DICOM image.
    `masks` maps a class key to its file; for formats that keep all classes in one file the key is `""`.
    Without masks (label tables) it is empty, without an image file `image` is None.
    """

    id: str
    image: PurePosixPath | None
    masks: tuple[tuple[str, PurePosixPath], ...] = ()
    group: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class ScannedDataset:
    """Everything that is known of a dataset once its masks are read.

    Attributes:
        spec: The answers that the scan used.
        classes: All non-void classes, in order; those of the spec first, then what was found besides.
        samples: The N usable samples.
        presence: `(N, C)` bool, C = len(classes), background included.
        pixels: `(N, C)` int64 pixel counts, or None for label tables.
        totals: `(N,)` int64 pixels per image that are not void, or None for label tables.
        sizes: `(N, 2)` int32 height and width of each mask, or None for label tables.
        overlapping: Whether one pixel may hold several classes.
        problems: Files that could not be used, or only in part.
        images: How many images (or rows) the dataset holds, problem files included.
        fingerprint: Hash of content, independent of where the folder lies.
        threshold: Where soft masks were cut; None for formats without a threshold.
        depths: `(N,)` int32 slices of each sample, or None where every sample is one picture.
        spacings: `(N, 3)` float64 mm between rows, columns and slices, NaN where a file does not say; None
            where no file can say.
        digests: `(N,)` uint64 hash of each sample's masks, which tells a changed mask; None where labels
            lie in a table.
        own_groups: `(N,)` groups that the format itself names (PatientID, the volume of a slice), empty texts
            for none; None straight from a format, before `core.formats.group_names` has named the groups.
        group_origins: `(N,)` where each sample's group comes from; None where only the format names groups.
        group_notes: What a person should know of the group file, a sentence each.
    """

    spec: DatasetSpec
    classes: tuple[ClassSpec, ...]
    samples: tuple[Sample, ...]
    presence: NDArray[np.bool_]
    pixels: NDArray[np.int64] | None
    totals: NDArray[np.int64] | None
    sizes: NDArray[np.int32] | None
    overlapping: bool
    problems: tuple[Problem, ...]
    images: int
    fingerprint: str
    threshold: float | None = None
    depths: NDArray[np.int32] | None = None
    spacings: NDArray[np.float64] | None = None
    own_groups: tuple[str, ...] | None = None
    group_origins: tuple[GroupOrigin, ...] | None = None
    group_notes: tuple[str, ...] = ()
    digests: NDArray[np.uint64] | None = None

    @property
    def balanced_columns(self) -> NDArray[np.intp]:
        """Columns of `presence` whose role is `class`: those that a target vector speaks of."""
        return np.flatnonzero([item.role is ClassRole.CLASS for item in self.classes])
