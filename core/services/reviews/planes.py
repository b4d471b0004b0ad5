"""Slices of a volume in its three planes, read on demand: what lies around a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.domain.masks import VOID_POSITION, LabelMask
from core.errors import ReviewError
from core.inference.sources import KeptPredictions
from core.reports.reviewed import check_predicted
from core.reports.sources import CaseSource, Spacing
from core.services.reviews.greys import Grey, find_raw, pack_values
from core.services.reviews.pictures import LayerName, MaskPicture, Shown, encode_mask, encode_png
from core.services.reviews.spacing import find_spacing
from core.services.reviews.volumes import SliceRow, find_slices

PlaneNumber = Literal[0, 1, 2]
"""0: slices as they were scanned. 1: across their rows. 2: across their columns."""
T = TypeVar("T")
Number = TypeVar("Number", bound=np.generic)
_MOST_STACKS = 4


@dataclass(frozen=True, slots=True)
class PlaneWish:
    """One slice of the volume of a case."""

    plane: PlaneNumber
    index: int


@dataclass(frozen=True, slots=True)
class PlanePicture:
    """One slice of the volume of a case, as `CasePictures` has it.

    Attributes:
        stamp: That of the case.
        image: Grey PNG.
        spacing: Millimetres between rows and columns of this picture; None where they are not known.
    """

    stamp: str
    plane: PlaneNumber
    index: int
    height: int
    width: int
    image: bytes
    grey: Grey
    layers: Mapping[LayerName, MaskPicture] = field(default_factory=dict)
    spacing: Spacing | None = None


@dataclass(frozen=True, slots=True)
class _Stack:
    """A volume in memory: `(D, H, W)` numbers of greys, and what they stand for."""

    numbers: NDArray[np.uint16]
    grey: Grey


_Key = tuple[Path, tuple[int, ...]]
_images: dict[_Key, _Stack] = {}
_masks: dict[_Key, LabelMask] = {}


def build_planes(
    source: CaseSource, shown: Shown, wishes: Sequence[PlaneWish], seen: Mapping[int, str]
) -> tuple[PlanePicture, ...]:
    """Slices of the volume of a case: the image, and the model's mask where it may be seen of every slice.

    Args:
        source: `core.reports.sources.open_source(review.spec)`.
        shown: The case.
        wishes: Which slices; those outside of the volume are left out.
        seen: Hashes of the predictions that the reader may see, as the review was opened with them, by
            position: a plane across the slices shows those of a case's neighbours too.

    Raises:
        AppError: A file of the volume is missing, damaged, or not the one that the review was opened with.
    """
    row = find_slices(source, shown.position)
    if row is None or not wishes or not isinstance(source, KeptPredictions):
        return ()
    key = (source.folder.path, row.there)
    stack = _kept(_images, key, lambda: _read_images(source, row))
    mask = None
    if all(position in seen for position in row.there):
        mask = _kept(_masks, key, lambda: _read_masks(source, row, seen))
    within, _ = find_spacing(source, shown.position, shown.given)
    step = shown.given.slices if row.step is None and shown.given is not None else row.step
    return tuple(
        _cut(shown, wish, stack, mask, (row, within, step))
        for wish in wishes
        if wish.index < row.sizes[wish.plane]
    )


def _kept(known: dict[_Key, T], key: _Key, make: Callable[[], T]) -> T:
    """What was made before, or is made now; the oldest is forgotten."""
    found = known.get(key)
    if found is None:
        found = known[key] = make()
        while len(known) > _MOST_STACKS:
            known.pop(next(iter(known)), None)  # Another reader's request may have done it
    return found


def _read_images(source: KeptPredictions, row: SliceRow) -> _Stack:
    raw = [found for position in row.there if (found := find_raw(source, position)) is not None]
    if len(raw) < len(row.there):
        raise ReviewError(
            f"{source.name(row.there[0])}: the slices of its volume are no grey images; look at them one "
            "by one."
        )
    middle = len(raw) // 2
    shown = source.read_image(row.there[middle])[..., 0]
    numbers, grey = pack_values(np.stack(raw), raw[middle], shown)
    return _Stack(_put(numbers, row, 0), grey)


def _put(slices: NDArray[Number], row: SliceRow, empty: int) -> NDArray[Number]:
    """`(..., N, H, W)` of the slices that are there to `(..., D, H, W)` with those that are missing."""
    if len(row.there) == len(row.positions):
        return slices
    placed = np.full((*slices.shape[:-3], *row.sizes), empty, slices.dtype)
    placed[..., [position is not None for position in row.positions], :, :] = slices
    return placed


def _read_masks(source: KeptPredictions, row: SliceRow, seen: Mapping[int, str]) -> LabelMask:
    """The predictions of all slices as one mask of `(D, H, W)` or `(C, D, H, W)`."""
    names = [item.name for item in source.classes]
    masks = [source.read_prediction(position).mask for position in row.there]
    for position, mask in zip(row.there, masks, strict=True):
        check_predicted(mask, source.name(position), seen[position], names)
    if any(mask.shape != (row.height, row.width) for mask in masks):
        raise ReviewError(f"{source.name(row.there[0])}: its predictions differ in size; predict again.")
    count = masks[0].class_count
    if masks[0].overlapping:
        return LabelMask(_put(np.stack([mask.stack() for mask in masks], axis=1), row, 0), count)
    return LabelMask(_put(np.stack([mask.index_map() for mask in masks]), row, VOID_POSITION), count)


def _cut(
    shown: Shown,
    wish: PlaneWish,
    stack: _Stack,
    mask: LabelMask | None,
    volume: tuple[SliceRow, Spacing | None, float | None],
) -> PlanePicture:
    """One slice; `volume` is what it is cut from, and mm between its rows and columns, and its slices."""
    row, within, step = volume
    turned = row.planes[wish.plane].turned
    spacing = _find_spacing(wish.plane, within, step)
    pixels = np.take(stack.numbers, wish.index, axis=wish.plane)
    pixels = np.ascontiguousarray(pixels.T if turned else pixels)
    return PlanePicture(
        stamp=shown.stamp,
        plane=wish.plane,
        index=wish.index,
        height=pixels.shape[0],
        width=pixels.shape[1],
        image=encode_png(pixels),
        grey=stack.grey,
        layers={} if mask is None else {"prediction": encode_mask(_cut_mask(mask, wish, turned))},
        spacing=spacing[::-1] if spacing is not None and turned else spacing,
    )


def _cut_mask(mask: LabelMask, wish: PlaneWish, turned: bool) -> LabelMask:
    before = mask.pixels.ndim - 3  # of overlapping masks the classes come first
    place: tuple[slice | int, ...] = (*[slice(None)] * (before + wish.plane), wish.index)
    pixels = mask.pixels[place]
    return LabelMask(pixels.swapaxes(-2, -1) if turned else pixels, mask.class_count)


def _find_spacing(plane: PlaneNumber, spacing: Spacing | None, step: float | None) -> Spacing | None:
    """Millimetres between the rows and the columns of a plane."""
    if spacing is None or step is None:
        return spacing if plane == 0 else None
    rows, columns = spacing
    return ((rows, columns), (step, columns), (step, rows))[plane]
