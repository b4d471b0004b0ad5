"""In which order planes follow each other, and how far apart, whatever files are called."""

from pathlib import PurePosixPath

import numpy as np
import pytest

from core.formats.sources.dicom_files import Frame, find_affine, find_step, list_frames, order_frames
from tests.formats.sources.dicoms import make_series

HEADS = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]


def frames(positions: list[list[float] | None], turned: list[list[float]] | None = None) -> list[Frame]:
    """Planes with InstanceNumber 1, 2, …; None: one that does not say where it lies."""
    found = []
    images = make_series(len(positions))
    for number, (image, position) in enumerate(zip(images, positions, strict=True)):
        image.ImagePositionPatient = position
        image.ImageOrientationPatient = turned[number] if turned else HEADS
        found += list_frames(image, PurePosixPath(f"{number}.dcm"))
    return found


def names(found: list[Frame]) -> list[str]:
    return [frame.file.stem for frame in order_frames(found)]


def test_planes_follow_their_normal_not_their_numbers() -> None:
    falling = frames([[1, 2, 9], [1, 2, 6], [1, 2, 3]])
    assert names(falling) == ["2", "1", "0"]
    assert find_step(order_frames(falling)) == pytest.approx(3)
    askew = frames([[5, 0, 0], [-5, 9, 9], [0, 3, 3]], [SAGITTAL] * 3)  # the normal points to the right
    assert names(askew) == ["0", "2", "1"]


def test_one_plane_without_a_position_leaves_the_numbers_to_all() -> None:
    assert names(frames([[1, 2, 9], None, [1, 2, 3]])) == ["0", "1", "2"]


def test_planes_that_face_different_ways_are_no_stack() -> None:
    mixed = frames([[1, 2, 9], [1, 2, 3], [4, 2, 3]], [HEADS, HEADS, SAGITTAL])
    assert names(mixed) == ["0", "1", "2"]
    assert np.isnan(find_step(mixed))


def test_the_thickness_of_a_slice_is_no_distance_between_slices() -> None:
    placeless = frames([None, None])
    assert placeless[0].thickness == 2.5
    assert np.isnan(find_step(placeless))
    assert find_affine(placeless)[2, 2] == pytest.approx(
        2.5
    )  # the best guess where voxels must lie somewhere
    said = make_series(2, ImagePositionPatient=None, SpacingBetweenSlices=-4.0)
    assert (
        find_step([*list_frames(said[0], PurePosixPath("a")), *list_frames(said[1], PurePosixPath("b"))]) == 4
    )
