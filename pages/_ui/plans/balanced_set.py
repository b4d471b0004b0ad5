"""Balanced set: a kept plan written as a folder of images and masks."""

from typing import TYPE_CHECKING

import streamlit as st

from core.services import balanced_sets
from pages._ui import cache, cache_sets, state
from pages._ui.balance import steps
from pages._ui.plans import balanced_set_form, balanced_set_run
from pages._ui.words import escaped

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk


def draw(desk: "Desk") -> None:
    """The run that is at work, how the last one ended, or the form for the next."""
    if why := cache_sets.why_no_set(desk.dataset_id):
        st.markdown(
            f"{escaped(why)} A plan serves the training code without it: its CSV says how often an image is "
            "used, its weights serve a sampler that draws with replacement."
        )
        steps.lead("set.next", steps.PLANS, "see the kept plans")
        return
    run = balanced_sets.find_latest(desk.dataset_id)
    if run is not None and not run.lost and run.progress.id != state.find(state.SET_DISMISSED):
        balanced_set_run.draw(run)
        return
    entries = cache.plans(desk.dataset_id)
    if entries:
        balanced_set_form.draw(desk, entries)
    else:
        st.markdown(
            "A balanced set is written from a kept plan: every image as often as the plan says, each "
            "duplicate augmented. Keep a plan first."
        )
        steps.lead("set.next", steps.PLANS, "see the kept plans")
    balanced_set_run.written(desk.dataset_id)
