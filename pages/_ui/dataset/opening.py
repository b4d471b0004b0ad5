"""Opening a dataset: what detection proposes, six pictures of it, every answer open to correction."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.dataset import DatasetSpec
from core.domain.proposal import Answers, Proposal
from core.errors import AppError
from core.services import datasets
from pages._ui import cache, layout, legend, messages, state
from pages._ui.dataset import opening_form
from pages._ui.words import counted, escaped, shortened, visible

if TYPE_CHECKING:  # drawing pulls in scikit-image: only a page with pictures pays for it
    from core.services.pictures import Preview

_COLUMNS = 3
_CAPTION = 56  # letters: two lines under a picture


@dataclass(frozen=True, slots=True)
class Draft:
    """A path that is being opened, and the answers a person has corrected so far.

    `kept` is set where a dataset that is known already is corrected: it is the ground then, not detection.
    """

    path: str
    answers: Answers = field(default_factory=Answers)
    kept: DatasetSpec | None = None


def start(path: str) -> None:
    """Begin to open a path; a dataset that is known and scanned is opened at once.

    Raises:
        DatasetError: there is nothing at the path.
    """
    root = datasets.read_path(path)
    state.set_run(None)
    known = next((item for item in datasets.list_datasets() if item.root == root and item.scanned), None)
    if known is not None:
        state.drop(state.DRAFT)
        state.set_dataset(known.id)
    else:
        state.put(state.DRAFT, Draft(str(root)))


def change(spec: DatasetSpec) -> None:
    """Go back to the answers of a dataset that is already kept."""
    state.put(state.DRAFT, Draft(str(spec.root), kept=spec))


def draw() -> None:
    """The whole page."""
    draft: Draft = state.find(state.DRAFT)
    place = layout.heading("Open a dataset", escaped(draft.path))
    proposal = _propose(draft)
    with place, st.container(horizontal=True):
        if st.button("Cancel", key="open.cancel", type="tertiary", shortcut="Esc"):
            state.drop(state.DRAFT)
            st.rerun()
        scan = proposal is not None and st.button("Scan", key="open.scan", type="primary")
    if proposal is None:
        if st.button("Open another folder", key="open.another", type="primary"):
            state.drop(state.DRAFT)
            st.switch_page("pages/home.py")
        return
    pictures, form = st.columns([2, 1], gap="large")
    with pictures, messages.guarded():
        _warnings(proposal)
        _previews(proposal.spec)
        _reasons(proposal)
    with form, messages.guarded():
        understood: Draft = state.find(state.PROPOSAL)[0]  # an answer that was refused is in its widget only
        answers = opening_form.draw(proposal, understood.answers)
        if answers != draft.answers:
            state.put(state.DRAFT, replace(draft, answers=answers))
            st.rerun()
    if scan:
        _scan(proposal.spec)


def _propose(draft: Draft) -> Proposal | None:
    """The proposal for a draft; where an answer cannot be used, that is said and the last good one stays."""
    try:
        with st.spinner("Looking at the folder"):
            return state.kept(state.PROPOSAL, draft, lambda: _read(draft))
    except AppError as error:
        messages.refusal(error)
        held = state.find(state.PROPOSAL)
        return held[1] if held is not None and held[0].path == draft.path else None


def _read(draft: Draft) -> Proposal:
    if draft.kept is not None:
        return Proposal(opening_form.correct(draft.kept, draft.answers))
    return datasets.propose(draft.path, draft.answers)


def _scan(spec: DatasetSpec) -> None:
    dataset_id = datasets.keep(spec)
    cache.forget()
    state.set_dataset(dataset_id)
    state.set_run(datasets.start_scan(dataset_id))
    state.drop(state.DRAFT)
    st.rerun()


def _warnings(proposal: Proposal) -> None:
    for sentence in proposal.warnings:
        messages.caution(sentence)


def _previews(spec: DatasetSpec) -> None:
    from core.services import pictures

    if not spec.has_images:
        st.markdown("Labels only, no masks: there is nothing to draw. The scan counts the labels.")
        return
    with st.spinner("Drawing six images"):
        sheet = state.kept(state.PREVIEWS, spec, lambda: pictures.preview(spec))
    if not sheet.pictures:
        st.markdown("No image has found its mask yet. Correct the folders or the pairing.")
        return
    for start in range(0, len(sheet.pictures), _COLUMNS):
        for cell, item in zip(st.columns(_COLUMNS), sheet.pictures[start : start + _COLUMNS], strict=False):
            with cell.container(gap="xxsmall"):
                _preview(item)
    legend.draw(sheet.legend)


def _preview(item: "Preview") -> None:
    if item.problem:
        messages.caution(item.problem)
    else:
        st.image(item.picture, width="stretch", alt=visible(f"{item.id} with its classes in colour"))
    short = shortened(item.caption, _CAPTION)
    st.caption(escaped(short), help=escaped(item.whole) if short != item.whole else None)


def _reasons(proposal: Proposal) -> None:
    if not proposal.reasons:
        return
    with st.expander(f"Why it is read like this · {counted(len(proposal.reasons), 'reason')}", expanded=True):
        st.markdown("\n".join(f"- {escaped(sentence)}" for sentence in proposal.reasons))
