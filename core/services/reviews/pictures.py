"""The bytes of a case: what the viewer draws, encoded so that the browser decodes it exactly.

Images are PNG without loss, because a reader decides about the pixels that the file holds; grey images of
more than 8 bits keep 16. Masks travel as `core.reviews.mask_files` keeps them: positions into the classes, or
bit planes below one another. What a reader may not see is never encoded, so it never reaches the browser.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.masks import VOID_POSITION, LabelMask
from core.errors import ReviewError
from core.inference.predictions import KeptPrediction
from core.reports.given_spacing import GivenSpacing
from core.reports.reviewed import check_predicted
from core.reports.sources import CaseSource
from core.reviews.opening import Review
from core.reviews.reading import read_corrected
from core.reviews.store import ReviewStore
from core.services.reviews.greys import Grey, read_grey
from core.services.reviews.spacing import find_spacing
from core.services.reviews.volumes import SliceView, find_slices

LayerName = Literal["prediction", "reference", "corrected"]
HeatName = Literal["confidence", "entropy"]
NO_CLASS = 255
MOST_CLASSES = 255
_COMPRESSION = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """What one reader may see of a case at this moment.

    Attributes:
        position: The case.
        model: Whether the model's mask and its doubt may be seen.
        reference: Whether the reference may be seen.
        mask: Hash of the corrected mask to go on from; None where there is none.
        predicted: Hash that the model's mask must have; empty: nobody asks.
        given: The spacing that a person gave for images whose files do not say it.
    """

    position: int
    model: bool = True
    reference: bool = True
    mask: str | None = None
    predicted: str = ""
    given: GivenSpacing | None = None

    @property
    def stamp(self) -> str:
        """Tells pictures that hold less, another mask or spacing from these; the browser keeps them by it."""
        spacing = "" if self.given is None else f":{self.given.spacing}:{self.given.slices}"
        return f"{self.position}:{'m' * self.model}{'r' * self.reference}:{(self.mask or '')[:16]}{spacing}"


@dataclass(frozen=True, slots=True)
class CaseForm:
    """What a corrected mask of a case must be."""

    position: int
    sample: str
    height: int
    width: int
    class_count: int
    overlapping: bool


@dataclass(frozen=True, slots=True)
class MaskPicture:
    """A mask as grey PNG of 8 bits: positions with 255 for none, or bit planes below one another."""

    png: bytes
    overlapping: bool


@dataclass(frozen=True, slots=True)
class CasePictures:
    """Everything that the viewer draws of one case.

    Attributes:
        stamp: `Shown.stamp` of what was built.
        sample: The name that people read.
        image: PNG: grey of 8 or 16 bits, or colour.
        grey: What the numbers of a grey image stand for; None for colours.
        layers: Masks by name; those that may not be seen are not there.
        heat: 8-bit grey PNG by name: 255 is certain, or the largest entropy.
        spacing: Millimetres between rows and columns; None where they are not known.
        slices: The volume that this case is a slice of; None where it is no slice.
        doubt: Whether heat can be asked for: confidence and entropy are known, and may be seen.
    """

    stamp: str
    position: int
    sample: str
    height: int
    width: int
    image: bytes
    grey: Grey | None
    layers: Mapping[LayerName, MaskPicture]
    heat: Mapping[HeatName, bytes] = field(default_factory=dict)
    spacing: tuple[float, float] | None = None
    slices: SliceView | None = None
    doubt: bool = True


def build_case(
    store: ReviewStore, review: Review, source: CaseSource, shown: Shown, heat: bool = False
) -> CasePictures:
    """The pictures of one case for one reader.

    Args:
        store: Where corrected masks lie.
        review: The review.
        source: `core.reports.sources.open_source(review.spec)`.
        shown: The case, and what of it may be seen.
        heat: Whether confidence and entropy are wanted too; they are larger than all masks together.

    Raises:
        AppError: A file of the case is missing or damaged.
    """
    position = shown.position
    image, grey = read_grey(source, position)
    predicted = source.read_prediction(position) if shown.model else None
    if predicted is not None and shown.predicted:
        check_predicted(predicted.mask, source.name(position), shown.predicted, review.spec.classes)
    height, width = image.shape[:2]
    masks = _read_masks(store, review, source, shown, predicted)
    for mask in masks.values():
        _check_size(source.name(position), (height, width), mask)
    return CasePictures(
        stamp=shown.stamp,
        position=position,
        sample=source.name(position),
        height=height,
        width=width,
        image=encode_png(image),
        grey=grey,
        layers={name: encode_mask(mask) for name, mask in masks.items()},
        heat=_encode_heat(predicted) if predicted is not None and heat else {},
        spacing=find_spacing(source, position, shown.given)[0],
        slices=row.describe(position) if (row := find_slices(source, position)) is not None else None,
        doubt=predicted is not None and predicted.entropy is not None,
    )


def find_form(
    review: Review, position: int, sample: str, size: tuple[int, int], overlapping: bool
) -> CaseForm:
    """What a corrected mask of a case must be."""
    return CaseForm(position, sample, *size, len(review.spec.classes), overlapping)


def encode_mask(mask: LabelMask) -> MaskPicture:
    """A mask as the browser reads it.

    Raises:
        ReviewError: It has more classes than the viewer can tell apart.
    """
    if mask.overlapping:
        planes = np.packbits(mask.pixels.astype(np.bool_), axis=0)  # (C, H, W) -> (P, H, W)
        return MaskPicture(encode_png(planes.reshape(-1, planes.shape[2])), overlapping=True)
    if mask.class_count > MOST_CLASSES:
        raise ReviewError(
            f"The masks have {mask.class_count} classes; the viewer shows at most {MOST_CLASSES}. Review a "
            "model of fewer classes."
        )
    numbers = np.where(mask.pixels == VOID_POSITION, NO_CLASS, mask.pixels).astype(np.uint8)
    return MaskPicture(encode_png(numbers), overlapping=False)


def encode_png(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """PNG of `(H, W)` uint8 or uint16, or `(H, W, 3)` uint8."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


def _read_masks(
    store: ReviewStore, review: Review, source: CaseSource, shown: Shown, predicted: KeptPrediction | None
) -> dict[LayerName, LabelMask]:
    masks: dict[LayerName, LabelMask] = {}
    if predicted is not None:
        masks["prediction"] = predicted.mask
    if shown.reference and (reference := source.read_reference(shown.position)) is not None:
        masks["reference"] = reference
    if shown.mask is not None:
        masks["corrected"] = read_corrected(store, review.id, shown.position, shown.mask)
    return masks


def _check_size(sample: str, size: tuple[int, int], mask: LabelMask) -> None:
    if mask.shape != size:
        raise ReviewError(
            f"{sample}: the image has {size[0]} x {size[1]} pixels, a mask of it {mask.shape[0]} x "
            f"{mask.shape[1]}; put the image back that was predicted, or predict again."
        )


def _encode_heat(predicted: KeptPrediction) -> dict[HeatName, bytes]:
    shares: dict[HeatName, NDArray[np.float32] | None] = {
        "confidence": predicted.confidence,
        "entropy": predicted.entropy,
    }
    return {
        name: encode_png(np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8))
        for name, share in shares.items()
        if share is not None
    }
