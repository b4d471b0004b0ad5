"""What a mask format is: how raw counts become classes and presence, and pixels become a label mask."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample
from core.formats.pixels.counting import ValueCounts
from core.formats.pixels.mask_pixels import MaskPixels


@dataclass(frozen=True, slots=True)
class CountedMask:
    """One readable mask file of a sample: `key` as in `Sample.masks`, `file` relative to the root."""

    key: str
    file: str
    counts: ValueCounts


@dataclass(frozen=True, slots=True)
class CountedSample:
    """One sample whose mask files are counted.

    Attributes:
        sample: The sample.
        height: Rows of its masks (and its image).
        width: Columns.
        masks: The readable masks, all of that size.
        union: Counts of the largest level per pixel over all masks, for one-file-per-class formats.
    """

    sample: Sample
    height: int
    width: int
    masks: tuple[CountedMask, ...]
    union: ValueCounts | None = None


@dataclass(frozen=True, slots=True)
class Tabulation:
    """What a format makes of counted samples.

    Attributes:
        classes: The C non-void classes: those of the spec first, then what was found besides.
        kept: `(N,)` intp positions of the samples that the format can use.
        presence: `(N, C)` bool.
        pixels: `(N, C)` int64.
        totals: `(N,)` int64 pixels that are not void.
        problems: Files that mean nothing in this format, and what else a person should know.
        threshold: The threshold that soft masks were cut at; None for other formats.
    """

    classes: tuple[ClassSpec, ...]
    kept: NDArray[np.intp]
    presence: NDArray[np.bool_]
    pixels: NDArray[np.int64]
    totals: NDArray[np.int64]
    problems: tuple[Problem, ...] = ()
    threshold: float | None = None


class MaskFormat(Protocol):
    """One way to store classes in mask files. Formats are pure: files are opened by their callers."""

    @property
    def name(self) -> FormatName:
        """The name in `dataset.toml`."""

    @property
    def title(self) -> str:
        """What people read."""

    @property
    def overlapping(self) -> bool:
        """Whether one pixel may hold several classes."""

    def sniff(self, counts: Sequence[ValueCounts]) -> float:
        """How well the counts of some files fit this format, in [0, 1]."""

    def tabulate(self, spec: DatasetSpec, samples: Sequence[CountedSample]) -> Tabulation:
        """Turn raw counts into classes, presence and pixels.

        Raises:
            DatasetError: The spec's classes break a rule of the format.
        """

    def read(
        self, spec: DatasetSpec, classes: Sequence[ClassSpec], masks: Sequence[tuple[str, MaskPixels]]
    ) -> LabelMask:
        """Turn the pixels of one sample's masks (class key, pixels; all of one size) into a label mask.

        Raises:
            MaskError: The pixels mean nothing in this format.
        """


class MaskWriter(MaskFormat, Protocol):
    """A format that masks are also written in."""

    def write(self, folder: Path, stem: str, mask: LabelMask, classes: Sequence[ClassSpec]) -> list[Path]:
        """Write one mask below `folder` under a file stem; returns the files."""
