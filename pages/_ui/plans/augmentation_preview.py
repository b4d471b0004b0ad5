"""What the augmentation does, seen on six images: each beside its first duplicate, as it will be written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.augmentation import AugmentationSpec
from core.services import balance, materialise, runs
from pages._ui import cache, messages, progress, state
from pages._ui.words import escaped, shortened

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk

_COLUMNS = 2  # pairs in a row
_CAPTION = 40  # letters under a pair
_LOOK_EVERY = 0.5  # seconds


def draw(desk: "Desk", entry: balance.PlanEntry, augmentation: AugmentationSpec | None) -> None:
    """The pairs, the work that draws them, or the button that asks for them."""
    st.markdown("**What the augmentation does**")
    if augmentation is None:
        return
    key = cache.preview_key(desk.dataset_id, entry, augmentation)
    pairs = materialise.find_preview(key)
    if pairs is not None:
        _show(pairs)
    elif (asked := state.find(state.SET_PREVIEW)) and asked[0] == key:
        _watch(asked[1])
    else:
        _offer(entry, key, augmentation)


def _offer(entry: balance.PlanEntry, key: str, augmentation: AugmentationSpec) -> None:
    st.markdown(
        "The preview draws duplicates exactly as they will be written, with the classes in their colours."
    )
    if st.button("Preview the augmentation", key="set.preview"):
        state.put(state.SET_PREVIEW, (key, materialise.start_preview(entry.path, augmentation)))
        st.rerun()


@st.fragment(run_every=_LOOK_EVERY)
@messages.guarded()
def _watch(run_id: str) -> None:
    run = runs.watch(run_id)
    if run.state == "finished":
        st.rerun()
    if not run.over:
        share = run.done / run.total if run.total else 0.0
        st.progress(min(share, 1.0), text=escaped(run.message) or "Starting")
        if st.button("Cancel", key="set.preview.cancel"):
            progress.cancel(run_id)
        return
    if run.state == "failed":
        messages.problem(run.message, run.log_tail or "No log was kept.")
    else:
        st.markdown("The preview was stopped.")
    if st.button("Draw again", key="set.preview.again"):
        state.drop(state.SET_PREVIEW)
        st.rerun()


def _show(pairs: Sequence[materialise.PreviewPair]) -> None:
    if not pairs:
        st.markdown("The plan keeps no image that could be shown.")
        return
    st.caption("Left as it is, right as its duplicate will be written; the classes in their colours.")
    for start in range(0, len(pairs), _COLUMNS):
        for cell, pair in zip(st.columns(_COLUMNS), pairs[start : start + _COLUMNS], strict=False):
            with cell.container(gap="xxsmall"):
                before, after = st.columns(2, gap="xsmall")
                before.image(pair.before, width="stretch", alt=f"{pair.sample} as it is")
                after.image(pair.after, width="stretch", alt=f"First duplicate of {pair.sample}")
                note = " · only flipped, or it would have lost a class" if pair.flipped else ""
                st.caption(escaped(shortened(pair.sample, _CAPTION)) + note, help=escaped(pair.sample))
