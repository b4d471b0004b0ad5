"""One training run: where it is, how well it learns, and the way to stop it, go on or delete it."""

import streamlit as st

from core.services import training
from core.services.training import TrainingRun, WatchedRun
from pages._ui import messages, state
from pages._ui.train import curves
from pages._ui.train import words as train_words
from pages._ui.words import escaped

_LOOK_EVERY = 1.0  # seconds
_TELLING = ("queued", "running")
_RESUMABLE = ("failed", "cancelled", "interrupted")


def draw(run: TrainingRun) -> None:
    """The panel; while the run lives it is drawn again every second, and nothing around it."""
    live = run.progress.state in _TELLING
    st.fragment(_follow, run_every=_LOOK_EVERY if live else None, key="train.panel")(
        run.id, run.progress.state
    )


@messages.guarded()
def _follow(run_id: str, drawn: str) -> None:
    seen = training.watch(run_id)
    if seen.run.progress.state != drawn:
        st.rerun()  # the list and the buttons of the page have changed too
    with st.container(border=True, key="train-panel"):
        _head(seen)
        _figures(seen)
        st.html(curves.draw(seen))
        _ended(seen.run)
        _buttons(seen.run)
        _asked(seen)


def _head(seen: WatchedRun) -> None:
    run = seen.run
    st.subheader(escaped(run.request.title), anchor=False)
    icon = train_words.ICONS[run.progress.state]
    parts = [f"**{train_words.name_state(run)}**", train_words.count_epochs(run.progress)]
    st.markdown(f"{icon} " + " · ".join(part for part in parts if part))
    share = run.progress.done / run.progress.total if run.progress.total else 0.0
    if seen.step is not None:
        words = train_words.describe_step(seen.step)
    else:
        words = run.progress.message if run.progress.state in _TELLING else ""
    st.progress(min(share, 1.0), text=escaped(words) or "\u00a0")


def _figures(seen: WatchedRun) -> None:
    over = seen.run.progress.over
    figures = train_words.run_figures(seen) if over else train_words.step_figures(seen.step)
    for cell, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        with cell.container(gap=None):
            st.caption(name)
            st.markdown(f"**{value}**")
    device = seen.step.device if seen.step else train_words.name_device(seen.run.request.device)
    st.caption(f"On {escaped(device)}" + (f" · process {seen.pid}" if seen.pid else ""))


def _ended(run: TrainingRun) -> None:
    """How a run ended that did not finish."""
    progress = run.progress
    if progress.state == "failed":
        st.error(escaped(progress.message), icon=train_words.ICONS["failed"])
    elif progress.state in _RESUMABLE:
        st.info(escaped(progress.message), icon=train_words.ICONS[progress.state])
    if progress.log_tail.strip():
        with st.expander("The end of the log", key="train.log"):
            st.code(progress.log_tail, language=None, wrap_lines=True)


def _buttons(run: TrainingRun) -> None:
    running = run.progress.state in _TELLING
    with st.container(horizontal=True):
        if st.button("Stop", key="train.stop", disabled=not running, shortcut="s", icon=":material/stop:"):
            training.stop(run.id)
            messages.notice("Stopping after the present batch. The last checkpoint is kept.")
            st.rerun()
        resumable = run.progress.state in _RESUMABLE
        if st.button(
            "Resume",
            key="train.resume",
            disabled=not resumable,
            shortcut="g",
            icon=":material/play_arrow:",
            help="Goes on from the last checkpoint, when the device is free.",
        ):
            training.resume(run.id)
            st.rerun()
        if st.button(
            "Delete",
            key="train.delete",
            disabled=run.progress.state == "running",
            icon=":material/delete:",
        ):
            _ask_delete(run)
        if run.progress.done and st.button("Compare", key="train.compare", icon=":material/monitoring:"):
            st.switch_page("pages/compare.py", query_params={"runs": run.id})


@st.dialog("Delete this run?")
@messages.guarded()
def _ask_delete(run: TrainingRun) -> None:
    st.markdown(
        f"The curves, checkpoints and predictions of **{escaped(run.request.title)}** are deleted from the "
        "workspace. The dataset and the plan stay."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="train.delete.yes", type="primary"):
            training.delete(run.id)
            state.set_training(None)
            messages.notice(f"The run “{run.request.title}” is deleted.")
            st.rerun()
        if st.button("Keep it", key="train.delete.no"):
            st.rerun()


def _asked(seen: WatchedRun) -> None:
    """What was asked, what each fold had, where the files lie."""
    with st.expander("What was asked, and where it lies", key="train.asked"):
        st.markdown(
            "\n".join(f"- {escaped(line)}" for line in train_words.describe_request(seen.run.request))
        )
        for fold in seen.history.folds:
            line = (
                f"Fold {fold.fold}: {fold.train_images} images and {fold.duplicates} duplicates to train on, "
                f"{fold.validation_images} held out; {fold.weights}"
            )
            st.caption(escaped(". ".join([line, *fold.notes])))
        st.code(str(seen.folder), language=None, wrap_lines=True)
