"""Conflicts: what readers disagree on, their masks side by side, and the adjudicator's word."""

import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import streamlit as st

from core.domain.identity import Identity
from core.services.reviews import conflicts, differences, measurements
from pages._ui import messages, state
from pages._ui.words import count, counted, escaped, listed, shortened

if TYPE_CHECKING:
    from core.services.reviews.conflicts import Conflict, Opinion, Review
    from core.services.reviews.differences import Comparison

_DONE: Final = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}
_NONE: Final = ""
_NAME = 48


def show(review: "Review", identity: Identity) -> None:
    """The cases that readers disagree on; pictures left, the word right."""
    found = conflicts.list_conflicts(review, identity)
    still = [item for item in found if item.settled is None]
    st.markdown(_line(len(still), len(found) - len(still)))
    if not found:
        return
    listed_ones = still
    if len(still) < len(found) and st.toggle("Settled ones too", key="conflicts.settled", value=not still):
        listed_ones = found
    if not listed_ones:
        return
    by_position = {item.case.position: item for item in listed_ones}
    position = st.selectbox(
        "Case", list(by_position), format_func=lambda key: _title(by_position[key]), key="conflicts.case"
    )
    left, right = st.columns([2, 1], gap="medium")
    with right, messages.guarded():
        _opinions(by_position[position])
        _word(review, by_position[position], identity)
    with left, messages.guarded():
        _pictures(review, by_position[position], identity)


def _line(still: int, settled: int) -> str:
    if not still and not settled:
        return (
            "No conflict. A case appears here once its readers have answered and do not stand for one mask. "
            "Cases that you are still to read, blinded, are not listed."
        )
    parts = [f"**{counted(still, 'case')}** to settle"] if still else ["Every conflict is settled"]
    return " · ".join([*parts, *([f"{count(settled)} settled"] if settled else [])])


def _title(item: "Conflict") -> str:
    words = listed([f"{one.name} {_DONE[one.action]}" for one in item.opinions])
    done = f" · settled by {item.settled.name}" if item.settled is not None else ""
    return f"{shortened(item.case.sample, _NAME)} · {words}{done}"


def _masks(item: "Conflict") -> dict[str, str]:
    """What each mask that somebody stands for is called, by its hash; readers with one mask share it."""
    names: dict[str, list[str]] = {}
    for one in item.opinions:
        if one.mask is not None:
            names.setdefault(one.mask, []).append(one.name)
    model = item.case.mask_hash
    return {
        mask: f"the model's mask, accepted by {listed(who)}"
        if mask == model
        else f"the mask of {listed(who)}"
        for mask, who in names.items()
    }


def _pictures(review: "Review", item: "Conflict", identity: Identity) -> None:
    masks = _masks(item)
    if not masks:
        st.markdown("No reader stands for a mask.")
        return
    order = list(masks)
    first, second = order[0], order[min(1, len(order) - 1)]
    name, near = "", True
    if first != second:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if len(order) > 2:
                key = f"conflicts.{item.case.position}"
                first = st.selectbox("Left", order, 0, format_func=masks.__getitem__, key=f"{key}.left")
                second = st.selectbox("Right", order, 1, format_func=masks.__getitem__, key=f"{key}.right")
            name = st.selectbox(
                "Difference of",
                ["", *measurements.measured_classes(review)],
                format_func=lambda one: one or "what differs most",
                key="conflicts.class",
            )
            near = st.checkbox("Near", True, key="conflicts.near", help="Show only where the class is.")
    found = differences.compare_masks(review, item.case.position, identity, first, second, name or None, near)
    _draw(found, masks[first], masks[second], first == second)


def _draw(found: "Comparison", first: str, second: str, single: bool) -> None:
    if single:
        st.image(found.first, caption=escaped(first[0].upper() + first[1:]), width="stretch")
        return
    left, right, between = st.columns(3, gap="small")
    left.image(found.first, caption=f"Left: {escaped(first)}", width="stretch")
    right.image(found.second, caption=f"Right: {escaped(second)}", width="stretch")
    between.image(
        found.difference,
        caption=f"{escaped(found.shown)}: grey in both, yellow only left, hatched blue only right",
        width="stretch",
    )
    known = [(dice, name, far) for name, (dice, far) in found.scores.items() if dice is not None]
    st.dataframe(
        [
            {"Class": name, "Dice": dice, f"HD95 ({found.unit})": far}
            for dice, name, far in sorted(known, key=lambda item: item[0])  # What differs most comes first
        ],
        hide_index=True,
        placeholder="n/a",
        key="conflicts.scores",
        alt="Agreement of the two masks, class by class",
        column_config={
            "Dice": st.column_config.NumberColumn(format="%.3f", help="2 |A ∩ B| / (|A| + |B|)."),
            f"HD95 ({found.unit})": st.column_config.NumberColumn(
                format="%.1f",
                help="95 % Hausdorff distance of the outlines; n/a where one mask lacks the class.",
            ),
        },
    )


def _opinions(item: "Conflict") -> None:
    lines = [_opinion(one) for one in item.opinions]
    if (word := item.settled) is not None:
        chosen = _masks(item).get(word.mask or "") if word.action == "accept" else None
        lines.append(f"**Settled:** {_opinion(word, f'chose {chosen}' if chosen else '')}")
    st.markdown("  \n".join(lines))


def _opinion(one: "Opinion", done: str = "") -> str:
    said = ": ".join(escaped(text) for text in (one.reason, one.comment) if text)
    return f"{escaped(one.name)} {escaped(done) or _DONE[one.action]}" + (f" ({said})" if said else "")


def _word(review: "Review", item: "Conflict", identity: Identity) -> None:
    if review.closed is not None:
        st.caption("This review is closed; it takes no more decisions.")
    elif item.may_settle:
        _settle(review, item, identity)
    elif item.may_take_on:
        st.markdown("You are not one of its readers, so you may settle it.")
        if st.button("Settle this case myself", key="conflicts.take", type="primary"):
            conflicts.take_on(review.id, item.case.position, identity)
            st.rerun()
    elif item.settled is None:
        st.caption("Its adjudicator settles it; a researcher names one under Readers.")


def _settle(review: "Review", item: "Conflict", identity: Identity) -> None:
    position, masks = item.case.position, _masks(item)
    # A new word needs a new token, the same one sent twice must not
    stands = "" if item.settled is None else f"{item.settled.action} {item.settled.mask}"
    token, begun = state.kept(
        state.REVIEW_CONFLICT, (review.id, position, stands), lambda: (uuid4().hex, time.monotonic())
    )
    key = f"conflicts.{position}"
    choice = st.radio(
        "Go on with",
        [*masks, _NONE],
        format_func=lambda mask: escaped(masks[mask]) if mask else "none: reject the case",
        index=None,
        key=f"{key}.choice",
    )
    reason = st.text_input("Reason", key=f"{key}.reason") if choice == _NONE else ""
    comment = st.text_area("Comment", key=f"{key}.comment", height=80)
    if st.button("Settle", key="conflicts.settle", type="primary", disabled=choice is None):
        request = conflicts.build_word(token, choice, reason, comment, time.monotonic() - begun)
        conflicts.settle(review, position, identity, request)
        messages.notice(f"{item.case.sample} is settled.")
        st.rerun()
    st.button(
        "Draw my own at the desk",
        key="conflicts.desk",
        type="tertiary",
        icon=":material/edit:",
        help="It starts from the model's mask. What you correct there settles the case too.",
        on_click=_go_to_desk,
        args=(position,),
    )


def _go_to_desk(position: int) -> None:
    state.set_review_part("case", str(position))
    state.set_review_part("view", "Desk")
