from hashlib import blake2b
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import MaskError
from core.formats.pixels.counting import MAX_VALUES, ValueCounts, count_mask_pixels, count_values
from core.formats.pixels.mask_pixels import MaskPixels
from tests.formats.files import blocks, paint, write_array, write_palette

STRIPES = blocks(0, 3, 200, 255)
EACH = STRIPES.size // 4


def pairs(counts: ValueCounts) -> dict[int, int]:
    return dict(zip(counts.values.tolist(), counts.counts.tolist(), strict=True))


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "gif", "webp"])
def test_grey_values_are_counted_in_every_format(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    counts = count_values(write_array(tmp_path / f"a.{suffix}", STRIPES, **options))
    assert pairs(counts) == dict.fromkeys((0, 3, 200, 255), EACH)
    assert (counts.height, counts.width, counts.kind, counts.lossy) == (24, 32, "scalar", False)


def test_deep_values_are_counted_exactly(tmp_path: Path) -> None:
    counts = count_values(write_array(tmp_path / "a.png", blocks(0, 1000, 65535, 7, dtype=np.uint16)))
    assert pairs(counts) == dict.fromkeys((0, 7, 1000, 65535), EACH)


def test_wide_and_negative_integers_are_counted(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", blocks(-5, 0, 2_000_000_000, 9, dtype=np.int32))
    assert pairs(count_values(tmp_path / "a.tif")) == dict.fromkeys((-5, 0, 9, 2_000_000_000), EACH)


def test_a_grey_gif_counts_greys_because_writers_renumber_its_indices(tmp_path: Path) -> None:
    path = write_array(tmp_path / "a.gif", blocks(0, 200))
    with Image.open(path) as image:
        assert np.unique(np.asarray(image)).tolist() == [0, 1]
    assert pairs(count_values(path)) == {0: 2 * EACH, 200: 2 * EACH}


def test_pages_of_one_size_are_refused_in_a_mask(tmp_path: Path) -> None:
    pages = [Image.fromarray(blocks(0, value)) for value in (1, 2, 3)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(MaskError, match="3 pages"):
        count_values(tmp_path / "a.tif")


def test_a_smaller_second_page_is_a_thumbnail_and_ignored(tmp_path: Path) -> None:
    page = Image.fromarray(STRIPES)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page.resize((8, 6))])
    assert pairs(count_values(tmp_path / "a.tif")) == dict.fromkeys((0, 3, 200, 255), EACH)


def test_palette_images_count_indices_and_tell_the_colours(tmp_path: Path) -> None:
    path = write_palette(tmp_path / "a.png", blocks(0, 2), [0, 0, 0, 9, 9, 9, 255, 0, 16])
    counts = count_values(path)
    assert pairs(counts) == {0: 2 * EACH, 2: 2 * EACH}
    assert counts.colours is not None
    assert counts.colours.tolist() == [0, 0xFF0010]


def test_a_1_bit_file_holds_0_and_1(tmp_path: Path) -> None:
    Image.fromarray(blocks(0, 255)).convert("1").save(tmp_path / "a.png")
    counts = count_values(tmp_path / "a.png")
    assert pairs(counts) == {0: 2 * EACH, 1: 2 * EACH}
    assert counts.bilevel


@pytest.mark.parametrize("extra", [[], [255], [0]])
def test_equal_channels_and_constant_alpha_are_one_number(tmp_path: Path, extra: list[int]) -> None:
    array = np.dstack([STRIPES] * 3 + [np.full_like(STRIPES, value) for value in extra])
    assert pairs(count_values(write_array(tmp_path / "a.png", array))) == dict.fromkeys(
        (0, 3, 200, 255), EACH
    )


def test_grey_with_constant_alpha_is_one_number(tmp_path: Path) -> None:
    array = np.dstack([STRIPES, np.full_like(STRIPES, 255)])
    assert pairs(count_values(write_array(tmp_path / "a.png", array))) == dict.fromkeys(
        (0, 3, 200, 255), EACH
    )


def test_mostly_transparent_pixels_count_as_0(tmp_path: Path) -> None:
    array = np.dstack([np.full_like(STRIPES, 7), blocks(0, 255)])
    assert pairs(count_values(write_array(tmp_path / "a.png", array))) == {0: 2 * EACH, 7: 2 * EACH}


def test_colours_are_packed_with_their_peaks(tmp_path: Path) -> None:
    colours = paint(blocks(0, 1, 2, 2), {1: (255, 0, 0), 2: (0, 128, 64)})
    counts = count_values(write_array(tmp_path / "a.png", colours))
    assert counts.kind == "colour"
    assert pairs(counts) == {0: EACH, 0xFF0000: EACH, 0x008040: 2 * EACH}
    assert counts.peaks is not None
    assert counts.peaks[[0, 255, 128]].tolist() == [EACH, EACH, 2 * EACH]


def test_red_on_black_jpeg_reaches_full_peaks(tmp_path: Path) -> None:
    path = write_array(tmp_path / "a.jpg", paint(blocks(0, 1), {1: (255, 0, 0)}), quality=90)
    counts = count_values(path)
    assert counts.lossy
    assert counts.peaks is not None
    assert counts.peaks[:60].sum() == counts.peaks[200:].sum() == STRIPES.size // 2


def test_a_four_band_tiff_with_a_constant_band_is_a_colour_mask(tmp_path: Path) -> None:
    bands = np.dstack([paint(blocks(0, 1), {1: (5, 6, 7)}), np.full(STRIPES.shape, 255, np.uint8)])
    tifffile.imwrite(tmp_path / "a.tif", bands, photometric="rgb", extrasamples=["unspecified"])
    assert pairs(count_values(tmp_path / "a.tif")) == {0: 2 * EACH, 0x050607: 2 * EACH}


def test_an_image_of_four_deep_bands_is_no_mask(tmp_path: Path) -> None:
    bands = np.random.default_rng(0).integers(0, 4000, (8, 8, 4)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", bands, photometric="rgb", extrasamples=["unspecified"])
    with pytest.raises(MaskError, match="4 bands of 16 bits are an image"):
        count_values(tmp_path / "a.tif")


def test_whole_floats_are_numbers_and_fractions_are_scaled(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "whole.tif", blocks(0, 2, 7, 7, dtype=np.float32))
    tifffile.imwrite(tmp_path / "soft.tif", (blocks(0, 1, 2, 4) / 4).astype(np.float32))
    assert pairs(count_values(tmp_path / "whole.tif")) == {0: EACH, 2: EACH, 7: 2 * EACH}
    soft = count_values(tmp_path / "soft.tif")
    assert (pairs(soft), soft.scale) == ({0: EACH, 64: EACH, 128: EACH, 255: EACH}, 255)


def test_not_a_number_is_refused_in_a_mask(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4), np.float32)
    pixels[0, 0] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    with pytest.raises(MaskError, match="not numbers"):
        count_values(tmp_path / "a.tif")


def test_deep_colour_is_refused_rather_than_cut_to_8_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_array(path, paint(blocks(0, 1), {1: (1, 2, 3)}))
    data = bytearray(path.read_bytes())
    data[24] = 16  # bit depth in the header; its checksum no longer fits
    data[29:33] = crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(MaskError, match="16 bits a channel"):
        count_values(path)


def test_too_many_values_are_counted_in_steps() -> None:
    ramp = np.arange(4096, dtype=np.int64).reshape(64, 64)
    counts = count_mask_pixels(MaskPixels(ramp, False, "0" * 32))
    assert counts.step == 4
    assert counts.values.tolist() == list(range(0, 4096, 4))
    assert set(counts.counts.tolist()) == {4}


def test_too_many_colours_keep_the_frequent_ones_and_the_rest() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (80, 80, 3)).astype(np.uint8)
    picture[:40] = (1, 2, 3)
    counts = count_mask_pixels(MaskPixels(Image.fromarray(picture), False, "0" * 32))
    assert counts.values.size == MAX_VALUES
    assert pairs(counts)[0x010203] >= 40 * 80
    assert counts.counts.sum() + counts.rest == 80 * 80


def test_the_digest_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    path = write_array(tmp_path / "a.png", STRIPES)
    assert count_values(path).digest == blake2b(path.read_bytes(), digest_size=16).hexdigest()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(0, 4), (0, 256), (-3, 3), (0, 2**40)]))
def test_counts_are_those_of_numpy_unique(seed: int, span: tuple[int, int]) -> None:
    pixels = np.random.default_rng(seed).integers(*span, (12, 17))
    counts = count_mask_pixels(MaskPixels(pixels, False, "0" * 32))
    values, expected = np.unique(pixels, return_counts=True)
    assert np.array_equal(counts.values, values)
    assert np.array_equal(counts.counts, expected)
