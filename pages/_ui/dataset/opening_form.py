"""The answers of a dataset in a form: each shows what is proposed, and wins once a person changes it."""

from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from pages._ui.dataset import class_editor
from pages._ui.dataset import opening_fields as fields
from pages._ui.dataset.format_words import (
    DRAWN,
    FORMATS,
    PAIRINGS,
    SELF_PAIRED,
    UNITS,
    VOLUMES,
    in_sentence,
    masks_word,
)
from pages._ui.words import counted

_AFFIXES: Final = {
    "image_prefix": "Image prefix",
    "image_suffix": "Image suffix",
    "mask_prefix": "Mask prefix",
    "mask_suffix": "Mask suffix",
}
_MOST_OTHERS = 3
_CLASS_COLUMNS = ("swatch", "name", "role", "key")


def answers_of(spec: DatasetSpec) -> Answers:
    """Answers that lead to a spec again."""
    single = spec.folders[0] if len(spec.folders) == 1 else None
    return Answers.model_validate(
        {
            "format": spec.format,
            "images": single.images if single else None,
            "masks": single.masks if single else None,
            "pairing": spec.pairing,
            "classes": spec.classes or None,
            "void": spec.void or None,
            "threshold": spec.threshold,
            "separator": spec.separator,
            "id_column": spec.id_column,
            "class_pattern": spec.class_pattern,
            "unit": spec.unit if spec.format in VOLUMES else None,
            "group_pattern": spec.group_pattern,
        }
    )


def correct(spec: DatasetSpec, answers: Answers) -> DatasetSpec:
    """A spec with the given answers in place of its own.

    Raises:
        DatasetError: the answers do not fit together.
    """
    given = {name: value for name, value in dict(answers).items() if value is not None}
    first = spec.folders[0] if spec.folders else FolderPair(masks=".")
    images, masks = given.pop("images", None), given.pop("masks", None)
    if images is not None or masks is not None:
        pair = {"images": images.as_posix() if images else first.images, "masks": str(masks or first.masks)}
        given["folders"] = (pair,)
    if "format" in given and given["format"] != spec.format:
        given = {"classes": (), "void": (), "threshold": None, "class_pattern": None, **given}
    elif given.get("class_pattern", spec.class_pattern) != spec.class_pattern:
        given = {"classes": (), **given}
    try:
        return DatasetSpec.model_validate({**dict(spec), **given})
    except ValidationError as error:
        raise DatasetError(f"These answers do not fit together: {error.errors()[0]['msg']}.") from error


def draw(proposal: Proposal, answers: Answers) -> Answers:
    """Draw the form; returns the answers as they stand now.

    Raises:
        DatasetError: what was typed is no answer.
    """
    spec = proposal.spec
    changed: dict[str, Any] = {}
    masks = spec.has_masks
    _format(spec, changed)
    if spec.format in VOLUMES:
        _unit(spec, changed)
    if masks:
        _folders(spec, changed)
        if spec.format in DRAWN:
            _without_images(spec, changed)
        elif spec.format not in SELF_PAIRED:
            _pairing(spec, changed)
    if not masks and spec.has_images:
        _class_pattern(spec, changed)
    _void(spec, changed)
    _classes(spec, changed)
    _advanced(spec, changed)
    _alternatives(proposal, changed)
    if "format" in changed:  # what was said of the old format's values means nothing in the new one
        changed = {"classes": None, "void": None, "threshold": None, "class_pattern": None, **changed}
    elif "class_pattern" in changed:  # another pattern finds other classes
        changed = {"classes": None, **changed}
    elif {"images", "masks"} & set(changed):  # other folders are paired, and store classes, in their own way
        changed = {"pairing": None, "classes": None, **changed}
    try:
        return Answers.model_validate({**dict(answers), **changed})
    except ValidationError as error:
        raise DatasetError(f"This answer cannot be used: {error.errors()[0]['msg']}.") from error


def _alternatives(proposal: Proposal, changed: dict[str, Any]) -> None:
    others: dict[str, DatasetSpec] = {}
    for other in proposal.alternatives:
        if words := _difference(proposal.spec, other):
            others.setdefault(words, other)
    if not others:
        return
    st.caption("It could also be read differently:")
    for i, (words, other) in enumerate(list(others.items())[:_MOST_OTHERS]):
        if st.button(words, key=f"open.other.{i}", width="stretch", wrap=True):
            changed.update(dict(answers_of(other)))


def _difference(spec: DatasetSpec, other: DatasetSpec) -> str:
    """What an alternative reads differently, as a button says it; empty where nothing that shows differs."""
    parts = []
    if other.format != spec.format:
        parts.append(f"as {in_sentence(FORMATS[other.format])}")
    if other.unit != spec.unit:
        parts.append(f"{UNITS[other.unit].lower()} as a sample")
    if other.folders != spec.folders and other.folders:
        where = ", ".join(pair.masks for pair in other.folders[:2])
        parts.append(f"{masks_word(other.format)} in {where}")
    if other.pairing.rule != spec.pairing.rule and other.format not in SELF_PAIRED:
        parts.append(f"paired: {PAIRINGS[other.pairing.rule].lower()}")
    if not parts and other.pairing != spec.pairing:
        now, then = spec.pairing.model_dump(), other.pairing.model_dump()
        changed = [name for name in _AFFIXES if then[name] != now[name]]
        told = [f"{_AFFIXES[name].lower()} {then[name] or 'left out'}" for name in changed]
        parts.append(f"with {', '.join(told)}")
    if not parts and other.class_pattern != spec.class_pattern:
        names = ", ".join(item.name for item in other.classes[:4])
        parts.append(f"with other class names: {names}")
    if not parts and other.classes != spec.classes:
        names = ", ".join(item.name for item in other.classes[:4])
        parts.append(f"with {counted(len(other.classes), 'class', 'classes')}: {names}")
    return f"Read {', '.join(parts)}" if parts else ""


