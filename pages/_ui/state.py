"""What a browser session remembers: the one file that names session keys.

A browser reload loses all of it. The open dataset is therefore in the address (`?dataset=<id>`), and
whatever must last longer is on disk.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

import streamlit as st

T = TypeVar("T")

URL_DATASET: Final = "dataset"

APP_RAN: Final = "app.ran"
DATASET: Final = "app.dataset"
OPENING: Final = "dataset.opening"
RUN: Final = "dataset.run"
NOTICE: Final = "app.notice"
LIVE: Final = "balance.live"
SPEC: Final = "balance.spec"


def dataset_id() -> str | None:
    """The id of the open dataset, or None."""
    return st.session_state.get(DATASET)


def set_dataset(dataset: str | None) -> None:
    """Open a dataset by its id, or close the open one; session and address both follow."""
    st.session_state[DATASET] = dataset
    if dataset is None:
        st.query_params.pop(URL_DATASET, None)
    else:
        st.query_params[URL_DATASET] = dataset


def follow_address() -> None:
    """Make session and address agree: a link wins; a page switch, which clears it, does not."""
    named = st.query_params.get(URL_DATASET)
    if named:
        st.session_state[DATASET] = named
    elif known := dataset_id():
        st.query_params[URL_DATASET] = known


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
