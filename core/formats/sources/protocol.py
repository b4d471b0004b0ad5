"""What a source is: samples found, counted and read where they are not pictures with mask files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """What one sample holds, in the source's own keys.

    Attributes:
        sample: The sample.
        height: Rows.
        width: Columns.
        pixels: Class key to pixels (of a volume: voxels); keys of void values included.
        total: Pixels of the sample, void ones included.
        digest: Hash of what the pixels mean: equal where, and only where, the masks are equal.
        depth: Slices; 1 for a picture.
        spacing: Millimetres between rows, columns and slices, NaN where the file does not say; None where no
            file of this source can say.
        left_out: Annotations that were not counted: reason to their number.
        overlapping: Whether two classes share a pixel; True where nobody has looked.
    """

    sample: Sample
    height: int
    width: int
    pixels: Mapping[str, int]
    total: int
    digest: str
    depth: int = 1
    spacing: tuple[float, float, float] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    overlapping: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """The samples that could be read, their number before, and what could not be used."""

    samples: tuple[SampleCounts, ...]
    problems: tuple[Problem, ...] = ()


class Source(Protocol):
    """One way to store images and their classes."""

    @property
    def name(self) -> FormatName:
        """The name in `dataset.toml`."""

    @property
    def title(self) -> str:
        """What people read."""

    def find_samples(self, spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
        """All samples without counting their pixels, what cannot be used, and the images in all.

        Raises:
            DatasetError: The folders cannot be read, or nothing in them fits the answers.
        """

    def count(
        self,
        spec: DatasetSpec,
        samples: Sequence[Sample],
        cache: Path | None,
        on_progress: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Counted:
        """Count the pixels of samples; broken files become problems and stop nothing.

        Args:
            spec: The answers.
            samples: All samples, or a few of them for a preview.
            cache: Where counts are kept between scans; None keeps nothing.
            on_progress: Told (samples done, samples in all).
            should_stop: Asked between files.

        Raises:
            CancelledError: `should_stop` said so; what was read is in the cache.
        """

    def overlapping(self, spec: DatasetSpec) -> bool:
        """Whether one pixel may hold several classes."""

    def propose_classes(self, spec: DatasetSpec, found: Sequence[str]) -> tuple[ClassSpec, ...]:
        """Names and roles of keys that occur and that the spec does not list, in their order."""

    def read_label(self, spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
        """The label mask of one sample; of a whole volume the slice that `read_display` shows.

        Raises:
            DatasetError: A file is missing or broken.
        """

    def read_display(
        self, spec: DatasetSpec, sample: Sample, longest: int | None = None
    ) -> NDArray[np.uint8]:
        """`(H, W, 3)` uint8 as people look at it, reduced to at most `longest` pixels a side.

        Raises:
            DatasetError: A file is missing or broken.
        """

    def read_pixels(self, spec: DatasetSpec, sample: Sample) -> NDArray[Any]:
        """`(H, W)` or `(H, W, bands)` in the file's depth, for augmentation and training.

        Raises:
            DatasetError: A file is missing or broken, or the sample is a whole volume.
        """
