"""The dataset: opened, looked at, corrected."""

import streamlit as st

from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.services import datasets, runs
from pages._ui import cache, entry, layout, messages, progress, state
from pages._ui.dataset import classes as dataset_classes
from pages._ui.dataset import (
    combination_table,
    compare,
    distributions,
    files,
    gallery,
    groups,
    opening,
    overview,
    versions,
)
from pages._ui.dataset.format_words import VOLUMES
from pages._ui.words import counted

_VIEW = "dataset.view"
_TABS = {
    "Overview": overview.draw,
    "Images": gallery.draw,
    "Distributions": distributions.draw,
    "Combinations": combination_table.draw,
    "Classes": dataset_classes.draw,
    "Groups": groups.draw,
    "Compare": compare.draw,
    "Versions": versions.draw,
    "Files": files.draw,
}


def draw() -> None:
    """Whatever is next: work that runs, answers that are asked for, the dataset, or the way to one."""
    if (run_id := state.run_id()) and _work(run_id):
        return
    if state.find(state.DRAFT):
        opening.draw()
    elif dataset_id := state.dataset_id():
        _dataset(dataset_id)
    else:
        messages.empty_page(
            "Dataset", "No dataset is open. Here you see what a dataset holds, and correct it."
        )


def _work(run_id: str) -> bool:
    """Follow a run; True while it, or how it ended, has the page."""
    try:
        run = runs.watch(run_id)
    except AppError as error:
        state.set_run(None)  # or a dead link would keep the page from everything else
        messages.refusal(error)
        return False
    if run.state == "finished":
        state.set_run(None)
        state.set_dataset(run.result["dataset"])
        return False
    st.title("Dataset", anchor=False)
    if not run.over:
        progress.watch(run_id)
    elif progress.ended(run, "Start again"):
        state.set_run(_start_again(run.kind))
        st.rerun()
    return True


def _start_again(kind: str) -> str | None:
    if kind == "demo":
        return datasets.start_demo()
    dataset_id = state.dataset_id()
    return datasets.start_scan(dataset_id) if dataset_id else None


def _dataset(dataset_id: str) -> None:
    try:
        dataset = cache.dataset(dataset_id)
    except AppError as error:
        _unavailable(dataset_id, error)
        return
    if not dataset.samples:
        _nothing_usable(dataset_id, dataset)
        return
    with layout.heading(dataset.spec.name, _line(dataset_id, dataset)):
        if st.button("Balance this dataset", key="dataset.balance", type="primary"):
            st.switch_page("pages/balance.py")
    state.follow_view(_VIEW, _TABS)
    tabs = st.tabs(list(_TABS), key=_VIEW, on_change="rerun")
    for tab, (name, part) in zip(tabs, _TABS.items(), strict=True):
        if tab.open:
            state.set_view(name)
            with tab, messages.guarded():
                part(dataset_id, dataset)


def _unavailable(dataset_id: str, error: AppError) -> None:
    """A dataset that must be scanned first, or that is not there at all."""
    try:
        spec = datasets.find_spec(dataset_id)
    except AppError as gone:
        messages.refusal(gone)
        messages.empty_page(
            "Dataset", "This dataset cannot be opened. Open another one, or its folder again."
        )
        return
    layout.heading(spec.name)
    messages.refusal(error)
    if st.button("Scan", key="dataset.scan", type="primary"):
        state.set_run(datasets.start_scan(dataset_id))
        st.rerun()


def _nothing_usable(dataset_id: str, dataset: ScannedDataset) -> None:
    """No image to look at and none to balance: what is wrong with the files is all there is to say."""
    layout.heading(dataset.spec.name, f"{counted(dataset.images, 'image')} · none can be used yet")
    with messages.guarded():
        files.draw(dataset_id, dataset)


def _line(dataset_id: str, dataset: ScannedDataset) -> str:
    classes = len(dataset.balanced_columns)
    noun = dataset.spec.unit if dataset.spec.format in VOLUMES else "image"
    parts = [counted(dataset.images, noun), counted(classes, "class", "classes")]
    parts.append(counted(len(cache.label_table(dataset_id).multiplicities), "combination"))
    if dataset.overlapping and dataset.pixels is not None:
        parts.append("classes may overlap")
    if dataset.pixels is None:
        parts.append("labels only, no masks")
    if dataset.problems:
        parts.append(f"**{counted(len(dataset.problems), 'problem')}**, see Files")
    return " · ".join(parts)


entry.page(draw)
