"""What a browser session remembers: the one file that names session keys.

A browser reload loses all of it. The open dataset and the run that is watched are therefore in the address
(`?dataset=<id>&run=<id>`), and whatever must last longer is on disk.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any, Final, TypeVar

import streamlit as st

T = TypeVar("T")

FRAME: Final = "app.frame"
NOTICE: Final = "app.notice"
DRAFT: Final = "dataset.draft"
PROPOSAL: Final = "dataset.proposal"
PREVIEWS: Final = "dataset.previews"
UNPAIRED: Final = "files.unpaired"
CLASS_TABLE: Final = "classes.table"
GALLERY_PAGE: Final = "images.page"
LIKENESS: Final = "likeness.run"
LIKENESS_PAGE: Final = "likeness.page"
PROBE: Final = "settings.probing"
LIVE: Final = "balance.live"
SPEC: Final = "balance.spec"
PLAN_NOTES: Final = "plans.notes"
FOLDS: Final = "folds.asked"
FOLDS_FOUND: Final = "folds.found"
FOLDS_RUN: Final = "folds.run"
FOLDS_SOLVED: Final = "folds.solved"
SET_DISMISSED: Final = "set.dismissed"
SET_PREVIEW: Final = "set.preview_run"
COMPARED: Final = "compare.asked"
REVIEW_RUN: Final = "review.run"
REVIEW_DESK: Final = "review.desk"
REVIEW_CONFLICT: Final = "review.conflict"
REVIEW_MEASURING: Final = "review.measuring"
REVIEW_ORDER: Final = "review.order"
REVIEW_MERGED: Final = "review.merged"
SESSION: Final = "sign_in.token"
LAST_PERSON: Final = "sign_in.person"
SIGNED_OUT: Final = "sign_in.out"

# Names in the address, and what the session calls them.
_ADDRESS: Final = {"dataset": "app.dataset", "run": "app.run"}
_TRAINING: Final = "train.run"  # `?run=` too, but no other page shows a training run
_TRAINING_PREFIX: Final = "train-"
_REVIEW: Final = "review.address"
_REVIEW_TOLD: Final = "review.address_told"  # as it stands in the browser
_PAGES: Final = "app.pages"  # the one that is drawn, and the one before
_OF_FOLDS: Final = frozenset({"folds", "seed", "group", "solve"})
_IN_REVIEW: Final = frozenset({"review", "view", "case", "class", "fold", "state", "reader", "random"})


def dataset_id() -> str | None:
    """The id of the open dataset, or None."""
    return st.session_state.get(_ADDRESS["dataset"])


def set_dataset(dataset: str | None) -> None:
    """Open a dataset by its id, or close the open one; session and address both follow."""
    _set("dataset", dataset)


def run_id() -> str | None:
    """The id of the background run that is watched, or None."""
    return st.session_state.get(_ADDRESS["run"])


def set_run(run: str | None) -> None:
    """Watch a background run, or stop watching; session and address both follow."""
    _set("run", run)


def training_id() -> str | None:
    """The id of the training run that the Train page shows, or None."""
    return st.session_state.get(_TRAINING)


def set_training(run: str | None) -> None:
    """Show a training run on the Train page; session and address both follow."""
    if run is None:
        st.session_state.pop(_TRAINING, None)
        st.query_params.pop("run", None)
    else:
        st.session_state[_TRAINING] = run
        st.query_params["run"] = run


def note_page(name: str) -> None:
    """Remember which page is drawn now, and which was before."""
    st.session_state[_PAGES] = (*st.session_state.get(_PAGES, ()), name)[-2:]


def follow_review() -> None:
    """Take in what the address says of the review, its part, case and filter, where somebody has changed it.

    That is a link, or the browser's way back. A switch of pages, which clears the address, is none.
    """
    asked = _review_in_address()
    if asked == st.session_state.get(_REVIEW_TOLD):
        return  # What was set since then is still to be told
    pages = st.session_state.get(_PAGES, ())
    stayed = len(pages) == 2 and pages[0] == pages[1]
    if "review" in asked or stayed:
        st.session_state[_REVIEW] = asked
    st.session_state[_REVIEW_TOLD] = asked


def show_review() -> None:
    """Put the open review, its part, case and filter into the address: one step of the browser's history."""
    wanted = st.session_state.get(_REVIEW, {})
    if wanted != _review_in_address():
        others = {name: st.query_params[name] for name in {*st.query_params} - _IN_REVIEW}
        st.query_params.from_dict({**others, **wanted})
    st.session_state[_REVIEW_TOLD] = dict(wanted)


