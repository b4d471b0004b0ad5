"""Other datasets beside the one that was chosen: a folder of datasets is easily taken for one of them."""

from collections.abc import Sequence

from core.domain.dataset import FolderPair
from core.formats.detection.layouts import find_layouts
from core.formats.detection.tree import Tree, is_inside
from core.formats.folders.listing import Listing

_FIT = 0.8  # least share of files that must pair by name,
_HINT = 0.5  # and least hint that the folders' names must give
_MOST = 24  # folders that are tried


def find_neighbours(tree: Tree, chosen: Sequence[FolderPair]) -> list[str]:
    """Folders of which the chosen dataset uses nothing, and whose names speak of images and masks.

    Args:
        tree: The folders.
        chosen: Those of the dataset that was chosen.
    """
    used = {name for pair in chosen for name in (pair.images, pair.masks) if name is not None}
    children = tree.children(_find_fork(tree))
    free = [
        path for path in children if not any(is_inside(name, path) or is_inside(path, name) for name in used)
    ]
    return [path for path in free[:_MOST] if _is_dataset(tree.listing, path)]


def _find_fork(tree: Tree) -> str:
    """The first folder, from the top, that holds more than one way on."""
    folder = "."
    while len(children := tree.children(folder)) == 1 and not tree.has_direct(folder):
        (folder,) = children
    return folder


def _is_dataset(listing: Listing, folder: str) -> bool:
    layouts = find_layouts(Tree(_below(listing, folder)))
    return any(
        layout.fit >= _FIT and layout.hint >= _HINT and layout.folders[0].images is not None
        for layout in layouts[:4]
    )


def _below(listing: Listing, folder: str) -> Listing:
    """The part of a listing below a folder, relative to it."""

    def inner(path: str) -> str:
        return path.removeprefix(folder).removeprefix("/") or "."

    inside = [path for path in listing.files if is_inside(path, folder)]
    return Listing(
        listing.root / folder,
        {inner(path): listing.files[path] for path in inside},
        {inner(path): tuple(map(inner, listing.folders.get(path, ()))) for path in inside},
        (),
    )
