"""Where the image of a COCO entry lies: as the file names it, below another folder, or by its name alone."""

from collections import defaultdict
from pathlib import Path, PurePosixPath

from core.domain.scan import Problem
from core.formats.folders.listing import is_picture, join, list_tree


class ImageFinder:
    """The pictures at and below a folder.

    Args:
        root: The dataset's root.
        folder: The image folder, POSIX, relative to the root.

    Raises:
        DatasetError: The folder does not exist or cannot be read.
    """

    def __init__(self, root: Path, folder: str) -> None:
        listing = list_tree(root, folder)
        self._folder = folder
        self._paths = {
            join(place, name) for place, names in listing.files.items() for name in names if is_picture(name)
        }
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            self._by_name[path.rpartition("/")[2]].append(path)
        self.problems = listing.problems

    def find(self, file_name: str) -> tuple[str, ...]:
        """Paths, relative to the root, that an entry may mean; one where all is well.

        Args:
            file_name: POSIX; a prefix that does not exist here counts as that of another computer.
        """
        exact = join(self._folder, PurePosixPath(file_name).as_posix())
        if exact in self._paths:
            return (exact,)
        found = self._by_name.get(file_name.rpartition("/")[2], [])
        # Of several the one that shares most of its folders with the name: `images/val/1.jpg` is `val/1.jpg`.
        depths = [_count_shared(path, file_name) for path in found]
        return tuple(path for path, depth in zip(found, depths, strict=True) if depth == max(depths))


def _count_shared(path: str, other: str) -> int:
    """How many parts two paths share at their ends."""
    count = 0
    for a, b in zip(reversed(path.split("/")), reversed(other.split("/")), strict=False):
        if a != b:
            break
        count += 1
    return count


def describe_missing(file_name: str, found: tuple[str, ...], folder: str) -> Problem:
    """Why an entry has no image."""
    if found:
        what = f"several images are called so: {found[0]} and {found[1]}"
        return Problem(file_name, what, "Name its folder in the annotation file, or remove the others.")
    place = "the dataset's folder" if folder == "." else folder
    return Problem(
        file_name,
        f"the annotation file lists this image, but it is not in {place}",
        "Copy it there, or go on without it.",
    )
