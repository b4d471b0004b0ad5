"""Images: a page of overlays at a time, filtered by class or combination, and a large view of each."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from core.domain.classes import ClassRole, class_colours
from core.domain.scan import ScannedDataset
from core.services import datasets
from pages._ui import cache, legend, messages, state
from pages._ui.dataset.combinations import most_common
from pages._ui.words import count, counted, escaped, shortened, visible

if TYPE_CHECKING:
    import pandas as pd

PAGE = 12
_COLUMNS = 4
_THUMBNAIL = 480  # pixels: a quarter of the widest page, on a dense screen
_LARGE = 1400
_OVERLAYS: Final[dict[str, dict[str, Any]]] = {
    "Filled": {"opacity": 0.45},
    "Outlined": {"opacity": 0.0},
    "Hidden": {"classes": ()},
}
_NAME = 28  # letters under a thumbnail
_MOST_COMBINATIONS = 200
_MOST_LETTERS = 120


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    if not any(sample.image or sample.masks for sample in dataset.samples):
        st.markdown(
            "This dataset comes without images, so there is nothing to show here. It can be balanced."
        )
        return
    positions = _filter(dataset_id, dataset)
    if not positions:
        st.markdown("No image holds all of these classes. Take one away.")
        return
    page = _page(len(positions))
    shown = positions[page * PAGE : (page + 1) * PAGE]
    if dataset.spec.has_masks:  # without masks nothing is drawn in colour; the labels stand under each image
        _legend(dataset, only=np.flatnonzero(dataset.presence[shown].any(axis=0)))
    if not any(sample.image for sample in dataset.samples):
        st.caption("The images are not there; what is marked in them is drawn on an even ground.")
    if dataset.depths is not None:
        st.caption("Of each volume the slice with most labelled pixels is shown.")
    pictures = zip(shown, cache.overlays(dataset_id, shown, _THUMBNAIL), strict=True)
    for start in range(0, len(shown), _COLUMNS):
        row = st.columns(_COLUMNS)[: len(shown) - start]
        for cell, (position, picture) in zip(row, pictures, strict=False):
            with cell.container(gap="xxsmall"):
                _thumbnail(dataset, position, picture)


def _filter(dataset_id: str, dataset: ScannedDataset) -> list[int]:
    """Positions of the samples that pass the filter, which also says what it did."""
    names = [item.name for item in dataset.classes if item.role is ClassRole.CLASS]
    lines, _found = most_common(cache.label_table(dataset_id), _MOST_COMBINATIONS)
    left, right = st.columns(2)
    version = datasets.version(dataset_id)  # in the keys: after an edit, old names and lines mean nothing
    chosen = left.multiselect(
        "With all of these classes",
        names,
        key=f"images.classes.{version}",
        placeholder="Any class",
        on_change=_first_page,
    )
    combination = right.selectbox(
        "With exactly this combination",
        list(range(len(lines))),
        index=None,
        key=f"images.combination.{version}",
        format_func=lambda line: _combination(lines, line),
        placeholder="Any combination",
        on_change=_first_page,
    )
    return cache.samples_with(dataset_id, tuple(chosen), combination)


def _combination(lines: "pd.DataFrame", line: int) -> str:
    row = lines.iloc[line]
    return f"{row['combination'][:_MOST_LETTERS]} ({counted(row['images'], 'image')})"


def _first_page() -> None:
    state.put(state.GALLERY_PAGE, 0)


def _page(found: int) -> int:
    """The page to show, from 0, with its buttons."""
    pages = -(-found // PAGE)
    page = min(state.find(state.GALLERY_PAGE) or 0, pages - 1)
    first, last = page * PAGE + 1, min((page + 1) * PAGE, found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{count(first)} to {count(last)} of {counted(found, 'image')}", width="stretch")
        st.button(
            "Previous",
            key="images.previous",
            shortcut="P",
            disabled=page == 0,
            on_click=_turn,
            args=(page - 1,),
        )
        st.button(
            "Next",
            key="images.next",
            shortcut="N",
            disabled=page == pages - 1,
            on_click=_turn,
            args=(page + 1,),
        )
    return page


def _turn(page: int) -> None:
    state.put(state.GALLERY_PAGE, page)


def _thumbnail(dataset: ScannedDataset, position: int, picture: bytes | str) -> None:
    sample = dataset.samples[position]
    if isinstance(picture, str):
        messages.caution(picture)
        return
    st.image(picture, width="stretch", alt=visible(f"{sample.id} {_shown(dataset, position)}"))
    if st.button(
        escaped(shortened(PurePosixPath(sample.id).name, _NAME)),
        key=f"images.open.{position}",
        type="tertiary",
        help=escaped(sample.id),  # names repeat where each patient has a folder
    ):
        enlarge(dataset, position)
    if not dataset.spec.has_masks:
        st.caption(escaped(", ".join(_labels(dataset, position)) or "no class"))


def _shown(dataset: ScannedDataset, position: int) -> str:
    """What a picture shows besides the image, for those who hear it."""
    if dataset.spec.has_masks:
        return "with its classes in colour"
    return f"labelled {', '.join(_labels(dataset, position)) or 'with no class'}"


def _labels(dataset: ScannedDataset, position: int) -> list[str]:
    return [dataset.classes[i].name for i in dataset.balanced_columns if dataset.presence[position, i]]


def open_button(
    dataset: ScannedDataset, position: int, *, key: str, before: str = "", after: str = ""
) -> None:
    """The name of an image, which opens it large; plain text where there is no image to open."""
    sample = dataset.samples[position]
    label = f"{before}{escaped(shortened(PurePosixPath(sample.id).name, _NAME))}{after}"
    if sample.image is None and not sample.masks:
        st.markdown(label)
    elif st.button(label, key=key, type="tertiary"):
        enlarge(dataset, position)


@st.dialog("Image", width="large")
@messages.guarded()
def enlarge(dataset: ScannedDataset, position: int) -> None:
    """One image as large as the window allows, with its classes."""
    from core.services import pictures

    sample = dataset.samples[position]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(sample.id)}**" + (f" · {escaped(sample.group)}" if sample.group else ""))
        kind = "Hidden"
        if sample.masks:
            kind = st.segmented_control(
                "Masks",
                list(_OVERLAYS),
                default="Filled",
                required=True,
                key="images.overlay",
                label_visibility="collapsed",
            )
    with st.spinner("Drawing"):
        picture = pictures.overlay(dataset, position, _LARGE, **_OVERLAYS[kind])
    st.image(picture, width="stretch", alt=visible(f"{sample.id}, masks: {kind.lower()}"))
    _legend(dataset, only=np.flatnonzero(dataset.presence[position]))


def _legend(dataset: ScannedDataset, only: Iterable[int]) -> None:
    """The classes that occur in what is shown."""
    colours = class_colours(dataset.classes)
    classes = [i for i in only if dataset.classes[i].role is ClassRole.CLASS]
    legend.draw([(dataset.classes[i].name, colours[i]) for i in classes])
