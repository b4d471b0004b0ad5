"""The picture folders of a tree, and one way to read them."""

from dataclasses import dataclass

from core.domain.dataset import FolderPair, Pairing
from core.formats.folders.listing import Listing, join

_COLLECTION = 24  # more sub-folders than this are cases or classes: the first few stand for all
_FOLDERS = 120  # folders that are compared with each other


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to read a tree.

    Attributes:
        folders: Image and mask folders.
        pairing: The rule that pairs them.
        classes: Folder names or suffixes where every class has files of its own; else empty.
        fit: How completely names pair, in [0, 1].
        hint: How much the names of the folders speak for it; about -2 to 2.
        masks: Mask files.
    """

    folders: tuple[FolderPair, ...]
    pairing: Pairing
    classes: tuple[str, ...]
    fit: float
    hint: float
    masks: int


class Tree:
    """The picture folders of a listing."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._below: dict[str, list[str]] = {}

    def pictures(self, folder: str, without: str | None = None) -> list[str]:
        """Pictures at and below a folder, relative to it; those below `without` left out."""
        if folder not in self._below:
            names = [
                join(path, name)
                for path in self.listing.below(folder)
                for name in self.listing.pictures(path)
            ]
            self._below[folder] = [path.removeprefix(f"{folder}/") for path in names]
        if without is None or not is_inside(without, folder):
            return self._below[folder]
        inner = f"{without}/" if folder == "." else f"{without.removeprefix(f'{folder}/')}/"
        return [path for path in self._below[folder] if not path.startswith(inner)]

    def count(self) -> int:
        """How many pictures there are."""
        return sum(len(self.listing.pictures(folder)) for folder in self.listing.files)

    def has_direct(self, folder: str) -> bool:
        """Whether pictures lie directly in a folder."""
        return bool(self.listing.pictures(folder))

    def is_like(self, folder: str, other: str) -> bool:
        """Whether a folder exists and holds pictures directly where another does."""
        return folder in self.listing.files and self.has_direct(folder) == self.has_direct(other)

    def children(self, folder: str) -> list[str]:
        """Sub-folders with pictures at or below them."""
        return [path for path in self.listing.folders.get(folder, ()) if self.pictures(path)]

    def folders(self) -> list[str]:
        """Folders with pictures at or below them; of many like ones the first few."""
        found = ["."] if self.pictures(".") else []
        for folder in found:
            children = self.children(folder)
            found += children if len(children) <= _COLLECTION else children[:3]
            if len(found) > _FOLDERS:
                break
        return found[:_FOLDERS]


def is_inside(path: str, folder: str) -> bool:
    """Whether a folder is another one or lies below it."""
    return folder == "." or path == folder or path.startswith(f"{folder}/")
