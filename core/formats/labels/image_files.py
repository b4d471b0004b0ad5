"""The pictures that labels speak of: found beside a label table or a folder of lists by their names."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from core.domain.scan import ScannedDataset
from core.formats.folders.listing import join, list_tree, parent, stem
from core.formats.labels.path_classes import last_name

# The strictest way first: what a row calls `a/1.png` is that file, whatever else is called `1.png`.
_KEYS: Final[tuple[Callable[[str], str], ...]] = (str, last_name, lambda path: stem(last_name(path)))


def locate_images(dataset: ScannedDataset) -> ScannedDataset:
    """A dataset whose samples know their image files, as far as those are there.

    Where labels lie in a table, the folder of the table is looked through, and becomes the root; where they
    lie in lists, the dataset's own folder. Any other dataset is returned as it is.

    Raises:
        DatasetError: The folder cannot be read, or holds too many files.
    """
    spec = dataset.spec
    if spec.has_images:
        return dataset
    folder = spec.root if spec.root.is_dir() else spec.root.parent
    found = find_image_files(folder, [sample.id for sample in dataset.samples])
    samples = tuple(
        replace(sample, image=PurePosixPath(found[sample.id])) if sample.id in found else sample
        for sample in dataset.samples
    )
    return replace(dataset, spec=spec.model_copy(update={"root": folder}), samples=samples)


def find_image_files(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """The picture that each name means: by its path, its file name, or its name without suffix.

    Of several pictures with one name, that in the folder with most of the names counts, then the one nearest
    to the top; what is still not clear is left out.

    Args:
        folder: The folder that is looked through, with all below it.
        names: What the labels call the images.

    Returns:
        Path below the folder, POSIX, by name.

    Raises:
        DatasetError: The folder cannot be read, or holds too many files.
    """
    listing = list_tree(folder)
    paths = sorted(join(place, name) for place in listing.files for name in listing.pictures(place))
    found: dict[str, str] = {}
    for key_of in _KEYS if paths else ():
        known = _index(paths, key_of)
        fits = {
            name: known[key]
            for name in names
            if name not in found and (key := key_of(_as_path(name))) in known
        }
        numbers = Counter(parent(path) for candidates in fits.values() for path in candidates)
        found |= {name: path for name, files in fits.items() if (path := _choose(files, numbers))}
    return found


def _index(paths: Sequence[str], key_of: Callable[[str], str]) -> Mapping[str, list[str]]:
    known: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        known[key_of(path)].append(path)
    return known


def _choose(paths: Sequence[str], numbers: Mapping[str, int]) -> str:
    """The one path that stands out; empty where two are equally good."""
    ranked = sorted((-numbers[parent(path)], path.count("/"), path) for path in paths)
    alone = len(ranked) == 1 or ranked[0][:2] != ranked[1][:2]
    return ranked[0][2] if alone else ""


def _as_path(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")
