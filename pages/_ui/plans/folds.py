"""Folds: divide the images into test parts by group, then solve the settings on each training part."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from core.services import runs, splits
from pages._ui import cache, messages, progress, state
from pages._ui.balance import steps
from pages._ui.plans import folds_result, folds_solved
from pages._ui.words import counted, escaped

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk

_OWN, _PATTERN = "The dataset's own groups", "A pattern on the file name"
_FEWEST, _USUAL, _MOST = 2, 5, 50
_LARGEST_SEED = 2**31 - 1
_MATCHES = 5
_QUICK_BYTES = 150_000_000  # read in about a second; more is compared in the background


@dataclass(frozen=True, slots=True)
class FoldRequest:
    """What a person asked: k, the seed, and the pattern that takes the place of the dataset's own groups."""

    folds: int
    seed: int
    pattern: str | None

    @classmethod
    def from_address(cls) -> "FoldRequest | None":
        """What a link or a reload asks; None where it asks nothing that could be asked here."""
        said = state.folds_asked()
        if not (said.get("folds", "").isdecimal() and said.get("seed", "0").isdecimal()):
            return None
        folds, seed = int(said["folds"]), int(said.get("seed", "0"))
        within = _FEWEST <= folds <= _MOST and seed <= _LARGEST_SEED
        return cls(folds, seed, said.get("group")) if within else None

    def to_address(self) -> dict[str, str]:
        """The request as the address says it."""
        said = {"folds": str(self.folds), "seed": str(self.seed)}
        return said if self.pattern is None else {**said, "group": self.pattern}


def draw(desk: "Desk") -> None:
    """The question, then its answer; a link or a reload asks again what was asked."""
    asked: FoldRequest | None = state.find(state.FOLDS)
    if asked is None and (asked := FoldRequest.from_address()) is not None:
        state.put(state.FOLDS, asked)
    elif asked is not None and not state.folds_asked():  # another page has cleared the address
        state.set_folds_asked(asked.to_address())
    request = _ask(desk, asked)
    if st.button("Divide into folds", key="folds.divide"):
        asked = request
        state.put(state.FOLDS, asked)
        state.drop(state.FOLDS_SOLVED)
        state.set_folds_asked(asked.to_address())
    if asked is None:
        st.markdown(
            "Each fold tests on its own part of the images and trains on all others. Groups stay whole, so "
            "that no patient, video or copied file is on both sides; only the training part is ever balanced."
        )
    elif (found := _find(desk, asked)) is not None:
        folds_result.draw(desk, found, asked.seed)
        folds_solved.draw(desk, found)
        steps.lead("folds.next", steps.SET, "write the balanced set")


def _ask(desk: "Desk", asked: FoldRequest | None) -> FoldRequest:
    """The fields; they begin with what was asked last."""
    first = asked or FoldRequest(_USUAL, 0, None)
    left, middle, right = st.columns([1, 1, 2])
    folds = left.number_input(
        "Folds", _FEWEST, _MOST, first.folds, key="folds.count", help="k, how many disjoint test parts."
    )
    seed = middle.number_input(
        "Seed", 0, _LARGEST_SEED, first.seed, key="folds.seed", help="The same seed gives the same folds."
    )
    with right:
        ways = [_OWN, _PATTERN]
        way = st.selectbox("Keep together", ways, int(first.pattern is not None), key="folds.way")
    pattern = _ask_pattern(first.pattern or "") if way == _PATTERN else None
    if way == _OWN or pattern:
        with messages.guarded():
            _say_groups(desk, pattern)
    return FoldRequest(int(folds), int(seed), pattern)


def _ask_pattern(first: str) -> str | None:
    typed = st.text_input(
        "Regular expression",
        first,
        key="folds.pattern",
        placeholder="^[^_]+",
        help="Searched in the file name, then in the path. Images with the same match, or the same first "
        "capture group, stay in one fold: `^[^_]+` takes what stands before the first underscore.",
    )
    return typed or None


def _say_groups(desk: "Desk", pattern: str | None) -> None:
    """How many groups the names make, and what the first images get."""
    groups = cache.named_groups(desk.dataset_id, pattern)
    alone = sum(not name for name in groups.names)
    named = len({name for name in groups.names if name})
    if not named:
        st.caption("No image names a group, so each is one of its own; equal files still stay together.")
        return
    st.caption(
        f"{counted(named, 'group')} by name"
        + (f"; {counted(alone, 'image')} without one, each by itself." if alone else ".")
    )
    if pattern is not None:
        pairs = [
            f"{escaped(sample.id)} → **{escaped(name) or 'by itself'}**"
            for sample, name in zip(desk.dataset.samples[:_MATCHES], groups.names, strict=False)
        ]
        st.caption("  \n".join(pairs))


def _find(desk: "Desk", asked: FoldRequest) -> splits.DatasetSplit | None:
    """The folds; None while the image files are compared, or where they cannot be divided like this."""
    version = (desk.dataset_id, cache.version(desk.dataset_id), asked)
    held = state.find(state.FOLDS_FOUND)
    if (held is None or held[0] != version) and not _compared(desk):
        return None
    try:
        with st.spinner("Dividing the images"):
            return state.kept(state.FOLDS_FOUND, version, lambda: _divide(desk, asked))
    except AppError as error:
        messages.refusal(error)
        return None


def _divide(desk: "Desk", asked: FoldRequest) -> splits.DatasetSplit:
    groups = splits.find_groups(desk.dataset, asked.pattern)
    return splits.split_dataset(desk.dataset, groups, asked.folds, asked.seed)


def _compared(desk: "Desk") -> bool:
    """Whether the image files are read, so that equal ones are known; much of it is read elsewhere."""
    run_id = state.find(state.FOLDS_RUN)
    if run_id is None:
        with st.spinner("Looking at the image files"):
            unread = splits.count_unread_bytes(desk.dataset)
        if unread <= _QUICK_BYTES:
            return True
        run_id = splits.start_comparison(desk.dataset_id)
        state.put(state.FOLDS_RUN, run_id)
    run = runs.watch(run_id)
    if not run.over:
        progress.watch(run_id)
        return False
    state.drop(state.FOLDS_RUN)
    if run.state == "finished":
        return True
    state.drop(state.FOLDS)
    state.set_folds_asked({})
    if run.state == "cancelled":
        st.info("Stopped. What was compared is kept; divide again to go on.", icon=":material/stop_circle:")
    else:
        messages.problem(
            run.message or "The comparison stopped before it was done.", run.log_tail or "No log."
        )
    return False
