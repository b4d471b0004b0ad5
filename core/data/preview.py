"""What the augmentation does, as pictures: a few images of a plan beside their first duplicates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from core.data.copies import SourceDataset, SourceSample, describe_source, draw_copy
from core.data.entries import Kind
from core.data.pictures import Picture, wrap_pixels
from core.data.volumes import VolumeSample, draw_volume
from core.domain.augmentation import AugmentationSpec
from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.domain.masks import LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.errors import CancelledError
from core.formats.sources.slices import find_fullest
from core.formats.whole import holds_volumes
from core.plans.plan import BalancePlan

PREVIEW_IMAGES = 6
_LONGEST = 360  # pixels
_OPACITY = 0.45
_WINDOW = (0.5, 99.5)  # percentiles; of pixels deeper than 8 bits


@dataclass(frozen=True, slots=True)
class AugmentedPair:
    """One image and its first duplicate, with the classes in their colours; PNG bytes."""

    sample: str
    before: bytes
    after: bytes
    kind: Kind


def preview_duplicates(
    plan: BalancePlan,
    dataset: ScannedDataset,
    spec: AugmentationSpec,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> list[AugmentedPair]:
    """Draw the first duplicates of up to six images, exactly as they would be written.

    Raises:
        DatasetError: A file cannot be read.
        CancelledError: `should_stop` said so.
    """
    source = describe_source(dataset)
    chosen = choose_samples(plan, dataset.samples)
    pairs = []
    for done, sample in enumerate(chosen):
        if should_stop():
            raise CancelledError("The preview was stopped.")
        pairs.append(_draw_pair(source, sample, spec, plan.seed))
        on_progress(done + 1, len(chosen))
    return pairs


def choose_samples(plan: BalancePlan, samples: Sequence[Sample]) -> list[Sample]:
    """Up to six samples spread over those that have duplicates; over all that are kept, if none has."""
    with_image = [sample for sample in samples if sample.image is not None]
    for fewest in (2, 1):
        found = [sample for sample in with_image if plan.copies.get(sample.id, 0) >= fewest]
        if found:
            places = np.linspace(0, len(found) - 1, min(PREVIEW_IMAGES, len(found))).round().astype(int)
            return [found[place] for place in np.unique(places)]
    return []


def _draw_pair(dataset: SourceDataset, sample: Sample, spec: AugmentationSpec, seed: int) -> AugmentedPair:
    if holds_volumes(dataset.spec):
        return _draw_volume_pair(dataset, sample, spec, seed)
    source = SourceSample(dataset, sample)
    drawn = draw_copy(source, spec, seed, copy=2)
    window = _find_window(source.picture.without_alpha().pixels)
    before = _show(source.picture, source.label, dataset.classes, window)
    after = _show(drawn.picture, drawn.label, dataset.classes, window)
    return AugmentedPair(sample.id, before, after, drawn.kind)


def _draw_volume_pair(
    dataset: SourceDataset, sample: Sample, spec: AugmentationSpec, seed: int
) -> AugmentedPair:
    """The slice of a volume with most pixels of a class, and what becomes of it."""
    source = VolumeSample(dataset, sample)
    drawn = draw_volume(source, spec, seed, copy=2)
    balanced = [place for place, item in enumerate(dataset.classes) if item.role is ClassRole.CLASS]
    number = find_fullest(np.isin(source.volume.positions, balanced))
    window = _find_window(source.volume.pixels[:, :, number, 0])
    before, after = (
        _show(
            wrap_pixels(np.ascontiguousarray(volume.pixels[:, :, number, 0])),
            LabelMask(volume.positions[:, :, number], len(dataset.classes)),
            dataset.classes,
            window,
        )
        for volume in (source.volume, drawn.volume)
    )
    return AugmentedPair(sample.id, before, after, drawn.kind)


def _show(
    picture: Picture, label: LabelMask, classes: Sequence[ClassSpec], window: tuple[float, float]
) -> bytes:
    """PNG of an image with its classes blended in; the background is left out."""
    height, width = label.shape
    scale = min(1.0, _LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shown = cv2.resize(_to_colour(picture, window), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    for place, (item, colour) in enumerate(zip(classes, class_colours(classes), strict=True)):
        region = label.region(place)
        if item.role is not ClassRole.CLASS or not region.any():
            continue
        share = (
            cv2.resize(region.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None] * _OPACITY
        )
        shown = shown * (1 - share) + np.array(ImageColor.getrgb(colour), np.float32) * share
    buffer = BytesIO()
    Image.fromarray((shown + 0.5).astype(np.uint8)).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _to_colour(picture: Picture, window: tuple[float, float]) -> NDArray[np.float32]:
    """`(H, W, 3)` in [0, 255]: the first three bands, or the first as grey."""
    pixels = picture.without_alpha().pixels
    bands = pixels[..., None] if pixels.ndim == 2 else pixels
    bands = bands[..., :3] if bands.shape[2] >= 3 else bands[..., :1]
    low, high = window
    scaled = np.clip((bands.astype(np.float32) - low) * (255.0 / max(high - low, 1e-12)), 0, 255)
    return np.ascontiguousarray(np.broadcast_to(scaled, (*scaled.shape[:2], 3)), dtype=np.float32)


def _find_window(pixels: NDArray[np.generic]) -> tuple[float, float]:
    """The values shown as black and white: both pictures of a pair must be shown alike."""
    if pixels.dtype == np.uint8:
        return 0.0, 255.0
    low, high = np.percentile(pixels.astype(np.float64), _WINDOW)
    return float(low), float(high)
