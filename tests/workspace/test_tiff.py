import struct
from io import BytesIO

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from core.errors import MaskError
from core.workspace.tiff import is_beyond_pillow, read_tiff, read_tiff_size


def encode(array: NDArray[np.generic], **options: object) -> bytes:
    buffer = BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


BANDS = np.random.default_rng(0).integers(0, 60_000, (12, 20, 4)).astype(np.uint16)


def test_deep_bands_come_back_whole() -> None:
    data = encode(BANDS, photometric="rgb", extrasamples=["unspecified"])
    assert is_beyond_pillow(data, "a.tif")
    pixels, alpha = read_tiff(data, "a.tif")
    assert np.array_equal(pixels, BANDS)
    assert not alpha


def test_planes_become_bands() -> None:
    data = encode(np.moveaxis(BANDS, -1, 0), photometric="rgb", planarconfig="separate")
    assert np.array_equal(read_tiff(data, "a.tif")[0], BANDS)


def test_only_a_band_that_the_file_calls_alpha_is_alpha() -> None:
    data = encode(BANDS, photometric="rgb", extrasamples=["unassalpha"])
    assert read_tiff(data, "a.tif")[1]


def test_an_ordinary_tiff_stays_with_pillow() -> None:
    assert not is_beyond_pillow(encode(BANDS[..., 0].astype(np.uint8)), "a.tif")
    assert not is_beyond_pillow(b"\x89PNG\r\n\x1a\n", "a.png")


def test_one_row_or_column_keeps_its_shape() -> None:
    row = np.arange(14, dtype=np.float64)[None]
    assert np.array_equal(read_tiff(encode(row), "row.tif")[0], row)
    assert np.array_equal(read_tiff(encode(row.T), "column.tif")[0], row.T)


def test_the_size_needs_no_pixels() -> None:
    data = encode(BANDS, photometric="rgb", extrasamples=["unspecified"])
    header_only = BytesIO(data[: len(data) - BANDS.nbytes // 2])
    assert read_tiff_size(header_only, "a.tif") == (12, 20)


def test_a_damaged_tiff_is_a_mask_error() -> None:
    with pytest.raises(MaskError, match=r"a\.tif"):
        read_tiff(encode(BANDS, photometric="rgb")[:200], "a.tif")


def _lzw_without_alpha(bands: NDArray[np.uint8]) -> bytes:
    """Four bands in LZW, as remote-sensing tools write them: none is said to be alpha."""
    buffer = BytesIO()
    Image.fromarray(bands).save(buffer, "TIFF", compression="tiff_lzw")
    said = struct.pack("<HHI", 338, 3, 1)  # ExtraSamples
    return buffer.getvalue().replace(said, struct.pack("<HHI", 65000, 3, 1))


def test_four_bands_in_lzw_come_back_whole() -> None:
    bands = np.random.default_rng(0).integers(0, 256, (20, 30, 4)).astype(np.uint8)
    data = _lzw_without_alpha(bands)
    assert is_beyond_pillow(data, "a.tif")
    pixels, alpha = read_tiff(data, "a.tif")
    np.testing.assert_array_equal(pixels, bands)
    assert not alpha


@pytest.mark.parametrize("compression", ["lzw", "deflate", "packbits", "zstd"])
def test_deep_bands_come_back_whole_from_every_common_compression(compression: str) -> None:
    bands = np.random.default_rng(0).integers(0, 4000, (20, 30, 4)).astype(np.uint16)
    buffer = BytesIO()
    options = {"photometric": "minisblack", "planarconfig": "contig"}
    tifffile.imwrite(buffer, bands, compression=compression, **options)
    np.testing.assert_array_equal(read_tiff(buffer.getvalue(), "a.tif")[0], bands)


def test_a_compression_that_cannot_be_read_is_said() -> None:
    buffer = BytesIO()
    tifffile.imwrite(buffer, np.zeros((8, 8, 4), np.uint16), photometric="minisblack", planarconfig="contig")
    uncompressed, thunderscan = struct.pack("<HHIH", 259, 3, 1, 1), struct.pack("<HHIH", 259, 3, 1, 32809)
    with pytest.raises(MaskError, match="compression THUNDERSCAN cannot be read; save the file with deflate"):
        read_tiff(buffer.getvalue().replace(uncompressed, thunderscan), "a.tif")
