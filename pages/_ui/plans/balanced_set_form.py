"""How a plan is written: which, where, how files lie, how duplicates are augmented, and what it takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.augmentation import LayoutName, LinkMode, MaterialiseSpec
from core.errors import AppError, PlanError
from core.services import balance, balanced_sets, materialise
from pages._ui import cache, cache_sets, messages, state, tables
from pages._ui.plans import augmentation_form, augmentation_preview, words
from pages._ui.words import counted, escaped

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk

_LAYOUTS: dict[LayoutName, str] = {
    "plain": "Images and masks",
    "ultralytics": "Ultralytics, polygons",
    "mmseg": "MMSegmentation",
    "nnunet": "nnU-Net",
}
_LABEL_LAYOUTS: dict[LayoutName, str] = {"plain": "Images and their labels"}
_LINKS: dict[LinkMode, str] = {"hard": "Linked", "copy": "Copied"}
_SHARED = 100  # images from which several processes are quicker than one, their start included
_LAYOUT_HELP = (
    "**Images and masks** opens here again with the same classes. **Ultralytics**, **MMSegmentation** and "
    "**nnU-Net** are folders as these programs read them."
)
_LABELS_HELP = (
    "Images lie and are called as in the dataset: class folders stay class folders, names keep their class. "
    "Where the labels are in a table, a table of the written images lies beside them. The folder opens here "
    "again with the same classes."
)
_LINK_HELP = (
    "A hard link takes no room, and *is* the dataset's file: whoever edits one in place edits the other. A "
    "copy parts them."
)


def draw(desk: "Desk", entries: Sequence[balance.PlanEntry]) -> None:
    """Preview left, settings right, then what the writing takes."""
    pictures, controls = st.columns([2, 1], gap="medium")
    with controls:
        entry, layout, link = _ask(desk, entries)
        augmentation = augmentation_form.draw()
    with pictures, messages.guarded():
        augmentation_preview.draw(desk, entry, augmentation)
    if augmentation is None:
        return
    workers = 1 if entry.total < _SHARED else MaterialiseSpec().workers
    spec = MaterialiseSpec(layout=layout, link=link, workers=workers, augmentation=augmentation)
    folder = _ask_folder(desk, entry, layout)
    _start(desk, entry, folder, spec)


def _ask(
    desk: "Desk", entries: Sequence[balance.PlanEntry]
) -> tuple[balance.PlanEntry, LayoutName, LinkMode]:
    by_id = {entry.id: entry for entry in entries}
    chosen = st.selectbox(
        "Plan", list(by_id), format_func=lambda key: by_id[key].name if key in by_id else key, key="set.plan"
    )
    entry = by_id.get(chosen, entries[0])
    st.caption(words.line(entry))
    masks = desk.dataset.spec.has_masks
    layouts = _LAYOUTS if masks else _LABEL_LAYOUTS
    layout = st.selectbox(
        "Layout",
        list(layouts),
        format_func=layouts.__getitem__,
        key=f"set.layout.{'masks' if masks else 'labels'}",
        help=_LAYOUT_HELP if masks else _LABELS_HELP,
    )
    link = st.segmented_control(
        "Originals",
        list(_LINKS),
        default="hard",
        required=True,
        format_func=_LINKS.__getitem__,
        key="set.link",
        help=_LINK_HELP,
    )
    return entry, layout, link


def _ask_folder(desk: "Desk", entry: balance.PlanEntry, layout: LayoutName) -> str:
    """The path as it is typed; a plan and a layout have each their own default."""
    usual = balanced_sets.suggest_folder(desk.dataset, entry.id, layout)
    return st.text_input(
        "Folder",
        value=str(usual),
        key=f"set.folder.{entry.id}.{layout}",
        help="A new or empty folder on the machine that runs Counterpoise, or one to go on with.",
    )


def _start(desk: "Desk", entry: balance.PlanEntry, typed: str, spec: MaterialiseSpec) -> None:
    """What it takes, and the button; whatever would be refused is refused here, before the start."""
    refused, folder = "", Path()
    try:
        folder = balanced_sets.read_folder(typed)
        outlook = cache_sets.outlook(desk.dataset_id, entry, folder, spec)
        refused = _find_refusal(desk, entry, outlook)
        st.markdown(_say(outlook))
        if entry.summary.spec.quantity != "presence":
            st.caption("Deforming moves pixel shares a little; the images with each class are as planned.")
    except AppError as error:
        refused = str(error)
    if refused:
        messages.refusal(PlanError(refused))
    if st.button("Write the balanced set", key="set.start", disabled=bool(refused)):
        materialise.start(entry.path, folder, spec)
        state.drop(state.SET_DISMISSED)
        st.rerun()


def _find_refusal(desk: "Desk", entry: balance.PlanEntry, outlook: balanced_sets.Outlook) -> str:
    if (changes := cache.plan_changes(desk.dataset_id, entry)) is not None:
        return (
            f"The plan “{entry.name}” was made for another state of the dataset: {changes.describe()}. "
            "Solve it anew under “Kept plans”, and write that plan."
        )
    if outlook.needed > outlook.free:
        return (
            f"The set needs about {tables.file_size(outlook.needed)}, and only "
            f"{tables.file_size(outlook.free)} are free there; choose a folder on another disk."
        )
    return ""


def _say(outlook: balanced_sets.Outlook) -> str:
    parts = [f"{counted(outlook.images, 'image')}, {counted(outlook.duplicates, 'duplicate')} among them"]
    if outlook.written:
        parts.append(f"{counted(outlook.written, 'image is', 'images are')} written there already")
    parts.append(f"about {tables.file_size(outlook.needed)} to write")
    parts.append(f"{tables.file_size(outlook.free)} free there")
    parts.append("originals linked" if outlook.linked else "originals copied")
    return escaped(" · ".join(parts))
