"""Image-level labels from Pascal VOC image lists: `<class>_<set>.txt`, rows of an id and -1, 0 or 1."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, ScannedDataset
from core.errors import DatasetError
from core.formats.labels.label_tables import build_dataset

_LIST = re.compile(r"(.+)_(trainval|train|val|test)\.txt", re.IGNORECASE)
_FLAGS = {"1": True, "0": True, "-1": False}
_MAX_BYTES = 500_000_000


def scan_label_lists(spec: DatasetSpec) -> ScannedDataset:
    """Read all class lists of one folder (`ImageSets/Main`); `spec.root` is the folder.

    All sets are read together; an image in several (train and trainval) counts once. 1 is present, -1 absent;
    0 means that only objects that are difficult to see are there: they are there, so it counts as present.

    Raises:
        DatasetError: The folder holds no class lists, or one cannot be read.
    """
    lists = find_class_lists(spec.root)
    if not lists:
        raise DatasetError(
            f"{spec.root} holds no lists such as 'cat_trainval.txt'; open the folder ImageSets/Main."
        )
    problems: list[Problem] = []
    rows: dict[str, int] = {}
    flags: dict[tuple[int, int], bool] = {}
    for column, paths in enumerate(lists.values()):
        for path in paths:
            for line, name, flag in _rows(path, problems):
                place = rows.setdefault(name, len(rows))
                if flags.setdefault((place, column), flag) is not flag:
                    what = f"line {line} contradicts another list on image {name}"
                    problems.append(Problem(path.name, what, "Correct one of the two; the first counts."))
    presence = np.zeros((len(rows), len(lists)), dtype=bool)
    present = [cell for cell, flag in flags.items() if flag]
    if present:
        presence[tuple(np.array(present).T)] = True
    return build_dataset(spec, list(lists), list(rows), presence, problems, len(rows))


def find_class_lists(folder: Path) -> dict[str, list[Path]]:
    """Class names, sorted, with their list files.

    Files of ids alone (`train.txt`), or of names (`class.txt`), are no class lists.
    """
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        match = _LIST.fullmatch(path.name)
        if match and path.is_file() and _has_flags(path):
            found[match[1]].append(path)
    return dict(sorted(found.items()))


def is_list_name(name: str) -> bool:
    """Whether a file is called as class lists are."""
    return _LIST.fullmatch(name) is not None


def _has_flags(path: Path) -> bool:
    """Whether the first row is an image and a flag; only the beginning of the file is read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            cells = next((line.split() for line in islice(file, 20) if line.strip()), [])
    except OSError:
        return False
    return len(cells) == 2 and cells[1] in _FLAGS


def _rows(path: Path, problems: list[Problem]) -> list[tuple[int, str, bool]]:
    found = []
    for number, line in enumerate(_read_text(path), 1):
        cells = line.split()
        if len(cells) == 2 and cells[1] in _FLAGS:
            found.append((number, cells[0], _FLAGS[cells[1]]))
        elif cells:
            what = f"line {number} is {line.strip()[:60]!r}, but must be an image and -1, 0 or 1"
            problems.append(Problem(path.name, what, "Correct the line; it is left out until then."))
    return found


def _read_text(path: Path) -> Sequence[str]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(
                f"{path} is larger than 500 MB, so it is no image list; choose another folder."
            )
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read as text ({error}); correct or remove it.") from error