def review_part(name: str) -> str:
    """What is known of the open review under one of the names in its address; empty where nothing is."""
    return st.session_state.get(_REVIEW, {}).get(name, "")


def set_review_part(name: str, value: str) -> None:
    """Set it; an empty value takes it out. `show_review` puts it into the address."""
    known = st.session_state.setdefault(_REVIEW, {})
    if value:
        known[name] = value
    else:
        known.pop(name, None)


def set_review(review: str) -> None:
    """Open a review by its id, at its first case and with no filter; an empty text closes the open one."""
    st.session_state[_REVIEW] = {"review": review} if review else {}


def _review_in_address() -> dict[str, str]:
    return {name: st.query_params[name] for name in _IN_REVIEW & {*st.query_params}}


def _set(name: str, value: str | None) -> None:
    if value is None:
        st.session_state.pop(_ADDRESS[name], None)
        st.query_params.pop(name, None)
    else:
        st.session_state[_ADDRESS[name]] = value
        st.query_params[name] = value


def follow_address() -> None:
    """Make session and address agree: a link wins; a page switch, which clears it, does not."""
    for name, key in _ADDRESS.items():
        if named := st.query_params.get(name):
            shown = _TRAINING if name == "run" and named.startswith(_TRAINING_PREFIX) else key
            st.session_state[shown] = named
        elif known := st.session_state.get(key):
            st.query_params[name] = known


def follow_view(key: str, names: Collection[str]) -> None:
    """Open the part of a page that the address names (`?view=`) when the page is first drawn.

    Args:
        key: Of the tabs, which are drawn after this.
        names: The tabs.
    """
    view = st.query_params.get("view")
    if key not in st.session_state and view in names:
        st.session_state[key] = view


def set_view(name: str) -> None:
    """Put the part of the page that is open into the address.

    Not by `bind=`: with a bound widget in sight, Streamlit 1.67 refuses `st.switch_page`.
    """
    st.query_params["view"] = name


def folds_asked() -> dict[str, str]:
    """What the address says of the folds, by name; empty where none are asked for."""
    return {name: st.query_params[name] for name in _OF_FOLDS & {*st.query_params}}


def set_folds_asked(asked: Mapping[str, str]) -> None:
    """Put what is asked of the folds into the address, and nothing else, so that a reload asks it again."""
    for name in _OF_FOLDS - asked.keys():
        st.query_params.pop(name, None)
    st.query_params.update(asked)


def find(name: str) -> Any:
    """What is remembered under a name of this file, or None."""
    return st.session_state.get(name)


def put(name: str, value: object) -> None:
    """Remember a value under a name of this file until the browser is reloaded."""
    st.session_state[name] = value


def drop(name: str) -> None:
    """Forget a name."""
    st.session_state.pop(name, None)


def kept(name: str, version: Hashable, make: Callable[[], T]) -> T:
    """An object that outlives reruns and page switches; it is made anew when `version` changes.

    Args:
        name: One of this file's names.
        version: What the object was made from, for instance `(dataset_id, version)`.
        make: Builds the object.
    """
    held = st.session_state.get(name)
    if held is None or held[0] != version:
        held = (version, make())
        st.session_state[name] = held
    return held[1]
