"""Coverage of tubes and blobs."""

import numpy as np
import pytest

from core.synthesis.raster import Blob, Tubes, cover_blobs, cover_tubes
from core.synthesis.view import View

VIEW = View(128, (0.0, 0.0), (63.5, 63.5), 60.0, 60.0, 0.0, False, 128.0)


@pytest.mark.parametrize("stretch", [1.0, 3.0])
def test_a_blob_covers_its_area(stretch: float) -> None:
    cover = cover_blobs([Blob((0.1, 0.0), 0.3, stretch, 0.5, 0.1)], VIEW)
    area = np.pi * (0.3 * 60) ** 2
    assert np.isclose(cover.sum(), area, rtol=0.02)
    assert np.isclose((cover >= 0.5).sum(), area, rtol=0.02)


def test_a_blob_lies_along_its_angle() -> None:
    y, x = np.nonzero(cover_blobs([Blob((0.0, 0.0), 0.2, 4.0, np.pi / 4)], VIEW) >= 0.5)
    assert np.corrcoef(x, y)[0, 1] > 0.8


def test_lobes_change_the_outline_as_the_formula_says() -> None:
    cover = cover_blobs([Blob((0.0, 0.0), 0.5, 1.0, 0.0, 0.05, (0.3 + 0j,))], VIEW)
    assert cover[63, 63 + 36] > 0.5  # radius 0.5 · (1 + 0.3) · 60 = 39 along x
    assert cover[63 + 24, 63] < 0.5  # radius 0.5 · (1 − 0.3) · 60 = 21 along y


def test_what_lies_outside_the_picture_is_cut_off() -> None:
    assert cover_blobs([Blob((5.0, 5.0), 0.2)], VIEW).max() == 0
    assert 0 < cover_blobs([Blob((1.05, 0.0), 0.2)], VIEW).sum() < np.pi * 12**2


@pytest.mark.parametrize("radius", [0.2, 0.6, 2.0, 7.0])
def test_a_tube_covers_its_width_times_its_length(radius: float) -> None:
    x = np.linspace(-0.8, 0.8, 60)
    points = np.stack([x, 0.4 * x], axis=1)
    half_widths = np.full(59, radius / 60)
    cover = cover_tubes(Tubes(points[:-1], points[1:], half_widths), VIEW)
    length = np.hypot(1.6, 0.64) * 60
    middle = cover[:, 40:88].sum() / 48 * 96  # away from the round ends
    assert np.isclose(middle, 2 * radius * length, rtol=0.12)
    assert cover.max() <= 1


def test_a_tube_thinner_than_a_pixel_is_never_labelled() -> None:
    tubes = Tubes(np.array([[-0.5, 0.0]]), np.array([[0.5, 0.0]]), np.array([0.2 / 60]))
    assert cover_tubes(tubes, VIEW).max() < 0.5
