"""The class that a path names: by the folder a picture lies in, or by what its file name begins with."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from core.errors import DatasetError
from core.formats.folders.listing import parent, stem
from core.formats.folders.splits import find_split

NAME_PATTERN = r"^(.*?)[\W_]*\d"
"""What stands before the first number of a file name: `cat` of `cat.0.jpg`, `dane` of `dane_12.png`."""


def find_folder_classes(paths: Sequence[str], pattern: str | None = None) -> dict[str, str]:
    """The class of each picture by the folders above it; empty where none of them is a class.

    Without a pattern it is the innermost folder that tells pictures apart: not a split beside other splits
    (a class may be called `train` beside `bus`), not a folder alone in another.

    Args:
        paths: Pictures, POSIX, relative to the dataset's root.
        pattern: A regular expression, searched in the folder (`train/cat`); its first group, or the whole
            match where it has none, is the class.

    Raises:
        DatasetError: The pattern is no regular expression.

    >>> find_folder_classes(["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "3.jpg"])
    {'train/cat/1.jpg': 'cat', 'train/dog/1.jpg': 'dog', 'test/cat/2.jpg': 'cat', '3.jpg': ''}
    """
    folders = dict.fromkeys(map(parent, paths))
    if pattern is not None:
        find = _build_finder(pattern)
        classes = {folder: "" if folder == "." else find(folder) for folder in folders}
    else:
        levels = _find_levels(folders)
        classes = {folder: last_name(found[0]) if found else "" for folder, found in levels.items()}
    return {path: classes[parent(path)] for path in paths}


def find_name_classes(paths: Sequence[str], pattern: str | None = None) -> dict[str, str]:
    """The class of each picture by its file name; empty where the name does not fit.

    Args:
        paths: Pictures, POSIX, relative to the dataset's root.
        pattern: A regular expression, searched in the file name without its suffix; its first group, or the
            whole match where it has none, is the class. None: `NAME_PATTERN`.

    Raises:
        DatasetError: The pattern is no regular expression.

    >>> find_name_classes(["train/cat.0.jpg", "dog_12.png", "readme.png"])
    {'train/cat.0.jpg': 'cat', 'dog_12.png': 'dog', 'readme.png': ''}
    """
    find = _build_finder(NAME_PATTERN if pattern is None else pattern)
    return {path: find(stem(last_name(path))) for path in paths}


def find_folder_levels(paths: Sequence[str]) -> dict[str, list[str]]:
    """The folders above each picture whose names may be its class, the innermost first.

    >>> find_folder_levels(["train/cat/7/1.jpg", "test/dog/8/2.jpg"])["train/cat/7/1.jpg"]
    ['train/cat/7', 'train/cat']
    """
    levels = _find_levels(dict.fromkeys(map(parent, paths)))
    return {path: levels[parent(path)] for path in paths}


def last_name(path: str) -> str:
    """The last name of a POSIX path.

    >>> last_name("train/cat")
    'cat'
    """
    return path.rpartition("/")[2]


def _find_levels(folders: Iterable[str]) -> dict[str, list[str]]:
    """Of each folder: itself and those above it that tell pictures apart, the innermost first.

    A folder alone in another tells nothing, unless its name does so elsewhere: `test` may hold one class.
    """
    levels = {folder: _find_parents(folder) for folder in folders}
    children: dict[str, set[str]] = defaultdict(set)
    for parents in levels.values():
        for folder in parents:
            children[parent(folder)].add(last_name(folder))
    classes = [names for names in children.values() if not all(map(find_split, names))]
    telling = {name for names in classes for name in names if len(names) > 1}
    telling = telling or {name for names in classes for name in names}
    return {
        start: [
            folder
            for folder in parents
            if last_name(folder) in telling and not all(map(find_split, children[parent(folder)]))
        ]
        for start, parents in levels.items()
    }


def _find_parents(folder: str) -> list[str]:
    """A folder and all above it but the root, the innermost first."""
    found = []
    while folder != ".":
        found.append(folder)
        folder = parent(folder)
    return found


def _build_finder(pattern: str) -> Callable[[str], str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise DatasetError(
            f"The class pattern {pattern!r} is no regular expression ({error}); for example '^(cat|dog)' "
            "takes the word that a name begins with."
        ) from error
    wanted = 1 if compiled.groups else 0

    def find(text: str) -> str:
        match = compiled.search(text)
        return (match.group(wanted) or "").strip() if match else ""

    return find
