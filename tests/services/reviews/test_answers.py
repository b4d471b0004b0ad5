"""What a browser may send as a corrected mask, and what not."""

import base64
import io
import zlib

import numpy as np
import pytest
from PIL import Image

from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.services.reviews.answers import decode_mask
from core.services.reviews.pictures import CaseForm, encode_mask

EXCLUSIVE = CaseForm(0, "scan", 20, 30, 3, overlapping=False)
NOISE = np.random.default_rng(0).integers(0, 3, (20, 30), np.uint8)
LAYERS = CaseForm(0, "scan", 20, 30, 11, overlapping=True)


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def png_of(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its few bytes hold."""
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = [
        (len(item) - 4).to_bytes(4, "big") + item + zlib.crc32(item).to_bytes(4, "big")
        for item in (head, body, b"IEND")
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("form", [EXCLUSIVE, LAYERS])
def test_a_mask_comes_back_as_it_was_sent(form: CaseForm) -> None:
    rng = np.random.default_rng(0)
    shape = (form.height, form.width)
    pixels = (
        rng.random((11, *shape)) < 0.3 if form.overlapping else rng.integers(-1, 3, shape).astype(np.int16)
    )
    sent = encode_mask(LabelMask(pixels, form.class_count))
    found = decode_mask(text_of(sent.png), form)
    assert found.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(found.pixels, pixels)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (None, "no mask"),
        (7, "no mask"),
        ("", "no picture"),
        ("äöü", "no picture"),
        ("not base64!", "no picture"),
        (text_of(b"no picture at all"), "no picture"),
        (text_of(png_of(NOISE)[:120]), "cut short"),
        (text_of(png_of(np.zeros((20, 30, 3), np.uint8))), "grey PNG"),
        (text_of(png_of(np.zeros((20, 30), np.uint16))), "grey PNG"),
        (text_of(png_of(np.zeros((20, 30), np.uint8), "TIFF")), "grey PNG"),
        (text_of(png_of(np.zeros((30, 20), np.uint8))), "30 x 20 pixels, not 20 x 30"),
        (text_of(bomb(10_000, 10_000)), "10000 x 10000 pixels"),
        (text_of(bomb(2_000_000, 2_000_000)), "no picture"),
        (text_of(bomb(30, 20)), "cut short"),
        (text_of(png_of(np.full((20, 30), 3, np.uint8))), "numbers of no class"),
        ("A" * 10_000_000, "far too large"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(sent: object, why: str) -> None:
    with pytest.raises(ReviewError, match=why) as caught:
        decode_mask(sent, EXCLUSIVE)
    assert "Nothing was saved" in str(caught.value)


def test_layers_beyond_the_classes_are_refused() -> None:
    planes = np.zeros((2 * 20, 30), np.uint8)
    planes[-1, -1] = 1  # the sixteenth class of eleven
    with pytest.raises(ReviewError, match="classes that the review does not have"):
        decode_mask(text_of(png_of(planes)), LAYERS)
