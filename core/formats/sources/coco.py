"""COCO: one JSON file with the outlines of all objects of many images.

A crowd (`iscrowd`, run lengths around many objects that nobody parted) counts as its class.
"""

from pathlib import PurePosixPath

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Problem, Sample
from core.errors import DatasetError
from core.formats.masks.registry import mask_roots
from core.formats.sources.annotated import AnnotatedPictures, Annotation
from core.formats.sources.coco_file import CocoFile, CocoImage, Fault, read_coco_file
from core.formats.sources.coco_images import ImageFinder, describe_missing
from core.formats.wording import say_count

_MOST_NAMED = 200  # missing images that are named one by one before the rest is only counted


def find_coco_samples(spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
    """All images that the annotation files list; without an image folder by their names alone.

    Raises:
        DatasetError: An annotation file or the image folder cannot be read, or holds none of the images.
    """
    samples: dict[str, Sample] = {}
    problems: list[Problem] = []
    images = 0
    for pair in spec.folders:
        if pair.masks in spec.ignored:
            continue
        file = read_coco_file(spec.root / pair.masks, mask_roots(spec))
        images += file.listed
        problems += [_describe_fault(pair.masks, fault) for fault in file.faults]
        with_images = pair.images is not None and spec.pairing.rule != "none"
        finder = ImageFinder(spec.root, pair.images or ".") if with_images else None
        _collect(pair, file, finder, samples, problems)
    return list(samples.values()), problems, images


def read_coco_annotation(spec: DatasetSpec, sample: Sample) -> Annotation:
    """The annotations of one image.

    Raises:
        DatasetError: The annotation file is gone, or does not list the image any more.
    """
    place = sample.masks[0][1]
    file = read_coco_file(spec.root / place, mask_roots(spec))
    image = file.images.get(sample.part)
    if image is None:
        raise DatasetError(f"{place} lists no image {sample.part} any more; scan the dataset again.")
    return Annotation(image.height, image.width, file.read_regions(image))


COCO = AnnotatedPictures(
    "coco", "COCO: one JSON file for many images", find_coco_samples, read_coco_annotation
)


def _collect(
    pair: FolderPair,
    file: CocoFile,
    finder: ImageFinder | None,
    samples: dict[str, Sample],
    problems: list[Problem],
) -> None:
    """Add the images of one annotation file to the samples of those before."""
    missing: list[Problem] = []
    for image in file.images.values():
        paths = (image.file_name,) if finder is None else finder.find(image.file_name)
        if len(paths) != 1:
            missing.append(describe_missing(image.file_name, paths, pair.images or "."))
        elif paths[0] in samples:
            problems.append(_describe_twin(samples[paths[0]], pair.masks, image))
        else:
            picture = None if finder is None else PurePosixPath(paths[0])
            masks = (("", PurePosixPath(pair.masks)),)
            samples[paths[0]] = Sample(paths[0], picture, masks, part=image.id)
    if file.images and len(missing) == len(file.images):
        raise DatasetError(
            f"None of the {say_count(len(missing), 'image')} that {pair.masks} lists is in {pair.images}, "
            f"{missing[0].file} for example. Name the folder that holds them, or choose to open the "
            "annotations without images."
        )
    problems += missing[:_MOST_NAMED]
    if len(missing) > _MOST_NAMED:
        what = f"{say_count(len(missing) - _MOST_NAMED, 'more image')} of this file cannot be found"
        problems.append(Problem(pair.masks, what, "Copy them there, or go on without them."))


def _describe_fault(place: str, fault: Fault) -> Problem:
    what = say_count(fault.count, f"{fault.entry} is", f"{_plural(fault.entry)} are")
    return Problem(
        place,
        f"{what} left out, wholly or in part: {fault.first}, for example, {fault.reason}",
        "Correct the file, or go on without them.",
    )


def _plural(entry: str) -> str:
    return "categories" if entry == "category" else f"{entry}s"


def _describe_twin(first: Sample, place: str, image: CocoImage) -> Problem:
    where = "again" if str(first.masks[0][1]) == place else f"in {place} too"
    return Problem(
        image.file_name,
        f"this image is listed {where} (id {image.id}); only its first entry is used",
        "Remove one of the two entries; an image in two splits would leak from one to the other.",
    )
