"""Keeping a balance as a plan, and the plans that are kept."""

import streamlit as st

from core.errors import AppError
from core.services import balance
from pages._ui import messages
from pages._ui.balance_desk import Desk
from pages._ui.words import count, counted, escaped, share

_NAME = "balance.plan_name"


def keep_button(desk: Desk) -> None:
    """The button that asks for a name; it is the page's primary one once the descent is over."""
    kind = "primary" if desk.over and not desk.running and not desk.asks_nothing else "secondary"
    if st.button("Keep this plan", key="balance.keep", type=kind, shortcut="K", width="stretch"):
        desk.started = False
        _ask_name(desk)


@st.dialog("Keep this plan")
@messages.guarded()
def _ask_name(desk: Desk) -> None:
    whole = desk.whole
    st.markdown(
        f"{counted(whole.total, 'image')}, {counted(whole.duplicates, 'duplicate')}, "
        f"{count(whole.dropped)} dropped, effective sample {share(whole.ess)}. "
        "Kept as JSON, CSV and weights for a sampler."
    )
    with st.form("balance.keep_form", border=False):
        name = st.text_input("Name", key=_NAME, placeholder="rare up", max_chars=80)
        kept = st.form_submit_button("Keep", type="primary")
    if kept:
        try:
            entry = balance.save_plan(desk.dataset_id, name, desk.dataset, desk.live.outcome())
        except AppError as error:
            messages.refusal(error)
            return
        messages.notice(f"The plan “{entry.name}” is kept.")
        st.rerun()


def draw(desk: Desk) -> None:
    """The kept plans, each with its files."""
    entries = balance.list_plans(desk.dataset_id)
    if not entries:
        st.markdown(
            "No plan is kept yet. “Keep this plan” writes one with its copies, settings and certificate."
        )
        return
    for entry in entries:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(
                f"**{escaped(entry.name)}** · {counted(entry.total, 'image')} · "
                f"effective sample {share(entry.ess)} · {entry.created[:16].replace('T', ' ')} UTC",
                width="stretch",
            )
            for name, kind in ((".json", "JSON"), (".csv", "CSV"), (".npy", "Weights")):
                _download(desk, entry.id, name, kind)
            if st.button("Delete", key=f"balance.plan.{entry.id}.delete", type="tertiary"):
                _ask_delete(desk.dataset_id, entry)


@st.dialog("Delete this plan?")
@messages.guarded()
def _ask_delete(dataset_id: str, entry: balance.PlanEntry) -> None:
    st.markdown(
        f"The copies, settings and certificate of **{escaped(entry.name)}** are deleted from the workspace. "
        "Files that you saved elsewhere stay."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="balance.plan.delete.yes", type="primary"):
            balance.delete_plan(dataset_id, entry.id)
            messages.notice(f"The plan “{entry.name}” is deleted.")
            st.rerun()
        if st.button("Keep it", key="balance.plan.delete.no"):
            st.rerun()


def _download(desk: Desk, plan_id: str, ending: str, label: str) -> None:
    def read() -> bytes:
        files = balance.plan_files(desk.dataset_id, plan_id)
        return next(content for name, content in files.items() if name.endswith(ending))

    file_name = f"{desk.dataset_id}_{plan_id}{'.weights' if ending == '.npy' else ''}{ending}"
    st.download_button(
        label,
        read,
        file_name=file_name,
        key=f"balance.plan.{plan_id}{ending}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
