"""Which class a mask shows, where every class has files of its own: by folder, suffix or prefix."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.classes import ClassRole
from core.domain.dataset import DatasetSpec
from core.formats.listing import join, parent, stem


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A mask: where it lies, and its path without what names the class, which is what pairs it."""

    path: str
    inner: str


def split_by_class(spec: DatasetSpec, folder: str, masks: Sequence[str]) -> dict[str, list[MaskFile]]:
    """Mask files by class key; the one key is `""` where a file keeps all classes.

    A key that is the name of a sub-folder names that folder; any other key is a suffix of the file's stem,
    or a prefix, the longest that fits. Without known classes every sub-folder is a class. Files of classes
    that the spec does not name are left out.

    Args:
        spec: The dataset.
        folder: The mask folder, relative to the root.
        masks: Paths of its pictures, relative to `folder`.
    """
    if spec.format != "binary_per_class":
        return {"": [MaskFile(join(folder, path), path) for path in masks]}
    top_folders = {path.split("/")[0] for path in masks if "/" in path}
    keys = _class_keys(spec) or sorted(top_folders)
    files: dict[str, list[MaskFile]] = {key: [] for key in keys}
    affixes = sorted((key for key in keys if key not in top_folders), key=len, reverse=True)
    for path in masks:
        top, _, rest = path.partition("/")
        if rest and top in files:
            files[top].append(MaskFile(join(folder, path), rest))
            continue
        fits = ((key, _cut_class(path, key)) for key in affixes)
        key, inner = next(((key, inner) for key, inner in fits if inner is not None), ("", None))
        if inner is not None:
            files[key].append(MaskFile(join(folder, path), inner))
    return files


def _class_keys(spec: DatasetSpec) -> list[str]:
    return [item.key for item in spec.classes if item.role is not ClassRole.BACKGROUND]


def _cut_class(path: str, key: str) -> str | None:
    """A mask's path without the suffix or prefix that names its class; None if it has neither.

    >>> _cut_class("a_EX.png", "_EX")
    'a.png'
    """
    name = path.rpartition("/")[2]
    base, suffix = stem(name), name[len(stem(name)) :]
    if base.endswith(key):
        return join(parent(path), base.removesuffix(key) + suffix)
    if base.startswith(key):
        return join(parent(path), base.removeprefix(key) + suffix)
    return None
