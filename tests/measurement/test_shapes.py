import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.measurement.shapes import Measure, measure_region


def ellipse(height: int, width: int, semi_rows: float, semi_columns: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:height, :width]
    inside = ((rows - height // 2) / semi_rows) ** 2 + ((columns - width // 2) / semi_columns) ** 2 <= 1
    return np.asarray(inside)


def table(measures: list[Measure]) -> dict[tuple[str, str], float | None]:
    return {(item.name, item.unit): item.value for item in measures}


def rectangle() -> NDArray[np.bool_]:
    region = np.zeros((20, 30), bool)
    region[4:10, 5:25] = True  # 6 rows, 20 columns
    return region


def test_a_disc_has_the_figures_of_a_circle() -> None:
    found = table(measure_region(ellipse(101, 101, 40, 40), (0.5, 0.5)))
    assert found["area", "mm²"] == pytest.approx(math.pi * 20**2, rel=0.01)
    assert found["perimeter", "mm"] == pytest.approx(2 * math.pi * 20, rel=0.06)  # of a polygon in a grid
    assert found["equivalent diameter", "mm"] == pytest.approx(40, rel=0.01)
    assert found["major axis", "mm"] == pytest.approx(40, rel=0.01)
    assert found["minor axis", "mm"] == pytest.approx(40, rel=0.01)
    assert found["eccentricity", ""] == pytest.approx(0, abs=0.02)
    assert found["solidity", ""] == pytest.approx(1, abs=0.02)
    assert found["components", ""] == 1
    assert (found["centroid row", "px"], found["centroid row", "mm"]) == (50, 25)
    assert found["equivalent diameter", "px"] == pytest.approx(80, rel=0.01)


def test_an_ellipse_has_its_axes_and_eccentricity() -> None:
    found = table(measure_region(ellipse(101, 201, 30, 60), (1.0, 1.0)))
    assert found["major axis", "mm"] == pytest.approx(120, rel=0.01)
    assert found["minor axis", "mm"] == pytest.approx(60, rel=0.01)
    assert found["eccentricity", ""] == pytest.approx(math.sqrt(1 - 0.25), rel=0.01)


def test_an_ellipse_of_flat_pixels_is_a_circle_where_the_spacing_says_so() -> None:
    found = table(measure_region(ellipse(101, 201, 30, 60), (1.0, 0.5)))
    assert found["major axis", "mm"] == pytest.approx(60, rel=0.02)
    assert found["minor axis", "mm"] == pytest.approx(60, rel=0.02)
    assert found["eccentricity", ""] == pytest.approx(0, abs=0.2)
    assert found["area", "mm²"] == pytest.approx(math.pi * 30**2, rel=0.01)
    assert found["bounding box column extent", "mm"] == pytest.approx(60, rel=0.02)


def test_a_rectangle_is_measured_exactly() -> None:
    found = table(measure_region(rectangle(), (2.0, 2.0)))
    assert (found["area", "px"], found["area", "mm²"]) == (120, 480)
    assert (found["centroid row", "px"], found["centroid column", "px"]) == (6.5, 14.5)
    assert (found["centroid row", "mm"], found["centroid column", "mm"]) == (13, 29)
    assert (found["bounding box row from", "px"], found["bounding box row to", "px"]) == (4, 10)
    assert (found["bounding box row extent", "mm"], found["bounding box column extent", "mm"]) == (12, 40)
    assert found["solidity", ""] == 1
    # regionprops runs through the middles of the outline's pixels: 2·(5 + 19)
    assert found["perimeter", "mm"] == pytest.approx(2 * 48, rel=0.01)


def test_pixels_that_are_not_square_leave_no_length_in_pixels_and_no_perimeter() -> None:
    found = table(measure_region(rectangle(), (2.0, 1.0)))
    lengths = ["equivalent diameter", "major axis", "minor axis", "perimeter"]
    assert [found[name, "px"] for name in lengths] == [None] * 4
    assert found["perimeter", "mm"] is None
    assert found["major axis", "mm"] == pytest.approx(20 * 2 / math.sqrt(3), rel=0.01)
    assert (found["area", "px"], found["area", "mm²"]) == (120, 240)


@pytest.mark.parametrize("spacing", [None, (float("nan"), 1.0), (0.0, 1.0), (-1.0, 1.0)])
def test_without_a_spacing_no_figure_is_in_millimetres(spacing: tuple[float, float] | None) -> None:
    measures = measure_region(rectangle(), spacing)
    assert all(item.value is None for item in measures if "mm" in item.unit)
    assert all(item.value is not None for item in measures if "mm" not in item.unit)


def test_pieces_that_touch_at_a_corner_are_one() -> None:
    region = np.zeros((6, 6), bool)
    region[0, 0] = region[1, 1] = region[4, 4] = True
    assert table(measure_region(region, None))["components", ""] == 2


def test_an_absent_class_has_no_place_and_no_shape() -> None:
    found = table(measure_region(np.zeros((5, 5), bool), (1.0, 1.0)))
    given_ = {key for key, value in found.items() if value is not None}
    assert given_ == {("area", "px"), ("area", "mm²"), ("components", "")}
    assert not any(found[key] for key in given_)


@pytest.mark.parametrize("region", [np.eye(1, 5, dtype=bool), np.ones((1, 4), bool), np.ones((4, 1), bool)])
def test_a_point_or_a_line_has_no_solidity_and_raises_no_warning(region: NDArray[np.bool_]) -> None:
    assert table(measure_region(region, (1.0, 1.0)))["solidity", ""] is None


def test_a_ball_has_a_volume_in_millilitres() -> None:
    slices, rows, columns = np.mgrid[:15, :41, :41]
    ball = ((slices - 7) * 3) ** 2 + (rows - 20) ** 2 + (columns - 20) ** 2 <= 18**2
    found = table(measure_region(ball, (3.0, 1.0, 1.0)))
    assert found["volume", "ml"] == pytest.approx(4 / 3 * math.pi * 1.8**3, rel=0.02)
    assert found["volume", "voxels"] == ball.sum()
    assert found["equivalent diameter", "mm"] == pytest.approx(36, rel=0.01)
    assert found["major axis", "mm"] == pytest.approx(36, rel=0.03)
    assert found["centroid slice", "mm"] == pytest.approx(21)
    assert ("perimeter", "mm") not in found
    assert found["equivalent diameter", "px"] is None


@given(st.integers(0, 2**32 - 1), st.sampled_from([None, (1.0, 1.0), (0.3, 0.9)]))
def test_every_region_has_the_same_measures(seed: int, spacing: tuple[float, float] | None) -> None:
    rng = np.random.default_rng(seed)
    region = rng.random((int(rng.integers(1, 9)), int(rng.integers(1, 9)))) > rng.random()
    found = measure_region(region, spacing)
    assert [(item.name, item.unit) for item in found] == [
        (item.name, item.unit) for item in measure_region(np.ones((3, 3), bool), None)
    ]
    assert all(item.value is None or math.isfinite(item.value) for item in found)
    solidity = table(found)["solidity", ""]
    assert solidity is None or 0 < solidity <= 1


def test_a_region_of_the_wrong_shape_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="2 or 3 dimensions"):
        measure_region(np.zeros(3, bool), None)
    with pytest.raises(ValueError, match="as many spacings"):
        measure_region(np.zeros((3, 3), bool), (1.0, 1.0, 1.0))


@given(st.integers(0, 2**32 - 1), st.sampled_from([(1.0, 1.0), (0.7, 0.7), (2.0, 0.5)]))
def test_places_and_axes_are_the_moments_of_the_pixels(seed: int, spacing: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    region = rng.random((int(rng.integers(3, 14)), int(rng.integers(3, 14)))) > 0.5
    region[1, 1] = region[2, 2] = True
    points = np.argwhere(region) * spacing
    spread = np.linalg.eigvalsh(np.cov(points.T, bias=True))
    found = table(measure_region(region, spacing))
    assert found["centroid row", "mm"] == pytest.approx(points[:, 0].mean())
    assert found["centroid column", "mm"] == pytest.approx(points[:, 1].mean())
    assert found["major axis", "mm"] == pytest.approx(4 * math.sqrt(max(spread[1], 0)), abs=1e-6)
    assert found["minor axis", "mm"] == pytest.approx(4 * math.sqrt(max(spread[0], 0)), abs=1e-6)
    area = len(points) * spacing[0] * spacing[1]
    assert found["equivalent diameter", "mm"] == pytest.approx(math.sqrt(4 * area / math.pi))
    assert found["eccentricity", ""] == pytest.approx(math.sqrt(1 - max(spread[0], 0) / spread[1]), abs=1e-6)
    extent = np.ptp(np.argwhere(region), axis=0) + 1
    assert found["bounding box row extent", "mm"] == pytest.approx(extent[0] * spacing[0])
