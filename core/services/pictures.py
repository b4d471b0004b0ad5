"""Pictures for the pages: an image with its classes blended in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor
from skimage.segmentation import find_boundaries

from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.errors import AppError, DatasetError
from core.formats.whole import find_samples, read_display, read_label, scan_samples

_CONTOUR_OPACITY = 0.9
_SPEAKS_FOR_ITSELF = ("coco", "labelme", "nifti", "dicom_seg")  # formats whose mask files say nothing more
_GROUND = 232  # grey where there is no image: light, so that dark and bright class colours both stand out


@dataclass(frozen=True, slots=True)
class Preview:
    """One picture of an unscanned dataset: PNG bytes, or the sentence that says why there is none.

    `caption` names its files, `whole` says where they lie.
    """

    id: str
    picture: bytes
    caption: str
    whole: str
    problem: str


@dataclass(frozen=True, slots=True)
class PreviewSheet:
    """Pictures of an unscanned dataset, and the name and colour of each class that is drawn in them."""

    pictures: tuple[Preview, ...]
    legend: tuple[tuple[str, str], ...] = ()


def overlay(
    dataset: ScannedDataset,
    position: int,
    longest: int = 320,
    opacity: float = 0.45,
    classes: Sequence[str] | None = None,
) -> bytes:
    """PNG of one sample, at most `longest` pixels wide and high, with its classes in their colours.

    Args:
        dataset: A scanned dataset with images.
        position: Which sample.
        longest: Longest side in pixels.
        opacity: Of the fill, in [0, 1].
        classes: Names to draw; None draws all but the background.

    Raises:
        DatasetError: the sample has labels only, or a file cannot be read any more.
    """
    sample = dataset.samples[position]
    if sample.image is None and not sample.masks:
        raise DatasetError(f"{sample.id} has labels only; there is no image to show.")
    drawn = [
        item.role is ClassRole.CLASS if classes is None else item.name in classes for item in dataset.classes
    ]
    return _draw(_as_scanned(dataset), dataset.classes, sample, longest, opacity, drawn)


def draw_sample(dataset: ScannedDataset, sample: Sample, longest: int = 320) -> bytes:
    """PNG of a sample that the dataset does not hold (yet), drawn as its own samples are.

    Raises:
        DatasetError: a file cannot be read.
    """
    drawn = [item.role is ClassRole.CLASS for item in dataset.classes]
    return _draw(_as_scanned(dataset), dataset.classes, sample, longest, 0.45, drawn)


def preview(spec: DatasetSpec, count: int = 6, size: int = 320) -> PreviewSheet:
    """Pictures of a few samples, spread over the set, as the answers would have them read.

    Raises:
        DatasetError: the folders cannot be read.
    """
    if not spec.has_images:
        return PreviewSheet(())
    samples, _problems, _images = find_samples(spec)
    few = _choose_few(samples, count)
    classes = spec.classes
    seen: NDArray[np.bool_] = np.zeros(len(classes), np.bool_)
    if spec.has_masks:
        scanned = scan_samples(spec, few)  # finds classes besides those named, and the threshold
        spec, classes, seen = _as_scanned(scanned), scanned.classes, scanned.presence.sum(axis=0) > 0
    drawn = [item.role is ClassRole.CLASS for item in classes]
    found = []
    for sample in few:
        words = _caption(spec, sample, whole=False), _caption(spec, sample, whole=True)
        try:
            found.append(Preview(sample.id, _draw(spec, classes, sample, size, 0.45, drawn), *words, ""))
        except AppError as error:
            found.append(Preview(sample.id, b"", *words, str(error)))
    colours = class_colours(classes)
    legend = tuple((classes[i].name, colours[i]) for i in np.flatnonzero(seen & np.array(drawn, np.bool_)))
    return PreviewSheet(tuple(found), legend)


def _choose_few(samples: Sequence[Sample], count: int) -> list[Sample]:
    """Some samples spread over the set; of volumes the middle slice, because the first are often empty."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.group if sample.part else sample.id, []).append(sample)
    if len(groups) >= count:
        samples = [group[len(group) // 2] for group in groups.values()]
    places = np.linspace(0, len(samples) - 1, min(count, len(samples))).round().astype(int)
    return [samples[place] for place in np.unique(places)]


def _caption(spec: DatasetSpec, sample: Sample, *, whole: bool) -> str:
    """The files of a picture: their names, or their whole paths."""
    image = sample.id if whole else PurePosixPath(sample.id).name
    if not sample.masks or sample.image is None or spec.format in _SPEAKS_FOR_ITSELF:
        return f"{image} · slice with most labelled pixels" if spec.unit == "volume" else image
    paths = [path for _, path in sample.masks]
    if not whole:
        same = paths[0].stem == PurePosixPath(image).stem
        return (
            f"{image} · {len(paths)} masks"
            if len(paths) > 1
            else image
            if same
            else f"{image} · {paths[0].name}"
        )
    more = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    return f"{image} · {', '.join(map(str, paths[:2]))}{more}"


def _as_scanned(dataset: ScannedDataset) -> DatasetSpec:
    """The answers with the threshold of the whole set: one mask alone cannot know where to cut."""
    return dataset.spec.model_copy(update={"threshold": dataset.threshold})


def _draw(
    spec: DatasetSpec,
    classes: Sequence[ClassSpec],
    sample: Sample,
    longest: int,
    opacity: float,
    drawn: Sequence[bool],
) -> bytes:
    mask = read_label(spec, classes, sample) if sample.masks else None
    if sample.image is not None:
        picture = read_display(spec, sample, longest).copy()  # Pillow's own memory is read-only
    elif mask is not None:
        height, width = mask.shape
        scale = min(1.0, longest / max(height, width))
        size = max(1, round(height * scale)), max(1, round(width * scale))
        picture = np.full((*size, 3), _GROUND, np.uint8)
    else:
        raise DatasetError(f"{sample.id} has neither an image nor a mask to show.")
    if mask is not None:
        blend(picture, mask, class_colours(classes), drawn, opacity)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def blend(
    picture: NDArray[np.uint8],
    mask: LabelMask,
    colours: Sequence[str],
    drawn: Sequence[bool],
    opacity: float,
) -> None:
    """Blend the drawn classes into `(H, W, 3)` uint8 in place; the mask is resized by nearest neighbour."""
    rows = np.arange(picture.shape[0]) * mask.shape[0] // picture.shape[0]
    columns = np.arange(picture.shape[1]) * mask.shape[1] // picture.shape[1]
    for position, colour in enumerate(colours):
        if not drawn[position]:
            continue
        region = mask.region(position)[np.ix_(rows, columns)]
        if not region.any():
            continue
        paint = np.array(ImageColor.getrgb(colour), np.float64)
        weight = np.where(region, opacity, 0.0)
        weight[find_boundaries(region, mode="inner") & region] = _CONTOUR_OPACITY
        weight = weight[:, :, None]
        picture[:] = (picture * (1 - weight) + paint * weight + 0.5).astype(np.uint8)
