"""Settings: where things are kept, what this machine can compute on, who may enter, which version this is."""

import streamlit as st

from core.domain.identity import Role
from core.services import runs, settings
from pages._ui import accounts, entry, messages, progress, sign_in, state, tables
from pages._ui.words import counted, escaped


def draw() -> None:
    """The whole page."""
    st.title("Settings", anchor=False)
    person = sign_in.identity()
    about = settings.describe()
    st.markdown(f"Counterpoise {escaped(about.version)} · Python {escaped(about.python)} · {about.system}")
    left, right = st.columns([2, 1], gap="large")
    with left:
        with messages.guarded():
            accounts.draw(person)
        if person.may(Role.RESEARCHER):
            _workspace(about)
            with messages.guarded():
                _devices()
    with right:
        _look()
        _licences(about)


def _workspace(about: settings.About) -> None:
    st.subheader("Workspace", anchor=False)
    size = tables.file_size(about.workspace_bytes)
    st.markdown(
        f"{counted(about.datasets, 'dataset')}, {size}. Answers, scans and plans are kept here; "
        "your own files are never changed. Set `COUNTERPOISE_HOME` before starting to use another folder."
    )
    st.code(str(about.home), language=None)
    st.markdown("Database of reviews, decisions and accounts. `COUNTERPOISE_DATABASE_URL` names another.")
    st.code(about.database, language=None, wrap_lines=True)


def _devices() -> None:
    st.subheader("Devices", anchor=False)
    if run_id := state.find(state.PROBE):
        run = runs.watch(run_id)
        if not run.over:
            progress.watch(run_id)
            return
        state.drop(state.PROBE)
        if run.state != "finished":
            messages.problem("The devices could not be asked.", run.log_tail or run.message)
    found = settings.devices()
    if found is None:
        st.markdown("Not looked at yet. Balancing needs no GPU; training is quicker with one.")
    else:
        st.markdown(f"PyTorch {escaped(found.torch)} · {counted(found.cpu_threads, 'processor thread')}")
        for name, size in found.gpus:
            st.markdown(f"GPU: {escaped(name)}, {tables.file_size(size)}")
        if not found.gpus:
            st.markdown(
                "No GPU that PyTorch can use. Balancing needs none; training will run on the processor."
            )
    if st.button("Look for GPUs" if found is None else "Look again", key="settings.probe"):
        state.put(state.PROBE, settings.start_probe())
        st.rerun()


def _look() -> None:
    st.subheader("Look", anchor=False)
    st.markdown("Light or dark follows your system's setting. A class keeps its colour on every page.")


def _licences(about: settings.About) -> None:
    st.subheader("Version and licences", anchor=False)
    st.markdown("Counterpoise is free software under the Apache License 2.0. Built with:")
    lines = [f"counterpoise {about.version}", f"python {about.python} on {about.system}"]
    st.code(
        "\n".join([*lines, *(f"{name} {version}" for name, version in about.packages)]),
        language=None,
        wrap_lines=True,
    )


entry.page(draw)
