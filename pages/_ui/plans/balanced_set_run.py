"""The writing of a balanced set: how far, how it ended, and the sets that lie on disk."""

import streamlit as st

from core.domain.scan import Problem
from core.services import balanced_sets, materialise, runs
from pages._ui import messages, progress, state
from pages._ui.dataset import opening
from pages._ui.words import count, counted, duration, escaped

_LOOK_EVERY = 0.5  # seconds
_MOST_LISTED = 20
_TELLING = 8  # images from which a speed says something: the processes that write start slowly


def draw(run: balanced_sets.SetRun) -> None:
    """The run that is at work, or how it ended."""
    if not run.progress.over:
        _follow(run.progress.id, str(run.request.folder))
    elif run.progress.state == "finished":
        _report(run)
    else:
        _ended(run)


@st.fragment(run_every=_LOOK_EVERY)
@messages.guarded()
def _follow(run_id: str, folder: str) -> None:
    """How far, how fast, how long still; once it is over the page is drawn anew."""
    run = runs.watch(run_id)
    if run.over:
        st.rerun()
    st.subheader("Writing the balanced set", anchor=False)
    share = run.done / run.total if run.total else 0.0
    st.progress(min(share, 1.0), text=progress_line(run))
    st.code(folder, language=None, wrap_lines=True)
    st.caption("It goes on when this page is closed, and is found here again.")
    if st.button("Cancel", key="set.cancel", shortcut="Esc"):
        progress.cancel(run_id)
        st.toast("Stopping. What is written is kept.")


def progress_line(progress: runs.RunProgress) -> str:
    """Step, images, images a second, time left."""
    parts = [escaped(progress.message) or "Starting"]
    if progress.total:
        parts.append(f"{count(progress.done)} of {count(progress.total)}")
    if progress.eta and progress.done >= _TELLING:
        parts.append(f"{(progress.total - progress.done) / progress.eta:.3g} images/s")
        parts.append(f"{duration(progress.eta)} left")
    return " · ".join(parts)


def _ended(run: balanced_sets.SetRun) -> None:
    """A run that was stopped, refused or killed, and the way on."""
    progress = run.progress
    if progress.state == "cancelled":
        st.info(escaped(progress.message), icon=":material/stop_circle:")
    elif progress.state == "interrupted":
        written = f"{count(progress.done)} of {count(progress.total)} images were written, and are kept. "
        st.info(
            "The writing was interrupted: its process is gone. " + written * bool(progress.total),
            icon=":material/stop_circle:",
        )
    elif progress.log_tail:
        messages.problem(progress.message, progress.log_tail)
    else:
        st.error(escaped(progress.message), icon=":material/error:")
    st.code(str(run.request.folder), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        _go_on_button(run, "Go on writing")
        _dismiss_button(run, "Choose other settings")


def _report(run: balanced_sets.SetRun) -> None:
    """What a finished run has written, and what comes next."""
    report = materialise.read_report(run.progress)
    st.subheader("The balanced set is written", anchor=False)
    st.markdown(report_line(report, run.progress.seconds))
    st.code(str(report.folder), language=None, wrap_lines=True)
    _problems(report.problems)
    with st.container(horizontal=True):
        if report.missing:
            _go_on_button(run, "Write the missing images")
        _open_button(run, "Next: open this set as a dataset")
        _dismiss_button(run, "Write another set")


def report_line(report: materialise.MaterialiseReport, seconds: float) -> str:
    """What was written, what had to be drawn again, what is missing."""
    again = "none had to be drawn again"
    if report.redrawn:
        again = (
            f"{count(report.redrawn)} had lost a class and were drawn again, {count(report.flipped)} of "
            "these only flipped in the end"
        )
    parts = [
        counted(report.images, "image"),
        f"{count(report.duplicates)} of them augmented",
        again,
        f"**{counted(report.missing, 'image')} missing**" if report.missing else "none missing",
        f"in {duration(seconds)}",
    ]
    return " · ".join(parts)


def _problems(problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    with st.expander(f"{counted(len(problems), 'file')} could not be used", expanded=True):
        for item in problems[:_MOST_LISTED]:
            st.markdown(f"**{escaped(item.file)}** {escaped(item.problem)} {escaped(item.next_step)}")
        if len(problems) > _MOST_LISTED:
            st.caption(f"{count(len(problems) - _MOST_LISTED)} more in problems.csv of the folder.")


def _go_on_button(run: balanced_sets.SetRun, label: str) -> None:
    if st.button(label, key="set.go_on"):
        materialise.go_on(run.request)
        st.rerun()


def _dismiss_button(run: balanced_sets.SetRun, label: str) -> None:
    if st.button(label, key="set.dismiss", type="tertiary"):
        state.put(state.SET_DISMISSED, run.progress.id)
        st.rerun()


def _open_button(run: balanced_sets.SetRun, label: str) -> None:
    if st.button(label, key=f"set.open.{run.progress.id}"):
        opening.start(str(run.request.folder))
        st.switch_page("pages/dataset.py")


def written(dataset_id: str) -> None:
    """The sets of this dataset that lie on disk."""
    sets = balanced_sets.list_written(dataset_id)
    if not sets:
        return
    st.subheader("Written sets", anchor=False)
    for run in sets[:_MOST_LISTED]:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            images = counted(int(run.progress.result["images"]), "image")
            name, place = run.request.folder.name, str(run.request.folder.parent)
            st.markdown(f"**{escaped(name)}** · {images} · {escaped(place)}", width="stretch")
            _open_button(run, "Open as a dataset")
