"""Datasets of labels without masks: which file or folder of a tree holds them."""

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.class_files import read_classes
from core.formats.dataset_file import fault_sentences
from core.formats.detection.picture_label_detection import find_picture_labels
from core.formats.folders.listing import Listing
from core.formats.labels.label_lists import find_class_lists, is_list_name
from core.formats.labels.label_sniffing import TableShape, sniff_table
from core.formats.wording import say_count

_SUFFIXES = (".csv", ".tsv")
_TABLES = 8  # files of a tree that are tried


def find_labels(listing: Listing, answers: Answers) -> Proposal | None:
    """Class lists, a label table or classes in the paths of pictures; None if there is none of them.

    Raises:
        DatasetError: An answer does not fit.
    """
    if answers.format in ("label_folders", "label_names"):
        return find_picture_labels(listing, answers)
    listed, in_paths = _find_listed(listing, answers), None
    if answers.format is None:
        in_paths = find_picture_labels(listing, answers)
    if listed is None or in_paths is None:
        return listed or in_paths
    return replace(listed, alternatives=(*listed.alternatives, in_paths.spec))


def _find_listed(listing: Listing, answers: Answers) -> Proposal | None:
    """Class lists or a label table somewhere in a tree."""
    lists = None if answers.format == "label_table" else _find_lists(listing, answers)
    if lists is not None or answers.format == "label_lists":
        return lists
    found: list[Proposal] = []
    for path in _table_files(listing, answers):
        try:
            found.append(propose_table(listing.root / path, answers))
        except DatasetError:
            continue  # some other table beside the data: only one that a person names must be readable
    if not found:
        return None
    best = max(found, key=lambda proposal: len(proposal.spec.classes))
    others = tuple(proposal.spec for proposal in found if proposal is not best)
    return Proposal(best.spec, best.reasons, others, best.warnings)


def propose_table(path: Path, answers: Answers) -> Proposal:
    """Say what a label-table file holds.

    Raises:
        DatasetError: It is no label table, or an answer does not fit it.
    """
    shape = sniff_table(path, answers.id_column, answers.separator)
    classes, source = _classes(path, shape, answers)
    fields = {
        "name": path.stem[:120],
        "root": path,
        "format": "label_table",
        "classes": classes,
        "void": answers.void or (),
        "separator": shape.separator if shape.words else None,
        "id_column": shape.id_column if shape.header else None,
        "group_pattern": answers.group_pattern,
    }
    where = f"column {shape.id_column!r}" if shape.id_column is not None else "its row, as no column does"
    reasons = (_label_reason(path, shape), f"An image is named by {where}.", source)
    return Proposal(_check_spec(fields, path), tuple(reason for reason in reasons if reason))


def _find_lists(listing: Listing, answers: Answers) -> Proposal | None:
    for folder, names in sorted(
        listing.files.items(), key=lambda item: (not item[0].endswith("Main"), item[0])
    ):
        if sum(map(is_list_name, names)) < 2:
            continue
        root = (listing.root / folder).resolve()
        lists = find_class_lists(root)
        if lists:
            fields = {
                "name": listing.root.name[:120] or "dataset",
                "root": root,
                "format": "label_lists",
                "classes": answers.classes or tuple(ClassSpec(key=name, name=name) for name in lists),
                "void": answers.void or (),
                "group_pattern": answers.group_pattern,
            }
            reasons = (
                f"{root.name} holds lists of {len(lists)} classes, one row an image; all sets are read.",
                "1 is present, -1 absent; 0 (only objects that are difficult to see) counts as present.",
            )
            return Proposal(_check_spec(fields, root), reasons)
    return None


def _table_files(listing: Listing, answers: Answers) -> list[str]:
    """Tables at the top of the tree or one level below it."""
    tops = [".", *listing.folders.get(".", ())]
    suffixes = (*_SUFFIXES, ".txt") if answers.format == "label_table" else _SUFFIXES
    paths = [
        name if folder == "." else f"{folder}/{name}"
        for folder in tops
        for name in listing.files.get(folder, ())
        if name.lower().endswith(suffixes)
    ]
    return paths[:_TABLES]


def _classes(path: Path, shape: TableShape, answers: Answers) -> tuple[tuple[ClassSpec, ...], str]:
    """Classes of a table of columns; words are left to the scan, which meets them all."""
    if answers.classes is not None:
        return answers.classes, "The classes are those given."
    if shape.words:
        return (), ""
    if shape.header:
        return tuple(ClassSpec(key=name, name=name[:120]) for name in shape.flags), ""
    for file in sorted(path.parent.glob("*.txt")):
        names = _names_of(file) if file != path else ()
        if len(names) == len(shape.flags):
            named = zip(shape.flags, names, strict=True)
            return tuple(
                ClassSpec(key=key, name=name) for key, name in named
            ), f"Class names come from {file.name}."
    numbered = tuple(ClassSpec(key=key, name=f"class {place}") for place, key in enumerate(shape.flags))
    return numbered, "The columns have no names, so they are numbered; give a file of class names."


def _names_of(file: Path) -> tuple[str, ...]:
    try:
        return tuple(item.name for item in read_classes(file)) if file.stat().st_size < 1_000_000 else ()
    except DatasetError:
        return ()


def _label_reason(path: Path, shape: TableShape) -> str:
    if shape.words:
        return f"Column {shape.words!r} of {path.name} lists the classes, separated by {shape.separator!r}."
    return (
        f"{path.name} has {say_count(len(shape.flags), 'column')} of 0 and 1, each a class; -1 and "
        "empty cells count as absent."
    )


def _check_spec(fields: dict[str, object], path: Path) -> DatasetSpec:
    try:
        return DatasetSpec.model_validate(fields)
    except ValidationError as error:
        raise DatasetError(f"{path}: {fault_sentences(error)} Correct the table or the answers.") from error
