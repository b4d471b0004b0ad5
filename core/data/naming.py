"""Names of the files of a balanced set: those of the source, each duplicate with its number."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample
from core.formats.folders.listing import is_picture, stem

COPY_MARK = "__copy"


def name_copies(
    spec: DatasetSpec, samples: Sequence[Sample], copies: Mapping[str, int]
) -> dict[tuple[str, int], str]:
    """Names without suffix, POSIX and relative, by sample id and copy; no two are equal.

    Copy 1 is the image itself and keeps its name and its sub-folder inside the image folder; copy 2 and the
    following are its duplicates (`left_1`, `left_1__copy2`). Where a dataset has several image folders their
    names come first.

    Args:
        spec: The dataset; its folders are what names are relative to.
        samples: The samples, each with an image.
        copies: Whole copies by sample id; a sample with none is dropped and gets no name.
    """
    prefixes = _name_folders(spec.folders)
    kept = [(sample, copies[sample.id]) for sample in samples if copies.get(sample.id, 0) > 0]
    stems = {sample.id: _strip(_name_source(sample), prefixes) for sample, _ in kept}
    # All images first: a source may itself be called "a__copy2", and keeps its name.
    names = {
        (sample.id, copy): stems[sample.id] if copy == 1 else f"{stems[sample.id]}{COPY_MARK}{copy}"
        for sample, copy in _originals_first(kept)
    }
    return keep_apart(names)


def keep_apart(names: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    """The names with underscores added to those that an earlier one has taken, in upper or lower case."""
    apart: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    for key, name in names.items():
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        apart[key] = name
    return apart


def flatten_name(name: str) -> str:
    """A name without sub-folders, for layouts that have none.

    >>> flatten_name("val/left_1")
    'val_left_1'
    """
    return name.replace("/", "_")


def _originals_first(kept: Sequence[tuple[Sample, int]]) -> Iterator[tuple[Sample, int]]:
    for sample, _ in kept:
        yield sample, 1
    for sample, count in kept:
        for copy in range(2, count + 1):
            yield sample, copy


def _name_folders(folders: Sequence[FolderPair]) -> dict[str, str]:
    """What each image folder is called in the balanced set: nothing where it is the only one."""
    pairs = [(pair.images, pair.name) for pair in folders if pair.images is not None]
    if len(pairs) == 1:
        return {pairs[0][0]: ""}
    named = [name for _, name in pairs]
    clear = len(set(named)) == len(named) and all(name and _is_plain(name) for name in named)
    return {images: name if clear else _plain(images) for images, name in pairs}


def _name_source(sample: Sample) -> str:
    """The image's file; of a slice the file with its number, `case_012.nii.gz#z=007` as `case_012_z007`."""
    path, _, part = sample.id.rpartition("#")
    if not path or not sample.part or sample.image is None or is_picture(sample.image.name):
        return str(sample.image or sample.id)
    return f"{_cut_suffix(path)}_{part.replace('=', '')}.png"


def _strip(path: str, prefixes: Mapping[str, str]) -> str:
    inside = [folder for folder in prefixes if folder == "." or path.startswith(f"{folder}/")]
    folder = max(inside, key=len, default=".")
    relative = path if folder == "." else path[len(folder) + 1 :]
    return "/".join(part for part in (prefixes.get(folder, ""), _plain(_cut_suffix(relative))) if part)


def _cut_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{stem(name)}"


def _plain(path: str) -> str:
    """A path that stays inside the folder it is joined to."""
    return "/".join(part for part in path.split("/") if part not in ("", ".", ".."))


def _is_plain(name: str) -> bool:
    return PurePosixPath(name).name == name
