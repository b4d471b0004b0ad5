"""The line over the viewer: how far one is, which cases are listed, and in which order."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Role
from core.domain.review import CaseState, RankWeights, WorklistFilter
from core.services.reviews import readers
from core.services.reviews import worklist as lists
from pages._ui import messages, state
from pages._ui.review import cases_table, words
from pages._ui.words import escaped

if TYPE_CHECKING:
    from core.services.reviews.board import Board
    from core.services.reviews.worklist import Worklist

_STATES: Final[dict[str, CaseState]] = {name: name for name in words.STATES}
_MOST_DIGITS = 10
_NAMES = ("class", "fold", "state", "reader", "random")


def find_filter() -> WorklistFilter:
    """The filter that the address names; what is none there lets all through."""
    return WorklistFilter(
        class_name=state.review_part("class"),
        fold=find_number("fold"),
        state=_STATES.get(state.review_part("state")),
        reader=state.review_part("reader"),
        random_only=bool(state.review_part("random")),
    )


def find_number(name: str) -> int | None:
    """The number that a part of the address is; None where it is none that anything here could have."""
    text = state.review_part(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else None


def find_weights(board: "Board") -> RankWeights:
    """The weights as the person has set them in this session; else those of the review."""
    kept = state.find(state.REVIEW_ORDER) or {}
    return kept.get(board.review.id, board.review.spec.settings.weights)


def draw(board: "Board", worklist: "Worklist", position: int) -> None:
    """The line, with its menus; `position` is the case in sight."""
    progress = lists.summarise(board)
    row = st.container(horizontal=True, vertical_alignment="center", key="review-toolbar")
    with row:
        st.markdown(words.describe_progress(progress), width="stretch")
        if acceptance := words.describe_acceptance(progress):
            with st.container(key="review-acceptance", width="content"):
                st.caption(acceptance, width="content", help=_ACCEPTANCE_HELP)
        _filter_menu(board)
        _order_menu(board)
        if st.button("Worklist", key="review.list", icon=":material/list:"):
            cases_table.show(board, worklist, position)
    wanted = find_filter()
    for name, found in (("fold", wanted.fold), ("state", wanted.state)):
        if found is None and (asked := state.review_part(name)):
            messages.caution(
                f"The address asks for the {name} “{asked[:40]}”, which is none; it is passed over."
            )
    if not worklist.listed:
        messages.caution("No case fits the filter; the list is empty until it is changed.")


_ACCEPTANCE_HELP = (
    "Cases drawn at random when the review was opened. Only they tell how many of all predictions would be "
    "accepted: the others are ranked first because something is wrong with them. 95 % score interval."
)


def _filter_menu(board: "Board") -> None:
    wanted = find_filter()
    parts = [
        "" if board.neutral else wanted.class_name,
        f"fold {wanted.fold}" if wanted.fold is not None else "",
    ]
    parts += [
        words.STATES[wanted.state].lower() if wanted.state else "",
        "one reader" if wanted.reader else "",
    ]
    parts.append("random only" if wanted.random_only else "")
    label = words.describe_filter([escaped(item) for item in parts if item])
    with st.popover(label, icon=":material/filter_alt:"):
        _choice("Class", "class", [] if board.neutral else board.classes, {})
        _choice("Fold", "fold", [str(fold) for fold in board.folds] if len(board.folds) > 1 else [], {})
        _choice("State", "state", list(words.STATES), dict(words.STATES))
        names = _name_readers(board)
        _choice("Reader", "reader", list(names), names)
        key = f"review.filter.random.{board.review.id}"
        st.session_state.setdefault(key, wanted.random_only)
        st.toggle("Random cases only", key=key, on_change=_set_random, args=(key,))
        st.button(
            "Clear the filter",
            key="review.clear",
            on_click=_clear,
            disabled=not any(map(state.review_part, _NAMES)),
        )


def _choice(label: str, name: str, options: list[str], titles: dict[str, str]) -> None:
    """One field of the filter; none where there is nothing to choose."""
    if not options:
        return
    key = f"review.filter.{name}"
    present = state.review_part(name)
    st.session_state[key] = present if present in options else None
    st.selectbox(
        label,
        options,
        index=None,
        format_func=lambda item: titles.get(item, item),
        placeholder="All",
        key=key,
        on_change=_set,
        args=(name, key),
    )


def _set(name: str, key: str) -> None:
    state.set_review_part(name, st.session_state[key] or "")


def _set_random(key: str) -> None:
    state.set_review_part("random", "1" if st.session_state[key] else "")


def _clear() -> None:
    for name in _NAMES:
        state.set_review_part(name, "")


def _name_readers(board: "Board") -> dict[str, str]:
    """Names of the assigned readers by id, oneself first; who is no researcher finds only themselves."""
    found = {reader for names in board.readers().values() for reader in names}
    you = board.identity
    named = {you.id: "You"} if you.id in found else {}
    if found and you.may(Role.RESEARCHER):
        people = readers.find_people(you)
        named |= {one.id: one.name for one in people if one.id in found and one.id != you.id}
    return named


def _order_menu(board: "Board") -> None:
    weights = find_weights(board)
    with st.container(key="review-order", width="content"), st.popover("Order", icon=":material/sort:"):
        if board.neutral:
            st.markdown(
                "The cases come in random order: one by the model's figures would tell what it has drawn. It "
                "can be set here once you may see the model's masks of all cases."
            )
            return
        st.caption("How much each reason counts. The random cases keep their places in the draw.")
        for name, (title, help_text) in words.FIGURES.items():
            key = f"review.weight.{name}"
            st.session_state[key] = float(getattr(weights, name))
            st.slider(
                title, 0.0, 3.0, step=0.5, key=key, help=help_text, disabled=name not in board.reasons,
                on_change=_set_weights, args=(board.review.id,),
            )  # fmt: skip


def _set_weights(review_id: str) -> None:
    values = {name: st.session_state[f"review.weight.{name}"] for name in words.FIGURES}
    if not any(values.values()):
        messages.notice("At least one reason must count; the order stays as it was.")
        return
    kept = state.find(state.REVIEW_ORDER) or {}
    state.put(state.REVIEW_ORDER, {**kept, review_id: RankWeights(**values)})
