"""Images with all bands and depths."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from core.data.pictures import Picture, encode_picture, read_picture
from core.errors import DatasetError, MaskError

RNG = np.random.default_rng(0)


def store(folder: Path, picture: Picture) -> Picture:
    path = folder / f"again{picture.suffix}"
    path.write_bytes(encode_picture(picture))
    return read_picture(path)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_a_png_comes_back_as_it_was(tmp_path: Path, mode: str) -> None:
    shape = (9, 11) if mode in ("L", "I;16") else (9, 11, len(mode))
    pixels = RNG.integers(0, 60000 if mode == "I;16" else 255, shape).astype("u2" if mode == "I;16" else "u1")
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert (picture.suffix, picture.alpha) == (".png", mode == "RGBA")
    np.testing.assert_array_equal(store(tmp_path, picture).pixels, pixels)


def test_sixteen_bit_colour_keeps_its_depth_and_order(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 65535, (9, 11, 3), np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), pixels[..., ::-1])
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, pixels)
    np.testing.assert_array_equal(store(tmp_path, picture).pixels, pixels)


@pytest.mark.parametrize(
    ("bands", "dtype"), [(4, "uint8"), (4, "uint16"), (7, "uint16"), (2, "uint8"), (3, "float32")]
)
def test_a_multi_band_tiff_comes_back_as_it_was(tmp_path: Path, bands: int, dtype: str) -> None:
    pixels = (RNG.random((16, 20, bands)) * 200).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", planarconfig="contig")
    picture = read_picture(tmp_path / "a.tif")
    assert not picture.alpha
    np.testing.assert_array_equal(picture.pixels, pixels)
    again = store(tmp_path, picture)
    assert again == Picture(again.pixels, False, ".tif")
    np.testing.assert_array_equal(again.pixels, pixels)


def test_palette_and_bilevel_images_are_shown_as_they_look(tmp_path: Path) -> None:
    image = Image.fromarray(RNG.integers(0, 3, (6, 6)).astype(np.uint8))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.save(tmp_path / "a.gif")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.gif").pixels, np.asarray(image.convert("RGB")))
    Image.fromarray(np.eye(5, dtype=bool)).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png").pixels, np.eye(5) * 255)


def test_alpha_is_dropped_only_where_there_is_some() -> None:
    with_alpha = Picture(np.zeros((4, 4, 4), np.uint8), True, ".png")
    assert with_alpha.without_alpha().bands == 3
    assert Picture(np.zeros((4, 4, 4), np.uint8), False, ".tif").without_alpha().bands == 4
    assert Picture(np.zeros((4, 4, 2), np.uint8), True, ".tif").without_alpha().pixels.shape == (4, 4)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(RNG.integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DatasetError, match=path.name):
        read_picture(path)


def test_a_type_that_cannot_hold_the_bands_is_refused() -> None:
    with pytest.raises(MaskError, match="7 bands"):
        encode_picture(Picture(np.zeros((4, 4, 7), np.uint8), False, ".tif"), ".png")
    with pytest.raises(MaskError, match="uint16"):
        encode_picture(Picture(np.zeros((4, 4), np.uint16), False, ".png"), ".jpg")
