"""What is reviewed: the predictions of a run, or masks that lie in a folder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.services.reviews import opening
from pages._ui import state
from pages._ui.words import age, counted, escaped, shortened

if TYPE_CHECKING:
    from core.services.datasets import DatasetEntry
    from core.services.reviews.opening import ReviewSource

_KINDS: Final = ("A run", "A folder")
_NAME: Final = 80
_DATASET: Final = 24


def choose(sources: "Sequence[ReviewSource]", datasets: "Sequence[DatasetEntry]") -> "ReviewSource | None":
    """The fields; None until a folder is named.

    Raises:
        AppError: The folder is none that can be reviewed; the sentence says what is missing.
    """
    kinds = [*([_KINDS[0]] if sources else []), *([_KINDS[1]] if datasets else [])]
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            "Predictions of", kinds, default=kinds[0], required=True, key="review.kind"
        )
    return _choose_run(sources) if kind == _KINDS[0] else _name_folder(datasets)


def name(source: "ReviewSource") -> str:
    """A run in a list; the dataset first, as runs on several are often called the same."""
    return shortened(f"{shortened(source.dataset, _DATASET)} · {source.title} · {source.what}", _NAME)


def _choose_run(sources: "Sequence[ReviewSource]") -> "ReviewSource":
    by_id = {source.id: source for source in sources}
    chosen = st.selectbox("Run", list(by_id), format_func=lambda key: name(by_id[key]), key="review.source")
    source = by_id[chosen]
    st.caption(escaped(f"{source.what} of {source.dataset} · {age(source.created)}"))
    return source


def _name_folder(datasets: "Sequence[DatasetEntry]") -> "ReviewSource | None":
    by_id = {entry.id: entry.name for entry in datasets}
    path = st.text_input(
        "Folder of masks", key="review.folder", placeholder="/data/predictions",
        help="As `counterpoise predict` writes it: masks/NAME.png with a number a pixel, and classes.json "
        "with the names of the numbers. Folders confidence and entropy may be left out.",
    )  # fmt: skip
    known = list(by_id)
    opened = state.dataset_id()
    dataset = st.selectbox(
        "Images of the dataset", known, index=known.index(opened) if opened in by_id else 0,
        format_func=by_id.__getitem__, key="review.folder.dataset",
        help="The dataset whose images were predicted, opened here before.",
    )  # fmt: skip
    if not path.strip():
        return None
    source = opening.find_folder_source(path, dataset)
    doubt = "" if source.doubt else " · confidence and entropy not known"
    st.caption(escaped(f"{source.what} · {counted(len(source.classes), 'class', 'classes')}{doubt}"))
    return source