# The key of each widget holds the value it was drawn with: see opening_fields.


def _format(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    names = list(FORMATS)
    chosen = st.selectbox(
        "How masks store classes" if spec.has_masks else "Where the labels are",
        names,
        index=names.index(spec.format),
        format_func=lambda name: FORMATS[name],
        key=f"open.format.{spec.format}",
    )
    if chosen != spec.format:
        changed["format"] = chosen


def _unit(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    units = list(UNITS)
    chosen = st.segmented_control(
        "What is a sample",
        units,
        default=spec.unit,
        required=True,
        format_func=lambda name: UNITS[name],
        key=f"open.unit.{spec.unit}",
        help="What is counted, copied and balanced. All slices of a volume or of a patient stay in one fold.",
    )
    if chosen != spec.unit:
        changed["unit"] = chosen


def _folders(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    if len(spec.folders) > 1:
        st.caption(f"{len(spec.folders)} pairs of folders were found; naming one below reads only that one.")
    single = spec.folders[0] if len(spec.folders) == 1 else None
    images = (single.images or "") if single else ""
    masks = single.masks if single else ""
    several = "" if single else ", ".join(pair.images or "" for pair in spec.folders)
    fields.text("Image folder", images, "images", changed, placeholder=several)
    several = "" if single else ", ".join(pair.masks for pair in spec.folders)
    label = {"coco": "Annotation file", "labelme": "Folder of the annotations"}.get(
        spec.format, "Mask folder"
    )
    fields.text(label, masks, "masks", changed, placeholder=several)


def _without_images(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    now = spec.pairing.rule == "none"
    label = "Without images: the annotations alone"
    if st.checkbox(label, value=now, key=f"open.alone.{now}") != now:
        changed["pairing"] = Pairing(rule="stem" if now else "none")


def _pairing(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    rules, now = list(PAIRINGS), spec.pairing
    rule = st.selectbox(
        "How an image finds its mask",
        rules,
        index=rules.index(now.rule),
        format_func=lambda name: PAIRINGS[name],
        key=f"open.rule.{now.rule}",
    )
    if rule != now.rule:
        changed["pairing"] = Pairing(rule=rule)
        return
    if rule != "affix":
        return
    affixes: dict[str, Any] = {}
    columns = st.columns(2)
    for i, (field, label) in enumerate(_AFFIXES.items()):
        with columns[i // 2]:
            fields.text(label, getattr(now, field), field, affixes, empty="")
    if affixes:
        changed["pairing"] = now.model_copy(update=affixes)


def _class_pattern(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    folders = spec.format == "label_folders"
    fields.text(
        "Class, as a regular expression",
        spec.class_pattern or "",
        "class_pattern",
        changed,
        placeholder="The folder that an image lies in" if folders else "What stands before the first number",
        help_text="Its first group is the class. It is searched in "
        + ("the folder: ^train/([^/]+)." if folders else "the file name without its suffix: ^(cat|dog)."),
    )


def _void(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    now = ", ".join(spec.void)
    label = "Void values" if spec.has_masks else "Void labels"
    help_text = "Values that count neither as a class nor as background, separated by commas: 11, 255."
    if not spec.has_masks:
        help_text = "Labels that are no class, separated by commas: unknown, artefact."
    elif spec.format in DRAWN:
        label = "Void classes"
        help_text = (
            "Names of what counts neither as a class nor as background, separated by commas: __ignore__."
        )
    typed = st.text_input(label, now, key=f"open.void.{now}", placeholder="None", help=help_text)
    keys = tuple(part.strip() for part in (typed or "").split(",") if part.strip())
    if keys != spec.void:
        changed["void"] = keys


def _classes(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    if not spec.classes:
        st.caption("The classes are found by the scan; they can be renamed after it.")
        return
    with st.expander(f"Classes · {len(spec.classes)}"):
        rows = class_editor.edit(
            spec.classes, key=f"open.classes.{hash(spec.classes)}", columns=_CLASS_COLUMNS, rows=12
        )
        after = tuple(class_editor.read_rows(spec.classes, rows))
        if after != spec.classes:
            changed["classes"] = after


def _advanced(spec: DatasetSpec, changed: dict[str, Any]) -> None:
    with st.expander("Advanced"):
        if spec.has_masks and spec.format not in DRAWN:
            fields.number("Threshold of soft masks", spec.threshold, "threshold", changed)
        elif spec.format == "label_table":
            fields.text("Separator between labels in a cell", spec.separator or "", "separator", changed)
            fields.text("Column that names the image", spec.id_column or "", "id_column", changed)
        fields.text(
            "Group, as a regular expression on the name", spec.group_pattern or "", "group_pattern", changed
        )
