"""DICOM images in the place of pictures: beside mask files of their own, one frame a file."""

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import MaskError
from core.formats.sources.dicom_files import Frame, read_frames
from core.formats.sources.dicom_pixels import bend, read_frame_pixels
from core.formats.sources.slices import show


def read_dicom_size(root: Path, file: PurePosixPath) -> tuple[int, int]:
    """Height and width, from the header.

    Raises:
        DatasetError: The file is missing, no DICOM image, or holds several frames.
    """
    return _find_frame(root, file).shape


def read_dicom_display(root: Path, file: PurePosixPath, longest: int | None = None) -> NDArray[np.uint8]:
    """`(H, W, 3)` as the file asks to be shown: through its table or in its first window.

    Raises:
        DatasetError: As `read_dicom_size`, or its pixels cannot be decoded.
    """
    found = read_frame_pixels(root, file, _find_frame(root, file).number)
    return show(bend(found), found.window, longest)


def read_dicom_pixels(root: Path, file: PurePosixPath) -> NDArray[Any]:
    """`(H, W)` rescaled values, or `(H, W, 3)` colours.

    Raises:
        DatasetError: As `read_dicom_display`.
    """
    return read_frame_pixels(root, file, _find_frame(root, file).number).pixels


def _find_frame(root: Path, file: PurePosixPath) -> Frame:
    frames = read_frames(root, file)
    if len(frames) > 1:
        raise MaskError(
            f"{file}: it holds {len(frames)} frames, and a mask file fits one picture; save each frame as a "
            "file of its own."
        )
    return frames[0]
