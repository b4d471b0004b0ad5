"""The plans that are kept: their figures, their files, and what can be done with each."""

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from core.services import balance
from pages._ui import cache, messages, state
from pages._ui.balance import steps, take
from pages._ui.plans import compare, words
from pages._ui.words import escaped

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk

_TAKE, _RENAME, _DELETE = "Take its settings", "Rename", "Delete"
_FILE = "plans.file"


def draw(desk: "Desk") -> None:
    """The kept plans, their comparison, and what comes next."""
    entries = cache.plans(desk.dataset_id)
    _say_last()
    if not entries:
        st.markdown(
            "No plan is kept yet. “Keep this plan” writes one with its copies, settings and certificate."
        )
    for entry in entries:
        with st.container(border=True, gap="xxsmall", key=f"plan.{entry.id}"):
            _card(desk, entry)
    with st.container(horizontal=True, vertical_alignment="center"):
        _bring_in(desk)
        if entries:
            steps.lead("plans.next", steps.FOLDS, "divide the images into folds")
            steps.lead("plans.next", steps.SET, "write the balanced set")
    if len(entries) > 1:
        compare.draw(desk, entries)


def _say_last() -> None:
    """What the last act on a plan could not carry over, until the next act."""
    for sentence in state.find(state.PLAN_NOTES) or ():
        messages.caution(sentence)


def _card(desk: "Desk", entry: balance.PlanEntry) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(entry.name)}**", width="stretch")
        for ending, kind in ((".json", "JSON"), (".csv", "CSV"), (".npy", "Weights")):
            _download(desk, entry.id, ending, kind)
        _train_button(entry)
        chosen = _menu(desk, entry)
    st.caption(words.line(entry))
    if chosen == _TAKE:
        st.rerun()  # the descent and its fields stand above, outside of this part of the page
    elif chosen == _RENAME:
        _ask_name(desk, entry)
    elif chosen == _DELETE:
        _ask_delete(desk, entry)
    changes = cache.plan_changes(desk.dataset_id, entry)
    if changes is not None:
        _changed(desk, entry, changes)


def _train_button(entry: balance.PlanEntry) -> None:
    if st.button("Train", key=f"plan.{entry.id}.train", type="tertiary", icon=":material/model_training:"):
        st.switch_page("pages/train.py", query_params={"plan": entry.id})


def _changed(desk: "Desk", entry: balance.PlanEntry, changes: balance.DatasetChanges) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/history: Made for another state of the dataset: {escaped(changes.describe())}.",
            width="stretch",
        )
        if st.button(
            "Solve anew",
            key=f"plan.{entry.id}.renew",
            help="The same target, γ, size and caps, on the dataset as it is now; kept as a new plan.",
        ):
            _renew(desk, entry)


@messages.guarded()
def _renew(desk: "Desk", entry: balance.PlanEntry) -> None:
    state.drop(state.PLAN_NOTES)
    with st.spinner("Solving"):
        renewed = balance.resolve_plan(desk.dataset_id, entry.id, desk.dataset)
    state.put(state.PLAN_NOTES, renewed.notes)
    messages.notice(f"The plan “{renewed.entry.name}” is kept.")
    st.rerun()


def _menu(desk: "Desk", entry: balance.PlanEntry) -> str | None:
    """What else can be done; the settings are taken at once, while fields may still be set."""
    key = f"plan.{entry.id}.more"

    def act() -> None:
        state.drop(state.PLAN_NOTES)
        if st.session_state[key] == _TAKE:
            try:
                state.put(state.PLAN_NOTES, take.take(desk, entry))
            except AppError as error:
                state.put(state.PLAN_NOTES, (str(error),))
            else:
                messages.notice(f"Target, γ and caps are now those of “{entry.name}”.")

    return st.menu_button("More", [_TAKE, _RENAME, _DELETE], key=key, type="tertiary", on_click=act)


@st.dialog("Rename this plan")
@messages.guarded()
def _ask_name(desk: "Desk", entry: balance.PlanEntry) -> None:
    with st.form("plans.rename_form", border=False):
        name = st.text_input("Name", value=entry.name, key=f"plan.{entry.id}.name", max_chars=80)
        renamed = st.form_submit_button("Rename", type="primary")
    if renamed:
        balance.rename_plan(desk.dataset_id, entry.id, name)
        st.rerun()


@st.dialog("Delete this plan?")
@messages.guarded()
def _ask_delete(desk: "Desk", entry: balance.PlanEntry) -> None:
    st.markdown(
        f"The copies, settings and certificate of **{escaped(entry.name)}** are deleted from the workspace. "
        "Files that you saved elsewhere, and balanced sets already written, stay."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="plans.delete.yes", type="primary"):
            balance.delete_plan(desk.dataset_id, entry.id)
            messages.notice(f"The plan “{entry.name}” is deleted.")
            st.rerun()
        if st.button("Keep it", key="plans.delete.no"):
            st.rerun()


def _download(desk: "Desk", plan_id: str, ending: str, label: str) -> None:
    def read() -> bytes:
        files = balance.plan_files(desk.dataset_id, plan_id)
        return next(content for name, content in files.items() if name.endswith(ending))

    file_name = f"{desk.dataset_id}_{plan_id}{'.weights' if ending == '.npy' else ''}{ending}"
    st.download_button(
        label,
        read,
        file_name=file_name,
        key=f"plan.{plan_id}{ending}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _bring_in(desk: "Desk") -> None:
    """The way back for a plan that was exported."""

    def read() -> None:
        if uploaded := st.session_state[_FILE]:
            try:
                entry = balance.import_plan(desk.dataset_id, uploaded.getvalue(), desk.dataset)
            except AppError as error:
                state.put(state.PLAN_NOTES, (str(error),))
            else:
                state.put(state.PLAN_NOTES, ())
                messages.notice(f"The plan “{entry.name}” is kept.")

    with st.popover("Bring in a plan", type="tertiary", icon=":material/upload:", key="plans.bring_in"):
        st.file_uploader("A plan's JSON file", type=["json"], key=_FILE, on_change=read)
        st.caption("As “JSON” beside a plan has saved it, or `counterpoise balance --out`.")
