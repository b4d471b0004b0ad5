"""Opening a review: what is reviewed, in which order, by how many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.identity import Identity
from core.domain.review import RankWeights, ReviewSettings
from core.errors import AppError, ReviewError
from core.services.reviews import opening
from pages._ui import cache, messages, state
from pages._ui.review import words
from pages._ui.review.source import choose, name

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.domain.balance import ClassTarget
    from core.services.datasets import DatasetEntry
    from core.services.reviews.opening import ReviewSource

_DOUBTS = ("entropy", "confidence")


def draw(
    sources: "Sequence[ReviewSource]",
    datasets: "Sequence[DatasetEntry]",
    identity: Identity,
    action: "DeltaGenerator",
) -> None:
    """The fields; the button stands in `action`, and is the page's primary one where there are runs."""
    st.subheader("New review", anchor=False)
    try:
        source = choose(sources, datasets)
    except AppError as error:
        messages.refusal(error)
        return
    if source is None:
        return
    title = st.text_input(
        "Title",
        value=f"{source.title} · {source.dataset}"[:160],
        max_chars=160,
        key=f"review.title.{source.id}",
    )
    share, readers = _essentials()
    with st.expander("Order and blinding", key="review.advanced"):
        weights, targets, second = _order(source, [item for item in sources if item.id != source.id])
        cap, blind, hide = _reading(readers)
    with action:
        if st.button(
            "Start the new review",
            key="review.open",
            type="primary" if sources else "secondary",
            help="Prepared in the background.",
        ):
            if weights is None:
                raise ReviewError("All weights are 0; give at least one reason a weight above 0.")
            settings = ReviewSettings(
                weights=weights, random_share=share, group_cap=cap, readers_per_case=readers,
                blind_readers=blind, hide_model=hide,
            )  # fmt: skip
            run = opening.start_review(title, source, settings, identity, second, targets)
            state.put(state.REVIEW_RUN, run)
            st.rerun()


def _essentials() -> tuple[float, int]:
    share = st.slider(
        "Random cases, %",
        0, 100, 10, step=5, key="review.random",
        help="Drawn at random and spread over the list, whatever the model's doubt. Only their acceptance "
        "rate tells how many of all predictions would be accepted.",
    )  # fmt: skip
    readers = st.number_input(
        "Readers a case", 1, 20, 1, key="review.readers",
        help="How many people decide each case; from two on their agreement can be measured.",
    )  # fmt: skip
    return share / 100, int(readers)


def _order(
    source: "ReviewSource", others: "Sequence[ReviewSource]"
) -> "tuple[RankWeights | None, tuple[ClassTarget, ...], ReviewSource | None]":
    """Weights, target vector and second run; None for weights where nothing counts."""
    st.caption("How much each reason to look at a case counts.")
    values = {}
    for reason, (title, help_text) in words.FIGURES.items():
        first = "entropy" if source.doubt else "dice"
        values[reason] = st.slider(
            title, 0.0, 3.0, float(reason == first), step=0.5, help=help_text,
            key=f"review.start.{reason}.{first}", disabled=not source.doubt and reason in _DOUBTS,
        )  # fmt: skip
    targets = _targets(source)
    twins = {item.id: item for item in others if item.classes == source.classes}
    second = None
    if twins:
        chosen = st.selectbox(
            "Compare with a second run",
            ["", *twins],
            format_func=lambda key: name(twins[key]) if key else "None",
            key=f"review.second.{source.id}",
            help="Where the masks of two runs differ, for instance of a teacher and its student.",
        )
        second = twins.get(chosen)
    return (RankWeights(**values) if any(values.values()) else None), targets, second


def _targets(source: "ReviewSource") -> "tuple[ClassTarget, ...]":
    """T of a kept plan; empty where there is none."""
    plans = {plan.name: plan for plan in cache.plans(source.dataset_id)} if source.dataset_id else {}
    plans = {name: plan for name, plan in plans.items() if plan.summary.spec.quantity != "pixels"}
    if not plans:
        return ()
    chosen = st.selectbox(
        "Target vector for rarity",
        ["", *plans],
        format_func=lambda name: name or "None",
        key=f"review.plan.{source.id}",
        help="T of a plan: cases with classes that lie below it come first where rare classes count.",
    )
    return plans[chosen].summary.spec.targets if chosen else ()


def _reading(readers: int) -> tuple[int | None, bool, bool]:
    cap = st.number_input(
        "Most cases of one group in a row", 0, 100, 0, key="review.cap",
        help="Else many slices of one patient would lead the list. 0: no cap.",
    )  # fmt: skip
    several = readers > 1
    blind = st.toggle(
        "Readers see others' answers only after their own",
        several,
        key=f"review.blind.{several}",
        help=None if several else "Turn it on if some cases are to get a second, independent reader later.",
    )
    hide = st.toggle(
        "Hide the model's mask until the reader has answered",
        False,
        key="review.hide",
        help="What a model has drawn pulls readers towards it; a first reading without it does not.",
    )
    return int(cap) or None, blind, hide
