"""Groups: what belongs together in a split, how that is told from the names, and what each group holds."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.scan import ScannedDataset
from pages._ui import cache_groups, messages, tables
from pages._ui.dataset import group_rule, likeness
from pages._ui.words import count, counted, escaped

if TYPE_CHECKING:
    import pandas as pd

    from core.services.splits import SampleGroups

_MOST_ROWS = 2000  # more rows than anyone reads cost seconds to send; the file has all
_MOST_CLASSES = 30
_IN_SIGHT = 14


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    left, right = st.columns([2, 1], gap="large")
    with right, messages.guarded():
        group_rule.draw(dataset_id, dataset)
    with left, messages.guarded():
        found, compared = cache_groups.groups(dataset_id)
        _say(dataset, found, compared)
        _table(dataset_id, dataset, found)
        likeness.draw(dataset_id, dataset, found)


def _say(dataset: ScannedDataset, found: "SampleGroups", compared: bool) -> None:
    from core.services import groups

    st.markdown(
        f"{counted(found.count, 'group')} of {counted(len(dataset.samples), 'image')}. A split keeps every "
        "group on one side, so that no patient, flight or video is in training and test at once."
    )
    counts = groups.count_origins(found)
    how = [f"{counted(images, 'image')} {groups.ORIGINS[origin]}" for origin, images in counts.items()]
    alone = sum(origin == "" for origin in found.origins)
    if how and alone:
        how.append(f"{count(alone)} without a name")
    if how:
        st.caption("Where the names come from: " + escaped("; ".join(how)) + ".")
    if not compared:
        st.caption("Equal files under different names are not known yet: the search below compares them.")
    for sentence in groups.caution_groups(dataset, found):
        messages.caution(sentence)


def _table(dataset_id: str, dataset: ScannedDataset, found: "SampleGroups") -> None:
    """The groups of several images; those of one image alone are counted."""
    table = cache_groups.group_table(dataset_id)
    word = ""
    if len(table) > _IN_SIGHT:
        word = st.text_input("Find a group", key="groups.find", live=True, width=320) or ""
    chosen = table[table["group"].str.contains(word, case=False, regex=False)] if word else table
    if len(table):
        _draw_table(chosen, list(table.columns[3:]))
    if alone := found.count - len(table):
        st.caption(f"{counted(alone, 'image')} alone in a group.")
    with st.container(horizontal=True):
        tables.save_button(lambda: table, key="groups.csv", file_name=f"{dataset_id}_groups.csv")
        _save_images(dataset_id, dataset, found)


def _draw_table(chosen: "pd.DataFrame", classes: list[str]) -> None:
    shown = chosen.head(_MOST_ROWS).drop(columns=classes[_MOST_CLASSES:])
    shares = ["share", *classes[:_MOST_CLASSES]]
    st.dataframe(
        shown.assign(**{name: 100 * shown[name] for name in shares}),
        key="groups.table",
        hide_index=True,
        height="content" if len(shown) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config=_columns(classes[:_MOST_CLASSES]),
    )
    _say_shown(len(shown), len(chosen), len(classes))


def _columns(classes: list[str]) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "group": st.column_config.TextColumn("Group", width=190),
        "images": number("Images", format="localized", width=70),
        "share": number("Share of images", format="%.1f %%", width=120),
    }
    help_text = "Share of the group's images that contain the class."
    return columns | {name: number(name, format="%.1f %%", help=help_text, width=90) for name in classes}


def _say_shown(shown: int, chosen: int, classes: int) -> None:
    parts = []
    if chosen > shown:
        parts.append(f"the largest {count(shown)} of {counted(chosen, 'group')}")
    if classes > _MOST_CLASSES:
        parts.append(f"the first {_MOST_CLASSES} of {counted(classes, 'class', 'classes')}")
    if parts:
        st.caption(f"Shown: {' and '.join(parts)}. The file has all.")


def _save_images(dataset_id: str, dataset: ScannedDataset, found: "SampleGroups") -> None:
    def make() -> "pd.DataFrame":
        from core.services import groups

        return groups.image_groups(dataset, found)

    tables.save_button(
        make,
        key="groups.images.csv",
        file_name=f"{dataset_id}_image_groups.csv",
        label="Save each image's group",
    )
