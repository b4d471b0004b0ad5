"""Time, memory and disk before anyone commits to them; what cannot be trained is refused here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.estimate import RunEstimate
from core.domain.training import TrainRequest
from core.services import runs, training
from pages._ui import messages, progress, tables
from pages._ui.words import counted, duration, escaped, figure

if TYPE_CHECKING:
    from core.services.runs import RunProgress

_TIGHT = 0.9  # of the memory: what else needs some may be refused it


def draw(requests: Sequence[TrainRequest], busy: bool) -> bool:
    """The estimate, its progress, or the button that asks for one; False where a start would be refused.

    Args:
        requests: The runs that would be started.
        busy: Whether a run is at work on their device, which slows the steps that are measured.
    """
    if (found := training.find_estimates(requests)) is not None:
        _say(found)
        return True
    run_id = training.find_estimate_run(requests)
    run = _find(run_id)
    if run is not None and not run.over:
        _follow(run.id)
        return True
    refused = run is not None and run.state == "failed"
    if run is not None and refused:
        if run.log_tail.strip():
            messages.problem(run.message, run.log_tail)
        else:
            st.error(escaped(run.message), icon=":material/error:")
    label = "Estimate again" if run is not None else "Estimate time and memory"
    if st.button(
        label, key="train.estimate", help="Trains a few real steps in the background, and keeps nothing."
    ):
        training.start_estimate(requests)
        st.rerun()
    if busy:
        st.caption("A run is at work on this device, so an estimate now would come out too long.")
    return not refused


def _find(run_id: str | None) -> "RunProgress | None":
    from core.errors import AppError

    try:
        return runs.watch(run_id) if run_id else None
    except AppError:  # its folder is gone; the estimate can be asked for again
        return None


@st.fragment(run_every=0.5)
@messages.guarded()
def _follow(run_id: str) -> None:
    """How far the estimate is; once it is over the page is drawn anew."""
    run = runs.watch(run_id)
    if run.over:
        st.rerun()
    share = run.done / run.total if run.total else 0.0
    st.progress(min(share, 1.0), text=f"Estimating · {escaped(run.message) or 'Starting'}")
    if st.button("Cancel the estimate", key="train.estimate.cancel", type="tertiary"):
        progress.cancel(run_id)


def _say(found: Sequence[RunEstimate]) -> None:
    st.markdown(f":material/timer: {sentence(found)}", help=_explain(found))
    if any(item.memory_bytes > _TIGHT * item.memory_total for item in found):
        messages.caution("That is nearly all the memory there is. A smaller batch is safer.")


def sentence(found: Sequence[RunEstimate]) -> str:
    """Time, memory, disk.

    >>> one = RunEstimate(
    ...     parameters=1, weights="", device="", folds=1, epochs=1, steps=1, step_seconds=1.0,
    ...     validation_seconds=0.1, first_seconds=0.0, seconds=720.0, memory_bytes=1_900_000_000,
    ...     memory_total=8_000_000_000, disk_bytes=500_000_000, measured_steps=5,
    ... )
    >>> sentence([one])
    'About **12 min**, 1.9 GB of the 8 GB of memory, up to 500 MB of disk.'
    """
    largest = max(found, key=lambda item: item.memory_bytes)
    memory = (
        f"{tables.file_size(largest.memory_bytes)} of the {tables.file_size(largest.memory_total)} of memory"
    )
    disk = tables.file_size(sum(item.disk_bytes for item in found))
    whole = duration(sum(item.seconds for item in found))
    after = f" for all {len(found)} runs, one after another" if len(found) > 1 else ""
    return f"About **{whole}**{after}, {memory}, up to {disk} of disk."


def _explain(found: Sequence[RunEstimate]) -> str:
    """What the sentence was made of."""
    lines = [
        f"{counted(item.folds, 'fold')} × {counted(item.epochs, 'epoch')} × {counted(item.steps, 'step')} of "
        f"{figure(item.step_seconds)} s, and {figure(item.validation_seconds)} s a held-out image; "
        f"{counted(item.parameters, 'parameter')}, {item.weights}; measured on {item.device} over "
        f"{counted(item.measured_steps, 'step')}."
        for item in found
    ]
    return "  \n".join([escaped(line) for line in lines] + ["Memory is the peak of the process or the GPU."])
