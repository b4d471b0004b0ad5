"""Keeping a balance as a plan."""

import streamlit as st

from core.errors import AppError
from core.services import balance
from pages._ui import messages
from pages._ui.balance.desk import Desk
from pages._ui.words import count, counted, share

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
        f"{count(whole.dropped)} dropped, effective sample {share(whole.ess)} in whole copies. "
        "Kept as JSON, CSV and weights for a sampler."
    )
    with st.form("balance.keep_form", border=False):
        name = st.text_input("Name", key=_NAME, placeholder="for example: rare up", max_chars=80)
        kept = st.form_submit_button("Keep", type="primary")
    if kept:
        try:
            with st.spinner("Writing the plan"):
                entry = balance.save_plan(desk.dataset_id, name, desk.dataset, desk.live.outcome())
        except AppError as error:
            messages.refusal(error)
            return
        messages.notice(f"The plan “{entry.name}” is kept. Next, below: folds, or the balanced set on disk.")
        st.rerun()
