"""One COCO annotation file: its images and categories, and where the annotations of each image lie in it."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AppError, DatasetError
from core.formats.sources.coco_segments import NO_OUTLINE, read_segment
from core.formats.sources.json_elements import Element, iterate_elements, read_element
from core.formats.sources.regions import BACKGROUND_KEY, Region, find_key, unite
from core.workspace.guarded import FolderGuard, check_size, read_bytes

_KEPT_FILES = 4  # parsed files that are kept; the full COCO training set takes some 60 MB


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One entry of `images`.

    Attributes:
        id: Its id as text.
        file_name: Where the image lies, as the file says it, in POSIX form.
        height: Rows.
        width: Columns.
        number: Its place among the usable images of the file.
    """

    id: str
    file_name: str
    height: int
    width: int
    number: int


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of `categories`; `key` is its class key."""

    id: str
    key: str
    supercategory: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Entries that cannot be used for one reason: which list they are of, how many, and the first."""

    entry: str
    reason: str
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class CocoFile:
    """What a file holds; annotations stay on disk.

    Attributes:
        path: The file.
        images: The usable images by id, in the order of the file.
        listed: Entries of `images`, unusable ones included.
        categories: All categories by id, in the order of the file.
        faults: What cannot be used.
        boxes: Annotations without an outline.
        spans: `(A, 2)` int64 first byte of each usable annotation and the byte after its last, by image.
        bounds: `(images + 1,)` int64 where the spans of each image begin.
    """

    path: Path
    images: Mapping[str, CocoImage]
    listed: int
    categories: Mapping[str, Category]
    faults: tuple[Fault, ...]
    boxes: int
    spans: NDArray[np.int64]
    bounds: NDArray[np.int64]

    def read_regions(self, image: CocoImage) -> dict[str, Region]:
        """The union of the regions of each class in one image, crowds included; of the background none.

        Raises:
            DatasetError: The file has changed, or is gone.
        """
        found: dict[str, list[Region]] = {}
        for value in self._read_annotations(image):
            key = self.categories[str(_read_id(value["category_id"]))].key
            segment = read_segment(value["segmentation"], image.height, image.width)
            found.setdefault(key, []).append(segment.encode(image.height, image.width))
        return {key: unite(regions) for key, regions in found.items() if key != BACKGROUND_KEY}

    def _read_annotations(self, image: CocoImage) -> Iterator[Any]:
        spans = self.spans[self.bounds[image.number] : self.bounds[image.number + 1]].tolist()
        if not spans:
            return
        try:
            with self.path.open("rb") as file:
                for start, stop in spans:
                    file.seek(start)
                    yield read_element(file.read(stop - start), self.path.name)
        except OSError as error:
            raise DatasetError(f"{self.path.name}: it cannot be read any more; scan again.") from error


def read_coco_file(path: Path, roots: Sequence[Path]) -> CocoFile:
    """Read a file's structure, once while it does not change.

    Args:
        path: The file.
        roots: Folders inside which it must lie, links followed.

    Raises:
        DatasetError: It is missing, refused, no JSON, or holds no COCO annotations.
    """
    status = FolderGuard(list(roots)).check(path)
    return _read(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=_KEPT_FILES)
def _read(path: Path, _size: int, _changed: int) -> CocoFile:
    data = read_bytes(path)
    builder = _Builder(path)
    for element in iterate_elements(data, path.name):
        builder.add(element)
    for start, stop in builder.early:
        builder.add_annotation(read_element(data[start:stop], path.name), start, stop)
    return builder.build()


