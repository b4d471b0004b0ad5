"""Which runs are compared: chosen one by one, or an experiment at a time; the choice is in the address."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.services.training import TrainingRun
from pages._ui import state
from pages._ui.plans import words

_KEY: Final = "compare.runs"
_ADDRESS: Final = "runs"


def draw(runs: Sequence[TrainingRun]) -> list[str]:
    """The fields; returns the ids of the chosen runs in the order of the choice."""
    by_id = {run.id: run for run in runs}
    _follow_address(by_id)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        _experiments(runs)
    chosen = left.multiselect(
        "Runs",
        list(by_id),
        format_func=lambda run_id: _name(by_id[run_id]) if run_id in by_id else run_id,
        key=_KEY,
        help="The first one is what the others are compared with.",
        placeholder="Choose runs",
        persist_state="session",
    )
    address = ",".join(chosen)
    if state.find(state.COMPARED) != address or st.query_params.get(_ADDRESS) != address:
        state.put(state.COMPARED, address)
        st.query_params[_ADDRESS] = address
    return chosen


def _follow_address(by_id: dict[str, TrainingRun]) -> None:
    """A link wins; without one the last choice stays; at first the latest experiment is shown."""
    asked = st.query_params.get(_ADDRESS)
    if asked is not None and asked != state.find(state.COMPARED):
        st.session_state[_KEY] = [run_id for run_id in asked.split(",") if run_id in by_id]
        state.put(state.COMPARED, asked)
    elif _KEY not in st.session_state:
        st.session_state[_KEY] = _propose(list(by_id.values()))
    else:
        st.session_state[_KEY] = [run_id for run_id in st.session_state[_KEY] if run_id in by_id]


def _propose(runs: Sequence[TrainingRun]) -> list[str]:
    latest = next((run for run in runs if run.progress.done), None)
    if latest is None:
        return []
    return _members(runs, latest.request.experiment) if latest.request.experiment else [latest.id]


def _experiments(runs: Sequence[TrainingRun]) -> None:
    """One click for all runs that were started together."""
    names = list(dict.fromkeys(run.request.experiment for run in runs if run.request.experiment))
    if not names:
        return

    def take() -> None:
        st.session_state[_KEY] = _members(runs, st.session_state["compare.experiment"])

    st.menu_button(
        "Take an experiment",
        names,
        format_func=_name_experiment,
        key="compare.experiment",
        on_click=take,
        width="stretch",
    )


def _members(runs: Sequence[TrainingRun], experiment: str) -> list[str]:
    """The runs of an experiment in the order in which they were asked for."""
    return [run.id for run in reversed(runs) if run.request.experiment == experiment]


def _name(run: TrainingRun) -> str:
    return f"{run.request.title} · {words.moment(datetime.fromtimestamp(run.created, UTC).isoformat())}"


def _name_experiment(experiment: str) -> str:
    """Its paper and when it was started; ids are `s1-20261121-014240-ab12`.

    >>> _name_experiment("s1-20261121-014240-ab12")
    'S1, 2026-11-21 01:42 UTC'
    """
    kind, day, time, *_rest = (*experiment.split("-"), "", "")
    if len(day) != 8:
        return experiment
    stamp = words.moment(f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}")
    return f"{kind.upper()}, {stamp} UTC"
