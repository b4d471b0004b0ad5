import numpy as np
import pytest

from core.statistics import BINS, measure_image, summarise_kinds

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_mean_and_spread_are_those_of_all_pixels(dtype: type) -> None:
    images = [(RNG.normal(120, 20, (20 + i, 30, 3))).clip(0, 250).astype(dtype) for i in range(3)]
    kinds = summarise_kinds([measure for image in images if (measure := measure_image(image))])
    flat = np.concatenate([image.reshape(-1, 3) for image in images]).astype(np.float64)
    assert len(kinds) == 1
    assert [item.name for item in kinds[0].channels] == ["red", "green", "blue"]
    assert [item.mean for item in kinds[0].channels] == pytest.approx(flat.mean(axis=0))
    assert [item.std for item in kinds[0].channels] == pytest.approx(flat.std(axis=0))
    assert [item.highest for item in kinds[0].channels] == pytest.approx(flat.max(axis=0))


def test_the_histogram_holds_every_pixel_of_a_small_image() -> None:
    image = RNG.integers(0, 256, (40, 50), dtype=np.uint8)
    measure = measure_image(image)
    assert measure is not None
    channel = summarise_kinds([measure])[0].channels[0]
    expected, _ = np.histogram(image, BINS, (0, 256))
    assert channel.counts == tuple(expected)


def test_values_beyond_the_middle_of_deep_images_stay_in_the_outermost_bins() -> None:
    image = RNG.normal(0, 1, (100, 80)).astype(np.float32)
    image[0, 0] = 1e6
    measure = measure_image(image)
    assert measure is not None
    kind = summarise_kinds([measure])[0]
    assert kind.high < 10
    assert kind.channels[0].highest == 1e6
    assert sum(kind.channels[0].counts) == image.size


def test_images_of_other_depths_and_channels_are_kept_apart() -> None:
    images = [np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint8)]
    images += [np.zeros((4, 4), np.uint16)]
    kinds = summarise_kinds([measure for image in images if (measure := measure_image(image))])
    found = {(kind.depth, len(kind.channels)): (kind.images, kind.full_scale) for kind in kinds}
    assert found == {("uint8", 1): (2, 255.0), ("uint8", 3): (1, 255.0), ("uint16", 1): (1, 65535.0)}


def test_pixels_that_are_no_number_are_passed_over() -> None:
    image = np.array([[1.0, np.nan], [3.0, np.inf]])
    measure = measure_image(image)
    assert measure is not None
    assert (measure.level, measure.count.tolist()) == (2.0, [2])
    assert measure_image(np.full((2, 2), np.nan)) is None


def test_a_blank_image_has_no_contrast_and_a_dark_one_a_low_level() -> None:
    blank, dark = measure_image(np.full((9, 9), 200, np.uint8)), measure_image(np.zeros((9, 9), np.uint8))
    assert blank is not None
    assert dark is not None
    assert (blank.contrast, blank.level, dark.level) == (0.0, 200.0, 0.0)
