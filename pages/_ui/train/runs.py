"""All training runs, the latest first, those of one experiment together."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.services.training import TrainingRun
from pages._ui import cache_runs, messages, state
from pages._ui.train import words as train_words
from pages._ui.words import age, counted, escaped

_LOOK_EVERY = 2.0  # seconds
_MOST = 12
_HERE, _ALL = "This dataset", "All datasets"


def draw(dataset_id: str | None, drawn: Sequence[TrainingRun]) -> None:
    """The list; while a run lives it is drawn again every two seconds.

    Args:
        dataset_id: The open dataset.
        drawn: The runs as the rest of the page shows them.
    """
    live = any(not run.progress.over for run in drawn)
    st.fragment(_list, run_every=_LOOK_EVERY if live else None, key="train.list")(
        dataset_id, tuple((run.id, run.progress.state) for run in drawn)
    )


@messages.guarded()
def _list(dataset_id: str | None, drawn: tuple[tuple[str, str], ...]) -> None:
    runs = cache_runs.runs()
    if tuple((run.id, run.progress.state) for run in runs) != drawn:
        st.rerun()
    head, choice = st.columns([2, 1], vertical_alignment="bottom")
    head.subheader("Runs", anchor=False)
    if dataset_id is not None:
        which = choice.segmented_control(
            "Runs of", [_HERE, _ALL], default=_HERE, key="train.which", label_visibility="collapsed"
        )
        runs = [run for run in runs if which != _HERE or run.dataset_id == dataset_id]
    if not runs:
        st.markdown(
            "No run yet. What is set on the right is trained in the background, and found here again."
        )
        return
    shown = runs if st.session_state.get("train.more") else runs[:_MOST]
    for experiment, members in groupby(shown, key=lambda run: run.request.experiment or run.id):
        _group(experiment, list(members))
    if len(runs) > _MOST:
        st.toggle(f"Show all {len(runs)} runs", key="train.more")


def _group(experiment: str, runs: Sequence[TrainingRun]) -> None:
    """The runs that were started together, and the way to compare them."""
    if len(runs) == 1:
        _row(runs[0])
        return
    with st.container(border=True, gap="xxsmall", key=f"train.group.{experiment}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            kind = experiment.partition("-")[0].upper()
            done = sum(run.progress.state == "finished" for run in runs)
            st.markdown(
                f"**Experiment {escaped(kind)}** · {done} of {counted(len(runs), 'run')} finished",
                width="stretch",
            )
            if st.button(
                "Compare these",
                key=f"train.compare.{experiment}",
                type="tertiary",
                icon=":material/monitoring:",
            ):
                ids = ",".join(run.id for run in reversed(runs))
                st.switch_page("pages/compare.py", query_params={"runs": ids})
        for run in reversed(runs):  # in the order in which they were asked for
            _row(run)


def _row(run: TrainingRun) -> None:
    name, words = st.columns([3, 2], vertical_alignment="center", gap="small")
    shown = run.id == state.training_id()
    title = escaped(run.request.title)
    if name.button(
        f"**{title}**" if shown else title,
        key=f"train.show.{run.id}",
        type="tertiary",
        icon=train_words.ICONS[run.progress.state],
        help=None if shown else "Show this run above",
    ):
        state.set_training(run.id)
        st.rerun()
    parts = [
        train_words.name_state(run, short=True),
        train_words.count_epochs(run.progress),
        age(run.created),
    ]
    words.caption(" · ".join(part for part in parts if part))
