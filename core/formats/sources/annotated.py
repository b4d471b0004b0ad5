"""Pictures with drawn annotations: what COCO and labelme have in common once their files are read.

Objects of one class are united: what is balanced and trained on is where a class is, not which object it is
part of. Objects of two classes may overlap, so every class has a layer of its own, and the background is what
lies in none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.masks import LabelMask
from core.domain.scan import Problem, Sample
from core.errors import DatasetError, MaskError
from core.formats.masks.registry import mask_roots
from core.formats.pixels.images import read_display, read_size
from core.formats.sources.protocol import Counted, SampleCounts
from core.formats.sources.regions import (
    BACKGROUND_KEY,
    Region,
    build_background,
    count_regions,
    digest_regions,
    draw_regions,
)
from core.formats.sources.units import CountUnit, count_units
from core.formats.wording import say_count
from core.workspace.guarded import FolderGuard, decode_image, read_bytes

_PLAIN_MODES = ("L", "RGB", "I;16")  # whose arrays are the pixels themselves


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is drawn in one picture.

    Attributes:
        height: Rows.
        width: Columns.
        regions: Class key to the union of its regions; none for the background.
        left_out: What covers no area, or cannot be drawn: reason to number of objects.
        picture: The bytes of the image where the annotation file holds it; else None.
    """

    height: int
    width: int
    regions: Mapping[str, Region]
    left_out: Mapping[str, int] = field(default_factory=dict)
    picture: bytes | None = None


