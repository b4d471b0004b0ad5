"""What a folder is: format, image and mask folders, pairing, classes; each answer with its reason."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.domain.dataset import DatasetSpec, Pairing
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.dataset_file import DATASET_FILE, read_dataset_file
from core.formats.detection.annotation_files import propose_annotation_file
from core.formats.detection.answering import check_spec, find_given
from core.formats.detection.choosing import Reading, choose, fit_layout
from core.formats.detection.coco_detection import find_coco
from core.formats.detection.dicom_detection import find_dicom
from core.formats.detection.explaining import explain, find_warnings, nothing_found, several_datasets
from core.formats.detection.label_detection import find_labels, propose_table
from core.formats.detection.labelme_detection import find_labelme
from core.formats.detection.layouts import find_layouts
from core.formats.detection.named_classes import (
    VOID_SUSPECT,
    find_keys_seen,
    fit_keys,
    is_labelme_export,
    name_classes,
)
from core.formats.detection.neighbours import find_neighbours
from core.formats.detection.tree import Layout, Tree
from core.formats.detection.volume_detection import find_volumes
from core.formats.folders.listing import IMAGE_SUFFIXES, Listing, is_dicom_name, list_tree
from core.formats.folders.pairing import find_samples
from core.formats.sources.registry import SOURCES

_ALTERNATIVES = 4
# Formats that are no picture beside a mask: each says what it makes of a folder, or None. The folders of the
# answers are relative to the listing's root.
_FINDERS: tuple[Callable[[Listing, Answers], Proposal | None], ...] = (find_volumes, find_dicom)
# Likewise, but for annotations that often lie beside mask files of the same images: both are then offered.
_DRAWN_FINDERS: tuple[Callable[[Listing, Answers], Proposal | None], ...] = (find_coco, find_labelme)


def propose(root: Path, answers: Answers | None = None) -> Proposal:
    """Say what a dataset is; answers that a person gave win over what is found.

    Args:
        root: A folder, a `dataset.toml`, a COCO file, or a label-table file.
        answers: What is known already.

    Raises:
        DatasetError: Nothing there can be read as a dataset, or an answer does not fit it.
    """
    answers = answers or Answers()
    root = root.expanduser().resolve()
    if not root.exists():
        raise DatasetError(f"{root} does not exist; check the path, and that its disk is connected.")
    known = root / DATASET_FILE if root.is_dir() else root
    if known.is_file() and known.suffix.lower() == ".toml":
        return _propose_known(known, answers)
    if root.is_file() and root.suffix.lower() == ".json":
        return propose_annotation_file(root, answers)
    if root.is_file():
        return propose_table(root, answers)
    return _propose_folder(root, answers)


def _propose_known(file: Path, answers: Answers) -> Proposal:
    """A dataset that says itself what it is; only answers that leave its folders alone can change it."""
    spec = read_dataset_file(file)
    if answers.images is not None or answers.masks is not None:
        raise DatasetError(
            f"{file} names the folders of its dataset; change them there, or move the file away."
        )
    fields = find_given(answers)
    if answers.format is not None:
        fields["format"] = answers.format
    if isinstance(answers.pairing, Pairing):
        fields["pairing"] = answers.pairing.model_dump()
    elif answers.pairing is not None:
        fields["pairing"] = {**spec.pairing.model_dump(), "rule": answers.pairing}
    spec = check_spec({**spec.model_dump(), **fields})
    return Proposal(spec, (f"{file} answers every question.",))


def _propose_folder(root: Path, answers: Answers) -> Proposal:
    root, images, masks = _named_folders(root, answers)
    listing = _list_folders(root, images, masks)
    placed = answers.model_copy(update={"images": images and Path(images), "masks": masks and Path(masks)})
    for find in _FINDERS:
        if (found := find(listing, placed)) is not None:
            return found
    drawn = [found for find in _DRAWN_FINDERS if (found := find(listing, placed)) is not None]
    tree = Tree(replace(listing, suffixes=IMAGE_SUFFIXES) if _holds_dicom(listing) else listing)
    pictures = (
        None if answers.format in ("coco", "labelme") else _propose_pictures(tree, images, masks, answers)
    )
    if pictures is None and not drawn:
        raise DatasetError(nothing_found(tree, answers))
    return _join_proposals([*([] if pictures is None else [pictures]), *drawn])


def _propose_pictures(tree: Tree, images: str | None, masks: str | None, answers: Answers) -> Proposal | None:
    """Pictures with mask files, or labels without masks; None where there is neither."""
    listing = tree.listing
    given = answers.format or ("label_names" if answers.class_pattern else "")
    wants_labels = given.startswith("label_")  # whoever gives a class pattern has no masks
    readings = [] if wants_labels else _find_readings(tree, images, masks, answers)
    speaks_of_masks = images or masks or answers.pairing or (answers.format and not wants_labels)
    labels = None if speaks_of_masks else find_labels(listing, answers)
    if not readings:
        return labels
    spec, reason = _build(listing, readings[0], answers)
    samples, problems, count = find_samples(spec)
    others = tuple(_build(listing, reading, answers)[0] for reading in readings[1 : 1 + _ALTERNATIVES])
    return Proposal(
        spec=spec,
        reasons=(*explain(readings, spec, len(samples), count), reason),
        alternatives=others if labels is None else (*others, labels.spec),
        warnings=(*_neighbour_warning(tree, spec), *find_warnings(readings[0], spec, count, problems)),
    )


def _join_proposals(proposals: Sequence[Proposal]) -> Proposal:
    """The proposal with most images whose masks are known; the others become its alternatives.

    Of equals the first: mask files say exactly what each pixel is, and drawn outlines may be what they were
    made from.
    """
    if len(proposals) == 1:
        return proposals[0]
    best = max(proposals, key=_count_images)
    # That folders of images are classes is a guess for want of anything better.
    others = [item for item in proposals if item is not best and not item.spec.format.startswith("label_")]
    further = [spec for item in others for spec in item.alternatives]
    return replace(best, alternatives=(*(item.spec for item in others), *best.alternatives, *further))


def _count_images(proposal: Proposal) -> int:
    spec = proposal.spec
    if not spec.has_masks:
        return 0
    find = SOURCES[spec.format].find_samples if spec.format in SOURCES else find_samples
    return sum(sample.image is not None for sample in find(spec)[0])


def _neighbour_warning(tree: Tree, spec: DatasetSpec) -> tuple[str, ...]:
    names = find_neighbours(tree, spec.folders)
    return (several_datasets(spec, names),) if names else ()


def _find_readings(tree: Tree, images: str | None, masks: str | None, answers: Answers) -> list[Reading]:
    layouts = find_layouts(tree, images, masks)
    if answers.format is not None:
        per_class = answers.format == "binary_per_class"
        layouts = [layout for layout in layouts if bool(layout.classes) == per_class]
    if isinstance(answers.pairing, Pairing):
        layouts = _with_rule(tree, layouts, answers.pairing)
    elif answers.pairing is not None:
        layouts = [layout for layout in layouts if layout.pairing.rule == answers.pairing]
    return choose(tree, _without_dicom_masks(tree, layouts), asked=masks is not None)


def _holds_dicom(listing: Listing) -> bool:
    return any(is_dicom_name(name) for names in listing.files.values() for name in names)


def _without_dicom_masks(tree: Tree, layouts: list[Layout]) -> list[Layout]:
    """Layouts whose mask folders hold pictures only: DICOM images may lie beside masks, never be them."""
    if tree.listing.suffixes != IMAGE_SUFFIXES:
        return layouts
    return [
        layout
        for layout in layouts
        if not any(is_dicom_name(path) for pair in layout.folders for path in tree.pictures(pair.masks))
    ]


def _with_rule(tree: Tree, layouts: list[Layout], rule: Pairing) -> list[Layout]:
    """The same folders under the rule that a person gave; those that it does not pair are left out."""
    unique = {(layout.folders, layout.classes): layout for layout in reversed(layouts)}
    refitted = [replace(layout, pairing=rule) for layout in reversed(unique.values())]
    fits = [(layout, fit_layout(tree, layout)) for layout in refitted]
    return [replace(layout, fit=fit) for layout, fit in fits if fit > 0]


def _build(listing: Listing, reading: Reading, answers: Answers) -> tuple[DatasetSpec, str]:
    """The spec of a reading, and a sentence on its classes."""
    form = answers.format or reading.format
    classes, reason = name_classes(listing, reading, form, answers.void or ())
    if answers.classes is not None:
        seen = [key for key in find_keys_seen(reading, form) if key not in (answers.void or ())]
        classes, reason = fit_keys(answers.classes, seen), "The classes are those given."
    void: tuple[str, ...] = ()
    if form == "index" and is_labelme_export(classes) and VOID_SUSPECT in find_keys_seen(reading, form):
        void, reason = (VOID_SUSPECT,), f"{reason} {VOID_SUSPECT} is what labelme was told to ignore: void."
    fields = {
        "void": void,
        "name": (listing.root.name or "dataset")[:120],
        "root": listing.root,
        "format": form,
        "folders": reading.layout.folders,
        "pairing": reading.layout.pairing,
        **find_given(answers),
        "classes": classes,
    }
    return check_spec(fields), reason


def _named_folders(root: Path, answers: Answers) -> tuple[Path, str | None, str | None]:
    """The root, and the folders that were named, relative to it; the root grows to hold them all."""
    given = [_find_folder(root, path) for path in (answers.images, answers.masks)]
    outside = [path for path in given if path is not None and not path.is_relative_to(root)]
    if outside:
        inside = [path for path in given if path is not None]
        root = Path(os.path.commonpath(inside if len(inside) == 2 else [root, *inside]))
    images, masks = (None if path is None else path.relative_to(root).as_posix() for path in given)
    return root, images, masks


def _find_folder(root: Path, path: Path | None) -> Path | None:
    if path is None:
        return None
    folder = (root / path.expanduser()).resolve()
    if not folder.is_dir() and not (folder.is_file() and folder.suffix.lower() == ".json"):
        raise DatasetError(f"{folder} is not a folder; name it absolutely, or relative to {root}.")
    return folder


def _list_folders(root: Path, images: str | None, masks: str | None) -> Listing:
    """The whole tree; or only the two folders, if both are named."""
    if images is None or masks is None or (root / masks).is_file():
        return list_tree(root)
    first, second = list_tree(root, images), list_tree(root, masks)
    return Listing(
        root,
        {**first.files, **second.files},
        {**first.folders, **second.folders},
        tuple(dict.fromkeys((*first.problems, *second.problems))),
    )
