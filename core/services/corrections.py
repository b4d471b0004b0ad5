"""Problem files put right: left out, paired by hand, and back again. Files themselves are never touched."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, ScannedDataset
from core.errors import DatasetError
from core.formats.dataset_file import DATASET_FILE, write_dataset_file
from core.services import datasets
from core.workspace.paths import workspace

_NUMBER = re.compile(r"\d[\d.,]*")
_DIGITS = re.compile(r"\d+")
_IN_BRACKETS = re.compile(r" ?\([^()]*\)")
_MOST_COMPARED = 2000  # names looked at for the likeliest partner: a tenth of a second


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """Problems that differ in their files and numbers only.

    Attributes:
        title: What is wrong, numbers left out.
        next_step: What to do about it; of the first of them.
        problems: All of them, in the scan's order.
        removable: Files among them that may be left out: they lie in the dataset, and no image that is used
            would go with them.
    """

    title: str
    next_step: str
    problems: tuple[Problem, ...]
    removable: tuple[str, ...]


def problem_kinds(dataset: ScannedDataset) -> list[ProblemKind]:
    """The problems of a scan by kind, the commonest first."""
    by_title: dict[str, list[Problem]] = defaultdict(list)
    for problem in dataset.problems:
        by_title[_find_title(problem.problem)].append(problem)
    used = _used_files(dataset)
    removable = dataset.spec.format not in ("label_table", "label_lists")
    kinds = [
        ProblemKind(
            title,
            problems[0].next_step,
            tuple(problems),
            tuple(
                dict.fromkeys(
                    item.file
                    for item in problems
                    if removable and item.file not in used and _is_file(dataset.spec.root, item.file)
                )
            ),
        )
        for title, problems in by_title.items()
    ]
    return sorted(kinds, key=lambda kind: -len(kind.problems))


def leave_out(spec: DatasetSpec, files: Iterable[str | Path]) -> DatasetSpec:
    """Answers that leave some files out; what they are paired with is left out with them.

    Args:
        spec: The answers.
        files: Paths, absolute or relative to the dataset's root.

    Raises:
        DatasetError: A path names no file of the dataset, or labels lie in a table.
    """
    if spec.format in ("label_table", "label_lists"):
        raise DatasetError(
            f"{spec.name} takes its labels from a table, so there is no file to leave out; correct the row."
        )
    named = (_find_file(spec, file) for file in files)
    return spec.model_copy(update={"ignored": tuple(dict.fromkeys((*spec.ignored, *named)))})


def take_back(spec: DatasetSpec, files: Iterable[str]) -> DatasetSpec:
    """Answers that leave these files out no longer."""
    back = set(files)
    return spec.model_copy(update={"ignored": tuple(file for file in spec.ignored if file not in back)})


def pair(spec: DatasetSpec, image: str | Path, mask: str | Path) -> DatasetSpec:
    """Answers that put an image and a mask together, whatever their names say.

    Raises:
        DatasetError: A path names no file of the dataset, or the format has no files to pair.
    """
    if not spec.folders or spec.pairing.rule == "none":
        raise DatasetError(f"{spec.name} has no image files beside mask files, so there is nothing to pair.")
    chosen = _find_file(spec, image), _find_file(spec, mask)
    others = (item for item in spec.pairs if item[1] != chosen[1])
    return spec.model_copy(update={"pairs": (*others, chosen)})


def part(spec: DatasetSpec, image: str, mask: str) -> DatasetSpec:
    """Answers without a pair that was made by hand."""
    return spec.model_copy(update={"pairs": tuple(item for item in spec.pairs if item != (image, mask))})


def apply(dataset_id: str, spec: DatasetSpec) -> str:
    """Keep corrected answers and scan again; only files that are new to the scan are read.

    Returns:
        The id of the run that scans.

    Raises:
        DatasetError: No image would be left; nothing is kept then.
    """
    from core.formats.whole import find_samples

    if not find_samples(spec)[0]:
        raise DatasetError(
            "Nothing of the dataset would be left; leave out fewer files, or correct how it is read."
        )
    write_dataset_file(workspace().dataset(dataset_id) / DATASET_FILE, spec)
    return datasets.start_scan(dataset_id)


def unpaired(spec: DatasetSpec) -> tuple[list[str], list[str]]:
    """Images without a mask, and masks (or other files beside them) without an image.

    Raises:
        DatasetError: A folder is missing.
    """
    from core.formats.folders.pairing import find_unpaired

    if not spec.folders or spec.pairing.rule == "none":
        return [], []
    found = find_unpaired(spec)
    return list(found.images), list(found.masks)


def order_by_likeness(image: str, masks: Sequence[str]) -> list[str]:
    """Masks in the order of how much their names are like the image's: first by numbers, then by letters.

    >>> order_by_likeness("images/eye_21.png", ["masks/eye_7.png", "masks/eye-21_v2.png"])
    ['masks/eye-21_v2.png', 'masks/eye_7.png']
    """
    stem = PurePosixPath(image).stem
    numbers = set(_DIGITS.findall(stem))

    def likeness(mask: str) -> tuple[int, float]:
        name = PurePosixPath(mask).stem
        return len(numbers & set(_DIGITS.findall(name))), SequenceMatcher(None, stem, name).ratio()

    near = masks[:_MOST_COMPARED]
    return [*sorted(near, key=likeness, reverse=True), *masks[_MOST_COMPARED:]]


def pair_preview(dataset: ScannedDataset, image: str, mask: str, longest: int = 480) -> bytes:
    """PNG of an image with a mask laid over it, before the two are paired.

    Raises:
        DatasetError: The two cannot be a pair: sizes differ, a file is damaged, or its class is unknown.
    """
    from core.formats.whole import find_samples, scan_samples
    from core.services.pictures import draw_sample

    spec = pair(dataset.spec, image, mask)
    samples, problems, _ = find_samples(spec)
    chosen = [item for item in samples if str(item.image) == image][:1]
    scanned = scan_samples(spec, chosen)
    faults = [item for item in (*scanned.problems, *problems) if item.file in (image, mask)]
    if not scanned.samples or faults:
        reason = faults[0].problem if faults else "the two cannot be read together"
        raise DatasetError(
            f"{mask}: {reason}. Nothing is resized in silence; choose another mask, or correct the file."
        )
    return draw_sample(dataset, scanned.samples[0], longest)


def _find_file(spec: DatasetSpec, file: str | Path) -> str:
    """A path relative to the root, POSIX."""
    place = spec.root / file
    inside = place.is_relative_to(spec.root) and ".." not in place.relative_to(spec.root).parts
    if not inside or not (place.is_file() or place.is_symlink()):
        raise DatasetError(
            f"There is no file {file} in {spec.root}; give its path from there, or the whole path."
        )
    return place.relative_to(spec.root).as_posix()


def _find_title(sentence: str) -> str:
    """What a problem says, without its own numbers, names and reasons.

    >>> _find_title("the mask is 8 x 8 pixels, its image 32 x 24")
    'the mask is … x … pixels, its image … x …'
    >>> _find_title("several masks fit: a.png, b.png")
    'several masks fit'
    """
    return _NUMBER.sub("…", _IN_BRACKETS.sub("", sentence).partition(": ")[0])


def _used_files(dataset: ScannedDataset) -> set[str]:
    images = {str(sample.image) for sample in dataset.samples if sample.image is not None}
    return images | {str(path) for sample in dataset.samples for _, path in sample.masks}


def _is_file(root: Path, file: str) -> bool:
    place = root / file
    return place.is_symlink() or place.is_file()
