"""Balanced set: a kept plan written as a folder of images and masks."""

from typing import TYPE_CHECKING

import streamlit as st

from core.services import balanced_sets
from pages._ui import balance_steps, balanced_set_form, balanced_set_run, cache, state

if TYPE_CHECKING:
    from pages._ui.balance_desk import Desk


def draw(desk: "Desk") -> None:
    """The run that is at work, how the last one ended, or the form for the next."""
    if desk.dataset.pixels is None or not any(sample.image for sample in desk.dataset.samples):
        st.markdown(
            "This dataset has no pairs of images and masks, so there is nothing to write. A kept plan's CSV "
            "and weights serve a training code."
        )
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
        balance_steps.lead("set.next", balance_steps.PLANS, "see the kept plans")
    balanced_set_run.written(desk.dataset_id)
