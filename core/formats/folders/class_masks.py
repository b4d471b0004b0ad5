"""Which class a mask shows, where every class has files of its own: by folder, suffix or prefix."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.classes import ClassRole
from core.domain.dataset import DatasetSpec
from core.formats.folders.listing import join, parent, stem


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A mask: where it lies, and its path without what names the class, which is what pairs it."""

    path: str
    inner: str


def class_keys(spec: DatasetSpec) -> tuple[str, ...] | None:
    """Keys of the classes that have mask files of their own; None where one file keeps all classes."""
    if spec.format != "binary_per_class":
        return None
    return tuple(item.key for item in spec.classes if item.role is not ClassRole.BACKGROUND)


def split_by_class(
    keys: Sequence[str] | None, folder: str, masks: Sequence[str]
) -> dict[str, list[MaskFile]]:
    """Mask files by class key; the one key is `""` where a file keeps all classes (`keys` is None).

    A key that is the name of a sub-folder names that folder; any other key is a suffix of the file's stem,
    or a prefix, the longest that fits. Without keys every sub-folder is a class. Files of no class are left
    out.

    Args:
        keys: Class keys.
        folder: The mask folder, relative to the root.
        masks: Paths of its pictures, relative to `folder`.
    """
    if keys is None:
        return {"": [MaskFile(join(folder, path), path) for path in masks]}
    top_folders = {path.split("/")[0] for path in masks if "/" in path}
    files: dict[str, list[MaskFile]] = {key: [] for key in keys or sorted(top_folders)}
    affixes = sorted((key for key in files if key not in top_folders), key=len, reverse=True)
    for path in masks:
        top, _, rest = path.partition("/")
        if rest and top in files:
            files[top].append(MaskFile(join(folder, path), rest))
            continue
        fits = ((key, cut_class(path, key)) for key in affixes)
        key, inner = next(((key, inner) for key, inner in fits if inner is not None), ("", None))
        if inner is not None:
            files[key].append(MaskFile(join(folder, path), inner))
    return files


def cut_class(path: str, key: str) -> str | None:
    """A mask's path without the suffix or prefix that names its class; None if it has neither.

    >>> cut_class("a_EX.png", "_EX")
    'a.png'
    """
    name = path.rpartition("/")[2]
    base, suffix = stem(name), name[len(stem(name)) :]
    if base.endswith(key):
        return join(parent(path), base.removesuffix(key) + suffix)
    if base.startswith(key):
        return join(parent(path), base.removeprefix(key) + suffix)
    return None