class _Builder:
    """A file while it is read.

    Attributes:
        early: Places of annotations that stand before the list of images; they are looked at in the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._images: dict[str, CocoImage] = {}
        self._categories: dict[str, Category] = {}
        self._listed = 0
        self._faults: dict[tuple[str, str], Fault] = {}
        self._owners, self._spans = array("q"), array("q")
        self._category_ids: list[str] = []  # categories mostly stand after the annotations
        self.early: list[tuple[int, int]] = []

    def add(self, element: Element) -> None:
        """Take one element of any list."""
        value = element.value
        if element.name == "images":
            self._listed += 1
            self._add_image(value if isinstance(value, dict) else {})
        elif element.name == "categories" and isinstance(value, dict):
            self._add_category(value)
        elif element.name == "annotations" and not self._listed:
            self.early.append((element.start, element.stop))
        elif element.name == "annotations":
            self.add_annotation(value, element.start, element.stop)

    def add_annotation(self, value: Any, start: int, stop: int) -> None:
        """Take one annotation, the list of images being known."""
        value = value if isinstance(value, dict) else {}
        image = self._images.get(_read_id(value.get("image_id")) or "")
        category = _read_id(value.get("category_id"))
        who = f"annotation {value.get('id')}"
        if image is None:
            self._blame("annotation", "names an image that the file does not list", who)
            return
        segment = read_segment(value.get("segmentation"), image.height, image.width)
        if segment.fault:
            self._blame("annotation", segment.fault, f"{who} of {image.file_name}")
        if segment.usable:
            self._owners.append(image.number)
            self._spans.extend((start, stop))
            self._category_ids.append(category or "")

    def build(self) -> CocoFile:
        """The file as read.

        Raises:
            DatasetError: It has no list of images.
        """
        if not self._listed:
            raise DatasetError(
                f"{self._path.name}: it lists no images, so it is no COCO file; choose another one."
            )
        spans = np.array(self._spans, dtype=np.int64).reshape(-1, 2)
        owners = np.array(self._owners, dtype=np.int64)
        known = np.array([id_ in self._categories for id_ in self._category_ids], dtype=np.bool_)
        for place in np.flatnonzero(~known).tolist():
            first = f"one of category {self._category_ids[place] or 'none'}"
            self._blame("annotation", "names a category that the file does not list", first)
        spans, owners = spans[known], owners[known]
        order = np.argsort(owners, kind="stable")
        boxes = self._faults.get(("annotation", NO_OUTLINE))
        return CocoFile(
            path=self._path,
            images=self._images,
            listed=self._listed,
            categories=self._categories,
            faults=tuple(self._faults.values()),
            boxes=boxes.count if boxes else 0,
            spans=spans[order],
            bounds=np.searchsorted(owners[order], np.arange(len(self._images) + 1)),
        )

    def _add_image(self, value: dict[str, Any]) -> None:
        id_, file_name = _read_id(value.get("id")), value.get("file_name")
        height, width = _read_side(value.get("height")), _read_side(value.get("width"))
        who = f"image {id_ or self._listed}"
        if id_ is None or not isinstance(file_name, str) or not file_name.strip():
            self._blame("image", "has no id or no file name", who)
        elif id_ in self._images:
            self._blame("image", "has the id of an earlier one", who)
        elif not height or not width:
            self._blame("image", "has no height and width", who)
        elif (reason := _refuse(height, width, file_name)) != "":
            self._blame("image", reason, who)
        else:
            name = file_name.strip().replace("\\", "/")
            self._images[id_] = CocoImage(id_, name, height, width, len(self._images))

    def _add_category(self, value: dict[str, Any]) -> None:
        id_, name = _read_id(value.get("id")), value.get("name")
        if id_ is None or id_ in self._categories:
            who = f"category {name or id_}"
            self._blame("category", "has no id" if id_ is None else "has the id of an earlier one", who)
            return
        key = find_key(name) if isinstance(name, str) and name.strip() else f"category {id_}"
        if any(other.key == key for other in self._categories.values()):
            key = f"{key} ({id_})"
        above = value.get("supercategory")
        self._categories[id_] = Category(id_, key, above if isinstance(above, str) else "")

    def _blame(self, entry: str, reason: str, who: str) -> None:
        known = self._faults.get((entry, reason), Fault(entry, reason, 0, who))
        self._faults[entry, reason] = Fault(entry, reason, known.count + 1, known.first)


def _read_id(value: Any) -> str | None:
    """An id as text, so that 7, 7.0 and "7" are the same; None where it is none."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _read_side(value: Any) -> int:
    """A height or width; 0 where it is none."""
    text = _read_id(value)
    return int(text) if text is not None and text.isdecimal() and len(text) <= 12 else 0


def _refuse(height: int, width: int, name: str) -> str:
    """Why an image of that size is not read; empty where it is."""
    try:
        check_size(height, width, 1, name)
    except AppError:
        return f"is said to have {width} x {height} pixels, more than one image may have"
    return ""
