"""How pages speak: empty states, refusals, and the guard that keeps traces from people."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import streamlit as st

from core.errors import AppError
from pages._ui import demo, state
from pages._ui.words import escaped

_log = logging.getLogger("counterpoise.pages")


def empty_page(title: str, sentence: str) -> None:
    """A page that has nothing to show yet: what it is for, and the way to something."""
    st.title(title, anchor=False)
    st.markdown(sentence)
    with st.container(horizontal=True):
        demo.open_button("empty.demo")
        if st.button("Open a folder", key="empty.open"):
            st.switch_page("pages/home.py")


def refusal(error: AppError) -> None:
    """An error that a person can mend: the sentence, where it happened."""
    st.error(escaped(str(error)), icon=":material/error:")


def caution(sentence: str) -> None:
    """Something that works but should be known."""
    st.warning(escaped(sentence), icon=":material/warning:")


def problem(sentence: str, details: str) -> None:
    """A failure: a calm sentence, and the details folded away and copyable; without details there is no fold.

    What a person can mend (a folder that is gone) leaves none, and is no bug.
    """
    st.error(escaped(sentence), icon=":material/error:")
    if details:
        with st.expander("Details for a bug report"):
            st.code(details, language=None, wrap_lines=True)


def notice(sentence: str) -> None:
    """Say something once on the next run of any page, after a change that reruns it."""
    state.put(state.NOTICE, sentence)


def show_notice() -> None:
    """Show what `notice` was told, once."""
    if sentence := state.find(state.NOTICE):
        state.drop(state.NOTICE)
        st.toast(escaped(sentence), icon=":material/check:")


@contextmanager
def guarded() -> Iterator[None]:
    """Let no trace reach a person; a context, and a decorator for fragments and callbacks (`@guarded()`).

    An `AppError` is shown as its sentence; anything else is logged with its trace and shown as a calm
    sentence with details folded away. Streamlit's own signals (stop, rerun) are no `Exception` and pass.
    """
    try:
        yield
    except AppError as error:
        refusal(error)
    except Exception as error:  # the outermost guard: whatever was not foreseen ends here, logged
        when = datetime.now(UTC).isoformat(timespec="seconds")
        _log.exception("unexpected failure on a page (%s)", when)
        problem(
            "Something unexpected happened, and this part of the page could not be drawn. "
            "Your data are untouched. Reload the page to try again; the details below help "
            "whoever looks after this installation.",
            f"{when}\n{''.join(traceback.format_exception(error))}",
        )
