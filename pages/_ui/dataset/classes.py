"""Classes: names, colours, indices and roles, edited in a table; no mask is read again."""

import streamlit as st

from core.domain.classes import ClassRole, ClassSpec, class_colours
from core.domain.scan import ScannedDataset
from core.services import datasets
from pages._ui import cache, messages, state, tables
from pages._ui.dataset import class_editor
from pages._ui.dataset.format_words import DRAWN
from pages._ui.words import escaped, listed

_COLUMNS = ("swatch", "name", "colour", "role", "index", "key")


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    again = "Nothing is read again"
    if dataset.spec.format in DRAWN:
        again = "Outlines are drawn anew only when a class becomes void or is void no longer"
    st.markdown(
        "Rename a class, give it another colour or index, or say that it is background, or void: then it "
        f"counts nowhere. {again}, and your files stay as they are."
    )
    before = all_classes(dataset)
    # A new version is a new table: what was typed into the old one is saved by then, or said to be lost.
    key = f"classes.table.{dataset_id}.{datasets.version(dataset_id)}"
    _say_lost(key)
    edited = class_editor.edit(before, key=key, columns=_COLUMNS, rows=18)
    with messages.guarded():
        after = class_editor.read_rows(before, edited)
        changes = class_editor.describe_changes(before, after)
        if changes:
            st.markdown("Will change: " + escaped(listed(changes, most=6)) + ".")
        with st.container(horizontal=True):
            if st.button("Save changes", key="classes.save", disabled=not changes):
                _save(dataset_id, after)
            with st.popover("Pick a colour", icon=":material/palette:"):
                _pick(dataset_id, after)
            table = cache.class_table(dataset_id)
            tables.save_button(lambda: table, key="classes.csv", file_name=f"{dataset_id}_classes.csv")


def _say_lost(key: str) -> None:
    """Say so where the classes were changed in another window while something was typed here."""
    earlier = state.find(state.CLASS_TABLE)
    state.put(state.CLASS_TABLE, key)
    typed = state.find(earlier) if earlier not in (None, key) else None
    if typed and typed["edited_rows"]:
        values = [str(value) for row in typed["edited_rows"].values() for value in row.values()]
        messages.caution(
            "The dataset has changed in another window, so what was typed here is not saved: "
            f"{listed(values, most=6)}. Below it stands as it is now; type again what should be otherwise."
        )


def all_classes(dataset: ScannedDataset) -> list[ClassSpec]:
    """The scanned classes and, after them, the void ones, which a scan leaves out."""
    known = {item.key for item in dataset.classes}
    named = [item for item in dataset.spec.classes if item.key not in known]
    known |= {item.key for item in named}
    bare = [ClassSpec(key=key, name=f"void {key}") for key in dataset.spec.void if key not in known]
    return [*dataset.classes, *(item.model_copy(update={"role": ClassRole.VOID}) for item in [*named, *bare])]


def _pick(dataset_id: str, classes: list[ClassSpec]) -> None:
    """A colour chosen by eye; what was typed into the table is saved with it."""
    line = st.selectbox(
        "Class", range(len(classes)), format_func=lambda i: classes[i].name, key="classes.pick"
    )
    colour = st.color_picker("Colour", class_colours(classes)[line], key=f"classes.pick.{line}")
    if st.button("Save this colour", key="classes.pick.save"):
        classes[line] = classes[line].model_copy(update={"colour": colour})
        _save(dataset_id, classes)


def _save(dataset_id: str, classes: list[ClassSpec]) -> None:
    with st.spinner("Saving the classes"):
        run_id = datasets.edit_classes(dataset_id, classes)
    state.drop(state.CLASS_TABLE)
    if run_id is not None:
        state.set_run(run_id)
    messages.notice("Classes saved.")
    st.rerun()
