"""From retina coordinates to pixels and back."""

import numpy as np
import pytest

from core.synthesis.view import View


def make_view(mirrored: bool = False, crop: float = 200.0) -> View:
    return View(200, (0.3, -0.1), (98.0, 101.5), 95.0, 90.0, 0.2, mirrored, crop)


@pytest.mark.parametrize("mirrored", [False, True])
def test_pixels_and_retina_are_inverse(mirrored: bool) -> None:
    view = make_view(mirrored)
    x, y = view.to_retina()
    pixels = view.to_pixels(np.array([[x[40, 150], y[40, 150]], [x[7, 3], y[7, 3]]], dtype=float))
    assert np.allclose(pixels, [[150, 40], [3, 7]], atol=1e-3)


def test_the_aim_is_in_the_middle_of_the_field() -> None:
    assert np.allclose(make_view().to_pixels(np.array([[0.3, -0.1]])), [[98.0, 101.5]])


def test_a_direction_turns_as_points_do() -> None:
    for view in (make_view(False), make_view(True)):
        start, end = view.to_pixels(np.array([[0.0, 0.0], [np.cos(0.7), np.sin(0.7)]]))
        seen = np.arctan2(*(end - start)[::-1])
        assert np.isclose(np.cos(seen - view.turn_angle(0.7)), 1)


def test_edge_distance_agrees_with_the_field_plane_and_knows_the_crop() -> None:
    view = make_view(crop=60.0)
    _, inside = view.field_distance()
    assert np.isclose(inside[150, 80], view.edge_distance(np.array([[80.0, 150.0]]))[0], atol=1e-3)
    assert inside[100, 98] > 58
    assert inside[170, 98] < 0


def test_a_resized_view_sees_the_same_retina() -> None:
    x, y = make_view().to_retina()
    small_x, small_y = make_view().resized(100).to_retina()
    assert np.allclose(small_x, x.reshape(100, 2, 100, 2).mean((1, 3)), atol=1e-4)
    assert np.allclose(small_y, y.reshape(100, 2, 100, 2).mean((1, 3)), atol=1e-4)