@dataclass(frozen=True)
class AnnotatedPictures:
    """A source of pictures whose objects are drawn in annotation files.

    Attributes:
        name: The name in `dataset.toml`.
        title: What people read.
        find: As `Source.find_samples`.
        read: The annotation of one sample; raises `DatasetError` where it is missing or broken.
    """

    name: FormatName
    title: str
    find: Callable[[DatasetSpec], tuple[list[Sample], list[Problem], int]]
    read: Callable[[DatasetSpec, Sample], Annotation]

    def find_samples(self, spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
        """All samples without counting their pixels; files that a person leaves out are left out.

        Raises:
            DatasetError: The folders cannot be read, or nothing in them fits the answers.
        """
        samples, problems, images = self.find(spec)
        ignored = set(spec.ignored)
        kept = [
            sample
            for sample in samples
            if str(sample.image) not in ignored and not any(str(file) in ignored for _, file in sample.masks)
        ]
        kept.sort(key=lambda sample: sample.id)
        left = [item for item in problems if item.file not in ignored]
        # What is left out by hand is no image of the dataset any more: neither a usable one nor a problem.
        return kept, left, images - (len(samples) - len(kept)) - (len(problems) - len(left))

    def count(
        self,
        spec: DatasetSpec,
        samples: Sequence[Sample],
        cache: Path | None,
        on_progress: Callable[[int, int], None],
        should_stop: Callable[[], bool],
    ) -> Counted:
        """Count the pixels of each class in each picture; a picture of another size becomes a problem."""
        # Void pixels are taken from the classes over them, so which keys are void is part of what is counted.
        void = _find_void(spec)
        units = [
            CountUnit(
                name=repr((str(sample.image), str(sample.masks[0][1]), sample.part, *sorted(void))),
                files=tuple(dict.fromkeys(str(file) for file in (sample.image, sample.masks[0][1]) if file)),
                samples=(sample,),
                count=partial(self._count, spec, sample, void),
            )
            for sample in samples
        ]
        counted = count_units(mask_roots(spec), units, cache, on_progress, should_stop)
        return Counted(counted.samples, (*counted.problems, *_describe_left_out(counted.samples)))

    def overlapping(self, spec: DatasetSpec) -> bool:
        """Always: nothing keeps objects of different classes apart."""
        del spec
        return True

    def propose_classes(self, spec: DatasetSpec, found: Sequence[str]) -> tuple[ClassSpec, ...]:
        """The name of a class is its key."""
        del spec
        return tuple(
            build_background() if key == BACKGROUND_KEY else ClassSpec(key=key, name=key[:120])
            for key in found
        )

    def read_label(self, spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
        """One layer a class.

        Raises:
            DatasetError: The annotation is missing or broken, or too large for the memory.
        """
        drawn = self.read(spec, sample)
        void = _find_void(spec)
        return draw_regions(drawn.regions, classes, void, drawn.height, drawn.width, sample.id)

    def read_display(
        self, spec: DatasetSpec, sample: Sample, longest: int | None = None
    ) -> NDArray[np.uint8]:
        """The picture as people look at it.

        Raises:
            DatasetError: There is none, or it is broken.
        """
        if (inside := self.read_inside(spec, sample)) is None:
            return read_display(_find_picture(spec, sample), longest)
        picture: Image.Image = decode_image(inside, sample.id).convert("RGB")
        if longest is not None:
            picture.thumbnail((longest, longest))
        return np.asarray(picture)

    def read_pixels(self, spec: DatasetSpec, sample: Sample) -> NDArray[Any]:
        """The picture's stored pixels.

        Raises:
            DatasetError: There is none, or it is broken.
        """
        inside = self.read_inside(spec, sample)
        data = read_bytes(_find_picture(spec, sample)) if inside is None else inside
        picture: Image.Image = decode_image(data, sample.id)
        return np.asarray(picture if picture.mode in _PLAIN_MODES else picture.convert("RGB"))

    def read_inside(self, spec: DatasetSpec, sample: Sample) -> bytes | None:
        """The picture file that lies inside the annotation file, if that is where the sample's image is."""
        if sample.image is None or sample.image != sample.masks[0][1]:
            return None
        return self.read(spec, sample).picture

    def _count(self, spec: DatasetSpec, sample: Sample, void: frozenset[str]) -> list[SampleCounts]:
        drawn = self.read(spec, sample)
        height, width = drawn.height, drawn.width
        if sample.image is not None and sample.image != sample.masks[0][1]:
            check_same_size(read_size(spec.root / sample.image), (height, width))
        return [
            SampleCounts(
                sample=sample,
                height=height,
                width=width,
                pixels=count_regions(drawn.regions, void, height, width),
                total=height * width,
                digest=digest_regions(drawn.regions, height, width),
                left_out=drawn.left_out,
            )
        ]


def _find_void(spec: DatasetSpec) -> frozenset[str]:
    """The keys that are void."""
    return frozenset({*spec.void, *(item.key for item in spec.classes if spec.is_void(item.key))})


def _find_picture(spec: DatasetSpec, sample: Sample) -> Path:
    if sample.image is None:
        raise DatasetError(f"{sample.id} has no image; only its annotations are known.")
    path = spec.root / sample.image
    FolderGuard(mask_roots(spec)).check(path)
    return path


def check_same_size(image: tuple[int, int], drawn: tuple[int, int]) -> None:
    """Raise `MaskError` unless an image has the height and width that it was annotated in."""
    if image == drawn:
        return
    turned = image == drawn[::-1]
    hint = ", as if one of the two were turned by its EXIF orientation" if turned else ""
    raise MaskError(
        f"the annotations are for {drawn[1]} x {drawn[0]} pixels, but the image has {image[1]} x {image[0]}"
        f"{hint}; save the image as it was annotated."
    )


def _describe_left_out(counted: Sequence[SampleCounts]) -> list[Problem]:
    """One problem for each reason, with the first file it occurs in."""
    numbers: Counter[str] = Counter()
    files: dict[str, str] = {}
    for item in counted:
        for reason, number in item.left_out.items():
            numbers[reason] += number
            files.setdefault(reason, str(item.sample.masks[0][1]))
    return [
        Problem(
            files[reason],
            f"{say_count(number, 'annotation is', 'annotations are')} left out, in this file for example: "
            f"{reason}",
            "Correct them, or go on without them.",
        )
        for reason, number in numbers.items()
    ]
