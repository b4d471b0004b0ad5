from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DatasetError, MaskError
from core.formats.pixels.mask_pixels import pack_colours, packed_pixels, read_mask_pixels
from tests.formats.files import blocks, paint, write_array, write_palette


def test_numbers_are_greys_indices_or_packed_colours(tmp_path: Path) -> None:
    grey = write_array(tmp_path / "a.png", blocks(0, 9))
    index = write_palette(tmp_path / "b.png", blocks(0, 1), [9, 9, 9, 255, 0, 0])
    colour = write_array(tmp_path / "c.png", paint(blocks(0, 1), {1: (255, 0, 2)}))
    deep = write_array(tmp_path / "d.tif", blocks(0, 70_000, dtype=np.int32))
    last = [int(read_mask_pixels(file).numbers()[0, -1]) for file in (grey, index, colour, deep)]
    assert last == [9, 1, 0xFF0002, 70_000]


def test_shape_is_height_then_width_for_every_kind(tmp_path: Path) -> None:
    files = [
        write_array(tmp_path / "a.png", blocks(0, 9)),
        write_array(tmp_path / "b.tif", blocks(0, 1, dtype=np.float32)),
    ]
    assert [read_mask_pixels(file).shape for file in files] == [(24, 32)] * 2


def test_a_short_palette_is_black_beyond_its_end(tmp_path: Path) -> None:
    palette = read_mask_pixels(write_palette(tmp_path / "a.png", blocks(0, 1), [1, 1, 1, 255, 0, 0])).palette
    assert palette is not None
    assert palette.shape == (256,)
    assert palette[[0, 1, 255]].tolist() == [0x010101, 0xFF0000, 0]


def test_only_a_palette_image_has_a_palette(tmp_path: Path) -> None:
    assert read_mask_pixels(write_array(tmp_path / "a.png", blocks(0, 9))).palette is None


def test_peaks_are_the_largest_channel(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", paint(blocks(0, 1, 2), {1: (3, 200, 7), 2: (0, 0, 40)}))
    assert np.unique(np.asarray(read_mask_pixels(file).peaks())).tolist() == [0, 40, 200]


@pytest.mark.parametrize(("options", "lossy"), [({"quality": 50}, True), ({"lossless": True}, False)])
def test_webp_says_whether_it_is_lossy(tmp_path: Path, options: dict[str, object], lossy: bool) -> None:
    assert read_mask_pixels(write_array(tmp_path / "a.webp", blocks(0, 9), **options)).lossy is lossy


def test_a_jpeg_in_a_tiff_is_lossy(tmp_path: Path) -> None:
    path = write_array(tmp_path / "a.tif", paint(blocks(0, 1), {1: (200, 0, 0)}), compression="jpeg")
    assert read_mask_pixels(path).lossy


def test_cmyk_masks_are_colours(tmp_path: Path) -> None:
    picture = Image.fromarray(paint(blocks(0, 1), {1: (255, 0, 0)})).convert("CMYK")
    picture.save(tmp_path / "a.tif")
    assert read_mask_pixels(tmp_path / "a.tif").is_colour


def test_packing_is_the_same_both_ways() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    assert np.array_equal(packed_pixels(Image.fromarray(pixels)), pack_colours(pixels))


def test_a_root_guards_the_read(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", blocks(0, 1))
    (tmp_path / "set").mkdir()
    with pytest.raises(DatasetError):
        read_mask_pixels(file, tmp_path / "set")


def test_complex_numbers_are_no_mask(tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "a.tif", np.ones((4, 4), np.complex64))
    with pytest.raises(MaskError, match=r"a\.tif"):
        read_mask_pixels(tmp_path / "a.tif")


def test_a_pgm_keeps_the_numbers_that_are_written_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 4 1 3\n\0\1\2\3")
    assert read_mask_pixels(path).numbers().tolist() == [[0, 1, 2, 3]]


def test_a_deep_pgm_keeps_the_numbers_that_are_written_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5 2 1 4000\n\x03\xe8\x0f\xa0")
    assert read_mask_pixels(path).numbers().tolist() == [[1000, 4000]]


def test_a_portable_colour_file_of_equal_channels_is_numbers(tmp_path: Path) -> None:
    path = write_array(tmp_path / "a.ppm", np.stack([blocks(0, 255)] * 3, axis=2))
    assert not read_mask_pixels(path).is_colour


@pytest.mark.parametrize(("irreversible", "lossy"), [(False, False), (True, True)])
def test_jpeg_2000_is_lossy_only_with_the_irreversible_wavelet(
    irreversible: bool, lossy: bool, tmp_path: Path
) -> None:
    path = write_array(tmp_path / "a.jp2", blocks(0, 2), irreversible=irreversible)
    assert read_mask_pixels(path).lossy is lossy


@pytest.mark.parametrize("ground", [0, 255])
def test_alpha_is_the_mask_where_nothing_else_differs(ground: int, tmp_path: Path) -> None:
    colour = np.full((24, 32, 3), ground, dtype=np.uint8)
    path = write_array(tmp_path / "a.png", np.dstack([colour, blocks(0, 255)]))
    np.testing.assert_array_equal(read_mask_pixels(path).numbers(), blocks(0, 255))
