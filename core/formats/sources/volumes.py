"""A whole volume with its classes, as it is copied and written."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample
from core.formats.sources.planes import Plane


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume in upright slices.

    Attributes:
        pixels: `(H, W, D, bands)` uint8, uint16, int16 or float32; every value is finite.
        positions: `(H, W, D)` int16 positions into the classes, -1 for void.
        plane: How slices lie in the stored array.
        affine: `(4, 4)` from positions in the stored array to RAS+ millimetres.
        spacing: Millimetres along the axes of the stored array; NaN where unknown.
        files: NIfTI files that hold just these bands, relative to the root; empty where there are none.
        label: The NIfTI file that holds just these classes; None where there is none.
    """

    pixels: NDArray[Any]
    positions: NDArray[np.int16]
    plane: Plane
    affine: NDArray[np.float64]
    spacing: tuple[float, float, float]
    files: tuple[PurePosixPath, ...] = ()
    label: PurePosixPath | None = None


class VolumeSource(Protocol):
    """A source whose samples may be whole volumes."""

    def read_volume(self, spec: DatasetSpec, classes: tuple[ClassSpec, ...], sample: Sample) -> Volume:
        """A volume with its classes.

        Raises:
            DatasetError: A file is missing or broken, or classes overlap so that no one number fits a voxel.
        """
