"""labelme: beside each picture a JSON file with the shapes drawn in it."""

import posixpath
from collections import defaultdict
from io import BytesIO
from pathlib import PurePosixPath

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Problem, Sample
from core.errors import AppError, DatasetError, MaskError
from core.formats.folders.listing import Listing, is_picture, join, list_tree, parent, stem
from core.formats.masks.registry import mask_roots
from core.formats.pixels.images import read_size
from core.formats.sources.annotated import AnnotatedPictures, Annotation, check_same_size
from core.formats.sources.labelme_file import LabelmeFile, read_labelme_file
from core.formats.sources.labelme_shapes import draw_shapes
from core.formats.wording import describe_error
from core.workspace.guarded import FolderGuard, check_size, open_header

_NO_IMAGE = "its image is neither beside it nor inside it"


def find_labelme_samples(spec: DatasetSpec) -> tuple[list[Sample], list[Problem], int]:
    """All JSON files with their pictures; where none has a picture, the annotations alone.

    Raises:
        DatasetError: A folder is missing, or holds no JSON file.
    """
    samples: dict[str, Sample] = {}
    problems: list[Problem] = []
    missing: list[Sample] = []
    count = 0
    for pair in spec.folders:
        finder = _PictureFinder(spec, pair)
        problems += finder.listing.problems
        for path in list_json(finder.listing):
            count += 1
            try:
                picture = None if spec.pairing.rule == "none" else finder.find(path)
            except AppError as error:
                problems.append(describe_error(path, str(error)))
                continue
            sample = Sample(str(picture or path), picture, (("", PurePosixPath(path)),))
            if picture is None:
                missing.append(sample)
            elif sample.id in samples:
                other = samples[sample.id].masks[0][1]
                what = f"it is of the same image as {other}, which alone is used"
                problems.append(Problem(path, what, "Join the two files in labelme, or remove one."))
            else:
                samples[sample.id] = sample
    if not count:
        raise DatasetError(
            f"There is no JSON file in {spec.folders[0].masks}; name the folder of the labelme files."
        )
    if not samples:
        return missing, problems, count
    step = "Put the image beside the file, or go on without it."
    problems += [Problem(str(sample.masks[0][1]), _NO_IMAGE, step) for sample in missing]
    return list(samples.values()), problems, count


def read_labelme_annotation(spec: DatasetSpec, sample: Sample) -> Annotation:
    """The shapes of one picture.

    Raises:
        DatasetError: The file is missing or broken, or nothing says how large the picture is.
    """
    path = spec.root / sample.masks[0][1]
    FolderGuard(mask_roots(spec)).check(path)
    file = read_labelme_file(path)
    height, width = _find_size(spec, sample, file)
    check_size(height, width, 1, path.name)
    regions, left_out = draw_shapes(file.shapes, height, width)
    left_out.update(file.left_out)
    return Annotation(height, width, regions, dict(left_out), file.image)


def list_json(listing: Listing) -> list[str]:
    """The JSON files of a folder and those below it, sorted."""
    return sorted(
        join(folder, name)
        for folder, names in listing.files.items()
        for name in names
        if name.lower().endswith(".json")
    )


LABELME = AnnotatedPictures(
    "labelme", "labelme: one JSON file an image", find_labelme_samples, read_labelme_annotation
)


def _find_size(spec: DatasetSpec, sample: Sample, file: LabelmeFile) -> tuple[int, int]:
    """Height and width: as the file says, else those of the picture; of a picture inside, both must agree."""
    said = (file.height, file.width) if file.height and file.width else None
    inside = file.image if sample.image == sample.masks[0][1] else None
    if inside is not None:
        image = open_header(BytesIO(inside), sample.id)
        if said is not None:
            check_same_size((image.height, image.width), said)
        return image.height, image.width
    if said is None and sample.image is not None:
        return read_size(spec.root / sample.image)
    if said is None:
        raise MaskError(
            f"{sample.id}: the file does not say how large its image is; put the image beside it."
        )
    return said


class _PictureFinder:
    """Where the picture of a labelme file is.

    Beside it under the same name, as labelme itself looks for it; else where the file says; else inside.
    """

    def __init__(self, spec: DatasetSpec, pair: FolderPair) -> None:
        self.listing = list_tree(spec.root, pair.masks)
        self._spec, self._pair = spec, pair
        images = (
            self.listing if pair.images in (None, pair.masks) else list_tree(spec.root, pair.images or ".")
        )
        self._pictures: set[str] = set()
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for folder, names in images.files.items():
            for path in (join(folder, name) for name in names if is_picture(name)):
                self._pictures.add(path)
                self._by_stem[stem(path.rpartition("/")[2])].append(path)
        self._guard = FolderGuard(mask_roots(spec))

    def find(self, path: str) -> PurePosixPath | None:
        """The picture of a labelme file, or the file itself where it holds its picture.

        Raises:
            DatasetError: The file had to be looked into, and is broken.
        """
        name = stem(path.rpartition("/")[2])
        named = self._by_stem.get(name, [])
        beside = [item for item in named if parent(item) == parent(path)]
        for found in (beside, named):
            if len(found) == 1:
                return PurePosixPath(found[0])
        file_path = self._spec.root / path
        self._guard.check(file_path)
        file = read_labelme_file(file_path)
        return self._find_named(path, file) or (PurePosixPath(path) if file.image is not None else None)

    def _find_named(self, path: str, file: LabelmeFile) -> PurePosixPath | None:
        if not file.image_path:
            return None
        place = posixpath.normpath(join(parent(path), file.image_path))
        if place in self._pictures:
            return PurePosixPath(place)
        if not place.startswith(("../", "/")) and (self._spec.root / place).is_file():
            return PurePosixPath(place)
        name = file.image_path.rpartition("/")[2]
        same = [item for item in self._by_stem.get(stem(name), []) if item.rpartition("/")[2] == name]
        return PurePosixPath(same[0]) if len(same) == 1 else None
