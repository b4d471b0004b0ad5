"""The corrected mask that a browser sends: nothing in it is believed."""

import base64
import binascii
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from core.domain.masks import VOID_POSITION, LabelMask
from core.errors import DatasetError, ReviewError
from core.services.reviews.pictures import NO_CLASS, CaseForm
from core.workspace.guarded import decoding_errors, open_header

_ROOM = 1 << 16  # bytes of a PNG besides its pixels


def decode_mask(text: object, form: CaseForm) -> LabelMask:
    """A mask out of base64 of an 8-bit grey PNG, as `pictures.encode_mask` writes it.

    Args:
        text: What the browser sent.
        form: What the mask must be.

    Raises:
        ReviewError: It is anything else.
    """
    numbers = _decode_numbers(text, form)
    if form.overlapping:
        planes = numbers.reshape(-1, form.height, form.width)
        bits = np.unpackbits(planes, axis=0)
        if bits[form.class_count :].any():
            raise _refuse(form, "it holds classes that the review does not have")
        return LabelMask(bits[: form.class_count].astype(np.bool_), form.class_count)
    if bool(((numbers >= form.class_count) & (numbers != NO_CLASS)).any()):
        raise _refuse(form, "it holds numbers of no class")
    positions = numbers.astype(np.int16)
    positions[numbers == NO_CLASS] = VOID_POSITION
    return LabelMask(positions, form.class_count)


def _decode_numbers(text: object, form: CaseForm) -> NDArray[np.uint8]:
    planes = -(-form.class_count // 8) if form.overlapping else 1
    rows = planes * form.height
    if not isinstance(text, str) or len(text) > 2 * rows * form.width + _ROOM:
        raise _refuse(form, "it is no mask, or far too large")
    try:
        data = base64.b64decode(text, validate=True)
        image = open_header(BytesIO(data), form.sample)
        if image.format != "PNG" or image.mode != "L":
            raise _refuse(form, "it is no grey PNG of 8 bits")
        if image.size != (form.width, rows):  # before a pixel is decoded: a header may promise gigabytes
            raise _refuse(form, f"it has {image.height} x {image.width} pixels, not {rows} x {form.width}")
        with decoding_errors(form.sample):
            return np.asarray(image)
    except (binascii.Error, ValueError, DatasetError) as error:
        raise _refuse(form, "it is no picture, or was cut short") from error


def _refuse(form: CaseForm, why: str) -> ReviewError:
    return ReviewError(
        f"{form.sample}: the corrected mask cannot be taken: {why}. Nothing was saved; correct it again, or "
        "reload the page if this comes back."
    )
