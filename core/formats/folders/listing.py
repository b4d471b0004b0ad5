"""One walk over a folder tree: which files lie where, links that leave the tree refused."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.domain.scan import Problem
from core.errors import DatasetError

LOSSY_SUFFIXES = frozenset({"jpg", "jpeg", "jpe", "jfif"})
_LOSSLESS_SUFFIXES = frozenset({"png", "tif", "tiff", "gif", "bmp", "webp", "pbm", "pgm", "ppm", "pnm"})
PICTURE_SUFFIXES = LOSSY_SUFFIXES | _LOSSLESS_SUFFIXES | {"jp2", "j2k", "jpx"}
DICOM_SUFFIXES = frozenset({"dcm", "dicom", "ima"})
IMAGE_SUFFIXES = PICTURE_SUFFIXES | DICOM_SUFFIXES  # what may lie beside masks, which are pictures
VOLUME_SUFFIXES = frozenset({"nii", "nii.gz"})
_SKIPPED = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir", "__pycache__"})
MAX_FILES = 5_000_000
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder.

    Attributes:
        root: The folder that was walked.
        files: Folder, POSIX and relative to `root` (`"."` is the root), to its sorted file names.
        folders: Folder to the sorted paths of the folders directly in it.
        problems: Links that were refused, folders that could not be read.
        suffixes: Which files count as pictures, in lower case.
    """

    root: Path
    files: dict[str, tuple[str, ...]]
    folders: dict[str, tuple[str, ...]]
    problems: tuple[Problem, ...]
    suffixes: frozenset[str] = PICTURE_SUFFIXES

    def pictures(self, folder: str) -> list[str]:
        """Names of the picture files directly in one folder."""
        return [name for name in self.files.get(folder, ()) if _suffix(name) in self.suffixes]

    def below(self, folder: str, without: Collection[str] = ()) -> Iterator[str]:
        """The folder itself and every folder below it; those `without` are not entered."""
        yield folder
        for child in self.folders.get(folder, ()):
            if child not in without:
                yield from self.below(child, without)


def list_tree(root: Path, folder: str = ".", suffixes: frozenset[str] = PICTURE_SUFFIXES) -> Listing:
    """Walk a folder of a dataset; hidden and system files are left out, links may not leave `root`.

    Args:
        root: The dataset's root; links must stay inside it.
        folder: The folder to walk, POSIX, relative to `root`; so are the listing's paths.
        suffixes: Which files count as pictures.

    Raises:
        DatasetError: The folder does not exist, cannot be read, or holds more than `MAX_FILES` files.
    """
    start = root / folder
    if not start.is_dir():
        raise DatasetError(
            f"{start} is not a folder; check the path, or choose the folder that holds the masks."
        )
    walk = _Walk(root.resolve(), suffixes)
    walk.visit(start, PurePosixPath(folder).as_posix(), 0)
    return Listing(root, walk.files, walk.folders, tuple(walk.problems), suffixes)


def is_picture(name: str) -> bool:
    """Whether a file name has the suffix of a picture, in upper or lower case."""
    return _suffix(name) in PICTURE_SUFFIXES


def is_dicom_name(name: str) -> bool:
    """Whether a file name has a suffix of DICOM."""
    return _suffix(name) in DICOM_SUFFIXES


def is_lossy(name: str) -> bool:
    """Whether a file name says JPEG."""
    return _suffix(name) in LOSSY_SUFFIXES


def stem(name: str) -> str:
    """A file's name without its last suffix, dots inside kept; `.nii.gz` is one suffix.

    >>> stem("a.b.png"), stem("cat.0.jpg"), stem("a.nii.gz")
    ('a.b', 'cat.0', 'a')
    """
    return name[: -len(_suffix(name)) - 1] if _suffix(name) else name


def join(folder: str, name: str) -> str:
    """A POSIX path below the root.

    >>> join(".", "a.png"), join("masks", "a.png")
    ('a.png', 'masks/a.png')
    """
    return name if folder == "." else folder if name == "." else f"{folder}/{name}"


def parent(path: str) -> str:
    """The folder of a POSIX path below the root; `"."` for the top."""
    return path.rpartition("/")[0] or "."


def _suffix(name: str) -> str:
    if name.lower().endswith(".nii.gz"):
        return name[-6:].lower()
    return name.rpartition(".")[2].lower() if "." in name else ""


class _Walk:
    """The state of one walk."""

    def __init__(self, root: Path, suffixes: frozenset[str]) -> None:
        self.root = root
        self.suffixes = suffixes
        self.files: dict[str, tuple[str, ...]] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.problems: list[Problem] = []
        self._count = 0
        self._linked: set[Path] = set()

    def visit(self, folder: Path, relative: str, depth: int) -> None:
        names: list[str] = []
        folders: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._sort_in(entry, relative, names, folders)
        except OSError as error:
            step = "Check its permissions, then open the dataset again."
            self.problems.append(Problem(relative, f"the folder cannot be read ({error.strerror})", step))
            return
        self.files[relative] = tuple(sorted(names))
        self.folders[relative] = tuple(join(relative, name) for name in sorted(folders))
        self._check_size(folder, depth, len(names))
        for name in sorted(folders):
            self.visit(folder / name, join(relative, name), depth + 1)

    def _sort_in(
        self, entry: "os.DirEntry[str]", relative: str, names: list[str], folders: list[str]
    ) -> None:
        if entry.name.startswith(".") or entry.name.lower() in _SKIPPED:
            return
        if entry.is_symlink() and not self._is_safe_link(entry, join(relative, entry.name)):
            return
        if entry.is_dir():
            folders.append(entry.name)
        elif entry.is_file():
            names.append(entry.name)
        elif _suffix(entry.name) in self.suffixes:
            what = "the link leads nowhere" if entry.is_symlink() else "this is no ordinary file"
            step = "Replace it by the picture itself."
            self.problems.append(Problem(join(relative, entry.name), what, step))

    def _is_safe_link(self, entry: "os.DirEntry[str]", relative: str) -> bool:
        """Links stay inside the root; a folder is entered through one link only: no walk runs in circles."""
        target = Path(entry.path).resolve()
        if not target.is_relative_to(self.root):
            step = "Copy the files into the dataset, or open the folder that holds both."
            self.problems.append(
                Problem(relative, "the link leaves the dataset, so it is not followed", step)
            )
            return False
        if not target.is_dir():
            return True
        if target in self._linked or Path(entry.path).parent.resolve().is_relative_to(target):
            step = "Remove the link if its files should not be counted twice."
            self.problems.append(Problem(relative, "the link leads to a folder that is read already", step))
            return False
        self._linked.add(target)
        return True

    def _check_size(self, folder: Path, depth: int, count: int) -> None:
        self._count += count
        if self._count > MAX_FILES or depth > MAX_DEPTH:
            raise DatasetError(
                f"{folder} goes beyond {MAX_FILES:,} files or {MAX_DEPTH} levels of folders; "
                "open the folder of one dataset instead."
            )
