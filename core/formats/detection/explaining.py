"""Why a dataset is read as it is, and what a person should look at: sentences."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.proposal import Answers
from core.domain.scan import Problem
from core.formats.detection.choosing import Reading
from core.formats.detection.evidence import Evidence
from core.formats.detection.tree import Tree
from core.formats.folders.pairing import describe_rule
from core.formats.wording import say_count
from core.workspace.guarded import READABLE

_VOID_SUSPECTS = (255, 65535)
_APART = 3  # how much wider the gap below a void value is than any other
_OTHER_FORMATS = {
    "nii": "NIfTI volumes", "gz": "compressed files", "dcm": "DICOM files", "npy": "NumPy arrays",
    "json": "JSON annotations", "xml": "XML annotations", "mat": "MATLAB files",
    "svs": "slides", "zip": "archives",
}  # fmt: skip


def explain(readings: Sequence[Reading], spec: DatasetSpec, paired: int, count: int) -> tuple[str, ...]:
    """One sentence an answer: format, folders, pairing, and what was not taken.

    Args:
        readings: The chosen reading first.
        spec: What was built from it.
        paired: Samples found.
        count: Images, or masks where there are no images.
    """
    best = readings[0]
    reasons = [_format_reason(spec, best.masks), _folder_reason(spec.folders)]
    if spec.folders[0].images is not None:
        reasons.append(
            f"{describe_rule(spec.pairing)}: {paired:,} of {say_count(count, 'image')} found a mask."
        )
    shaped = [other for other in readings[1:] if other.masks.same_shape and not best.masks.same_shape]
    reasons += [
        f"{other.layout.folders[0].masks} was not taken: its masks show nearly the same shape for every "
        "image, as a camera's field of view does; it is kept as an alternative."
        for other in shaped
    ]
    return tuple(dict.fromkeys(reasons))


def find_warnings(
    reading: Reading, spec: DatasetSpec, count: int, problems: Sequence[Problem]
) -> tuple[str, ...]:
    """What a person should look at before the scan."""
    masks = reading.masks
    warnings = [_void_warning(spec, masks), _zero_warning(spec, masks), _content_warning(spec, masks)]
    if masks.lossy:
        warnings.append(
            "Masks are stored as JPEG, which changes values at edges; prefer PNG if there is a choice."
        )
    if problems:
        files = say_count(len(problems), "file does", "files do")
        warnings.append(
            f"{files} not fit the pairing or cannot be reached ({say_count(count, 'image')} in all), for "
            f"example {problems[0].file}; the scan lists them and goes on with the rest."
        )
    return tuple(warning for warning in warnings if warning)


def several_datasets(spec: DatasetSpec, others: Sequence[str]) -> str:
    """That a folder holds more than the one dataset that was taken."""
    name, taken = spec.root.name or spec.root, _named(spec.folders[0].masks)
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    return (
        f"{name} seems to hold several datasets. The one with its masks in {taken} was "
        f"taken; others are in {', '.join(others[:6])}{more}. Open the folder of one dataset by itself."
    )


def nothing_found(tree: Tree, answers: Answers) -> str:
    """Why a folder could not be understood: what it holds, what was looked for, the next step."""
    root = tree.listing.root
    names = [name for files in tree.listing.files.values() for name in files]
    if not names:
        return f"{root} holds no files; open the folder that holds the masks, or run the demo."
    if answers.format in ("label_table", "label_lists"):
        what = "label table" if answers.format == "label_table" else "class lists"
        return (
            f"{root} holds no {what} that can be read at its top or one folder below; "
            "name the file or the folder itself."
        )
    pictures = tree.count()
    if pictures and (answers.format or "").startswith("label_"):
        where = "file name" if answers.format == "label_names" else "folder"
        return (
            f"{root} holds {say_count(pictures, 'picture')}, but no {where} says a class; correct the class "
            "pattern, or choose how the labels are stored."
        )
    if not pictures:
        kinds = Counter(name.rpartition(".")[2].lower() for name in names)
        kind = kinds.most_common(1)[0][0]
        what, files = _OTHER_FORMATS.get(kind, f".{kind} files"), say_count(len(names), "file")
        return (
            f"{root} holds no pictures, but {what} ({kinds[kind]} of {files}). Masks are read "
            f"from {READABLE} files, labels from CSV, TSV or VOC lists; convert the masks."
        )
    held = say_count(pictures, "picture")
    if answers.images or answers.masks or answers.pairing or answers.format:
        return (
            f"{root}: under the answers given no mask among {held} finds its image. Check the "
            "folders, name the pairing rule with its prefixes and suffixes, or leave an answer out."
        )
    return (
        f"{root} holds {held}, but nothing that looks like their masks: neither pictures "
        "with few flat values beside them, nor folders or suffixes such as 'masks', 'labels' or '_mask'. "
        "Name the mask folder, or open the folder that holds both."
    )


def _format_reason(spec: DatasetSpec, masks: Evidence) -> str:
    looked = "the mask that was" if masks.looked == 1 else f"{masks.looked} masks that were"
    seen = f"in {looked} looked at"
    if spec.format == "index":
        values = ", ".join(map(str, masks.values[:12])) + (" …" if len(masks.values) > 12 else "")
        return f"Every value is a class of its own: {values or 'none yet'} {seen}."
    if spec.format == "colour":
        return f"Every colour is a class of its own: {say_count(len(masks.values), 'colour')} {seen}."
    edges = ", with soft edges between them" if masks.soft else ""
    if spec.format == "binary":
        return f"The masks have two levels{edges}, {seen}."
    return f"Each class has mask files of its own, with two levels{edges}, {seen}."


def _folder_reason(folders: Sequence[FolderPair]) -> str:
    first = folders[0]
    pairs = say_count(len(folders) - 1, "more pair of folders", "more pairs of folders")
    more = f"; {pairs} like this" if len(folders) > 1 else ""
    if first.images is None:
        return f"Masks are in {_named(first.masks)}{more}; no images go with them."
    if first.images == first.masks:
        return f"Images and masks are both in {_named(first.masks)}{more}."
    return f"Images are in {_named(first.images)}, masks in {_named(first.masks)}{more}."


def _named(folder: str) -> str:
    return "the dataset's folder" if folder == "." else folder


def _void_warning(spec: DatasetSpec, masks: Evidence) -> str:
    top = masks.values[-1] if masks.values else 0
    if spec.format != "index" or top not in _VOID_SUSPECTS or spec.is_void(str(top)):
        return ""
    below = masks.values[-2] if len(masks.values) > 1 else 0
    if len(masks.values) < 3 or top - below < _APART * max(np.diff(masks.values[:-1])):
        return ""
    return (
        f"Value {top} stands apart from the others ({masks.values[0]} to {below}): many datasets mark so the "
        "pixels that are to be left out. If that is meant here, name it as void."
    )


def _zero_warning(spec: DatasetSpec, masks: Evidence) -> str:
    if spec.format != "index" or len(masks.values) < 3 or masks.values[0] != 1 or spec.is_void("0"):
        return ""
    return (
        "The values begin at 1: where a 0 turns up in other masks, it often marks pixels without data. If "
        "that is meant here, name 0 as void."
    )


def _content_warning(spec: DatasetSpec, masks: Evidence) -> str:
    if masks.kind == "unknown":
        return "None of the masks that were looked at can be read, so their format is a guess."
    if masks.kind == "photo":
        return "The masks look like photographs or depth maps, with very many values; check the mask folder."
    if masks.same_shape:
        return "All masks show nearly the same shape, as a field of view does; check that it is the class."
    if spec.format == "index" and masks.kind == "colour":
        return "The masks hold colours, not numbers; choose the format for colour masks."
    if spec.format == "index" and len(masks.values) == 1:
        return f"All masks that were looked at hold the one value {masks.values[0]}; check the mask folder."
    if spec.format.startswith("binary") and masks.values == (0,):
        return "All masks that were looked at are empty; check the mask folder."
    if spec.format == "index" and masks.values[-1] > 255 and masks.values[-1] not in _VOID_SUSPECTS:
        return f"Values reach {masks.values[-1]}: they may number objects rather than classes."
    if len(masks.values) > 100 and spec.format in ("index", "colour"):
        return f"The masks hold at least {len(masks.values)} values; check that each is a class."
    return ""
