from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.errors import DatasetError
from core.formats.pixels.images import read_display, read_size
from tests.formats.files import blocks, paint, write_array

RGB = paint(blocks(0, 1, 2), {0: (10, 20, 30), 1: (200, 0, 0), 2: (0, 90, 255)})


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "webp", "jpg", "gif"])
def test_the_size_is_height_then_width(tmp_path: Path, suffix: str) -> None:
    assert read_size(write_array(tmp_path / f"a.{suffix}", blocks(0, 255))) == (24, 32)


def test_the_size_of_a_many_band_tiff_is_read_too(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((9, 7, 6), np.uint16), photometric="minisblack", planarconfig="contig"
    )
    assert read_size(tmp_path / "a.tif") == (9, 7)


def test_the_size_of_a_broken_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").write_text("text")
    for name, what in (("a.png", "0 bytes"), ("b.png", "not an image"), ("c.png", "no such file")):
        with pytest.raises(DatasetError, match=what):
            read_size(tmp_path / name)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK"])
def test_every_8_bit_mode_keeps_its_values(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(RGB).convert(mode)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    picture.save(path)
    shown = read_display(path)
    assert shown.dtype == np.uint8
    assert np.array_equal(shown, np.asarray(picture.convert("RGB")))


def test_transparent_pixels_lie_on_black(tmp_path: Path) -> None:
    write_array(tmp_path / "a.png", np.dstack([RGB, blocks(0, 255, 255)]))
    shown = read_display(tmp_path / "a.png")
    assert not shown[:, :5].any()
    assert np.array_equal(shown[:, 15], RGB[:, 15])


def test_a_fourth_band_that_is_no_alpha_is_left_out(tmp_path: Path) -> None:
    infrared = np.dstack([RGB, np.zeros_like(RGB[..., :1])])
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, infrared, photometric="rgb", extrasamples=["unspecified"])
    assert np.array_equal(read_display(path), RGB)
    Image.fromarray(infrared).save(path)  # Pillow says "alpha" in the file, so now it is
    assert not read_display(path).any()


def test_an_unexplained_fourth_band_is_no_alpha(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    bands = np.dstack([RGB, np.zeros_like(RGB[..., :1])])
    tifffile.imwrite(
        path, bands, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"] * 3
    )
    assert np.array_equal(read_display(path), RGB)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_deep_pixels_are_windowed_to_the_full_range(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.arange(4000).reshape(40, 100).astype(dtype))
    shown = read_display(path)
    assert shown.min() == 0
    assert shown.max() == 255
    assert 120 < np.median(shown) < 136


def test_not_a_number_is_black(tmp_path: Path) -> None:
    pixels = np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)
    pixels[0, 0] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    assert read_display(tmp_path / "a.tif")[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "deep.tif"])
def test_the_longer_side_is_at_most_as_asked(tmp_path: Path, name: str) -> None:
    pixels = np.tile(np.linspace(0, 255, 300, dtype=np.uint8), (120, 1))
    write_array(tmp_path / name, pixels.astype(np.uint16) * 200 if "deep" in name else pixels)
    shown = read_display(tmp_path / name, 50)
    assert shown.shape == (20, 50, 3)
    assert shown[10, 2, 0] < 30 < 220 < shown[10, 47, 0]


def test_exif_orientation_turns_neither_image_nor_size(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    write_array(tmp_path / "a.jpg", RGB, exif=exif, quality=95)
    assert read_size(tmp_path / "a.jpg") == RGB.shape[:2]
    assert read_display(tmp_path / "a.jpg").shape == RGB.shape
