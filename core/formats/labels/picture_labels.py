"""Image-level labels from where pictures lie (a folder a class) or what they are called (`cat.0.jpg`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import DatasetError
from core.formats.folders.listing import join, list_tree
from core.formats.labels.label_tables import build_dataset
from core.formats.labels.path_classes import NAME_PATTERN, find_folder_classes, find_name_classes
from core.formats.labels.picture_headers import Headers, read_headers


@dataclass(frozen=True, slots=True)
class LabelledPictures:
    """Pictures with the class that their paths name.

    Attributes:
        samples: Those with a class, in the order of their paths.
        classes: The class of each sample.
        problems: Pictures without one, links that were refused.
        images: All pictures, those without a class included.
    """

    samples: tuple[Sample, ...]
    classes: tuple[str, ...]
    problems: tuple[Problem, ...]
    images: int


def scan_picture_labels(
    spec: DatasetSpec,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Every picture below `spec.root` with the one class that its path names; pictures of void are left out.

    Pictures without a class, empty ones and those whose header cannot be read become problems. Pixels are
    not read, so a picture that is cut short after its header is found only when it is shown.

    Args:
        spec: The answers; `label_folders` or `label_names`.
        cache: Where sizes are kept between scans; None keeps nothing.
        on_progress: Told (pictures done, pictures in all).
        should_stop: Asked between pictures.

    Raises:
        DatasetError: The root is gone, a pattern is no regular expression, or no picture has a class.
        CancelledError: `should_stop` said so; what was read is in the cache.
    """
    found = find_labelled_pictures(spec)
    headers = read_headers(spec.root, [item.id for item in found.samples], cache, on_progress, should_stop)
    kept = [
        (sample, name)
        for sample, name in zip(found.samples, found.classes, strict=True)
        if sample.id in headers.sizes and not spec.is_void(name)
    ]
    keys = sorted({name for _, name in kept})
    place_of = {key: place for place, key in enumerate(keys)}
    columns = np.array([place_of[name] for _, name in kept], dtype=np.intp)
    presence = columns[:, None] == np.arange(len(keys))  # (N, C): one class a picture
    ids = [sample.id for sample, _ in kept]
    problems = [*found.problems, *_header_problems(headers)]
    dataset = build_dataset(spec, keys, ids, presence, problems, found.images)
    sizes = np.array([headers.sizes[name] for name in ids], dtype=np.int32).reshape(-1, 2)
    return replace(dataset, samples=tuple(sample for sample, _ in kept), sizes=sizes, overlapping=False)


def find_labelled_pictures(spec: DatasetSpec) -> LabelledPictures:
    """The pictures below `spec.root` with their classes; no file is opened.

    Raises:
        DatasetError: The root is gone, a pattern is no regular expression, or no picture has a class.
    """
    if not spec.root.is_dir():
        raise DatasetError(
            f"The dataset's folder {spec.root} is not there; connect its disk, or correct the dataset's root."
        )
    listing = list_tree(spec.root)
    ignored = set(spec.ignored)
    paths = sorted(
        path
        for folder in listing.files
        for name in listing.pictures(folder)
        if (path := join(folder, name)) not in ignored
    )
    classes = find_classes(spec, paths)
    named = [path for path in paths if classes[path]]
    if not named:
        raise DatasetError(_nothing_found(spec, len(paths)))
    problems = (*listing.problems, *(_unnamed(spec, path) for path in paths if not classes[path]))
    samples = tuple(Sample(path, PurePosixPath(path)) for path in named)
    return LabelledPictures(samples, tuple(classes[path] for path in named), problems, len(paths))


def find_classes(spec: DatasetSpec, paths: Sequence[str]) -> dict[str, str]:
    """The class of each path, as the format and the pattern of the answers say; empty where it names none.

    Raises:
        DatasetError: The pattern is no regular expression.
    """
    find = find_folder_classes if spec.format == "label_folders" else find_name_classes
    return find(paths, spec.class_pattern)


def _header_problems(headers: Headers) -> list[Problem]:
    step = "Copy it again from its source, or remove it."
    return [Problem(file, sentence.partition("; ")[0], step) for file, sentence in headers.faults.items()]


def _unnamed(spec: DatasetSpec, path: str) -> Problem:
    if spec.format == "label_folders" and spec.class_pattern is None:
        step = "Move it into the folder of its class, or remove it."
        return Problem(path, "this picture lies in no class folder", step)
    what = "the folder" if spec.format == "label_folders" else "the name"
    pattern = NAME_PATTERN if spec.class_pattern is None else spec.class_pattern
    step = "Rename or remove it, or correct the class pattern."
    return Problem(path, f"{what} of this picture does not fit the class pattern '{pattern}'", step)


def _nothing_found(spec: DatasetSpec, count: int) -> str:
    if not count:
        return f"{spec.root} holds no pictures; open the folder that holds the class folders."
    where = "folder" if spec.format == "label_folders" else "file name"
    return (
        f"{spec.root}: no {where} of {count} pictures names a class; correct the class pattern, or choose "
        "how the labels are stored."
    )
