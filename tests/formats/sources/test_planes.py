"""How slices lie and are looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.sources.planes import Plane, find_plane


def test_slices_follow_the_last_axis() -> None:
    assert find_plane(np.eye(4), (1.0, 1.0, 1.0)).axes[2] == 2


def test_slices_follow_the_thick_axis() -> None:
    assert find_plane(np.diag([1.0, 4.0, 1.0, 1.0]), (1.0, 4.0, 1.0)).axes[2] == 1


def test_an_axis_a_little_thicker_than_the_others_is_not_the_thick_one() -> None:
    assert find_plane(np.eye(4), (1.2, 1.0, 1.0)).axes[2] == 2


def test_unknown_spacings_leave_the_last_axis() -> None:
    assert find_plane(np.eye(4), (np.nan, np.nan, np.nan)).axes[2] == 2


def test_an_axial_slice_shows_the_front_above_and_the_right_side_on_the_left() -> None:
    volume = np.zeros((3, 4, 2))
    volume[2, 3, :] = 1  # the patient's right (x rises to the right), at the front (y rises to the front)
    slices = find_plane(np.eye(4), (1.0, 1.0, 1.0)).face(volume)
    assert slices.shape == (4, 3, 2)
    assert slices[0, 0].all()


def test_a_coronal_slice_shows_the_head_above() -> None:
    volume = np.zeros((3, 2, 4))
    volume[0, :, 3] = 1  # the patient's left, at the head
    slices = find_plane(np.diag([1.0, 5.0, 1.0, 1.0]), (1.0, 5.0, 1.0)).face(volume)
    assert slices[0, -1].all()


def test_stored_axes_in_another_order_are_shown_alike() -> None:
    volume = np.arange(24).reshape(2, 3, 4)
    affine = np.eye(4)
    swapped = np.transpose(volume, (1, 0, 2))
    first = find_plane(affine, (1.0, 1.0, 1.0)).face(volume)
    second = find_plane(affine[:, [1, 0, 2, 3]], (1.0, 1.0, 1.0)).face(swapped)
    assert (first == second).all()


def test_an_affine_of_zeros_is_no_obstacle() -> None:
    assert sorted(find_plane(np.zeros((4, 4)), (1.0, 1.0, 1.0)).axes) == [0, 1, 2]


@given(st.permutations([0, 1, 2]), st.tuples(st.booleans(), st.booleans()), st.sampled_from([(), (2,)]))
def test_turning_back_gives_what_was_stored(
    axes: list[int], flips: tuple[bool, bool], bands: tuple[int, ...]
) -> None:
    volume = np.random.default_rng(0).integers(0, 9, (2, 3, 4, *bands))
    plane = Plane((axes[0], axes[1], axes[2]), flips)
    assert (plane.unface(plane.face(volume)) == volume).all()


def test_quantities_of_axes_follow_the_slices() -> None:
    assert Plane((1, 0, 2), (True, True)).order((0.5, 0.7, 3.0)) == pytest.approx((0.7, 0.5, 3.0))
