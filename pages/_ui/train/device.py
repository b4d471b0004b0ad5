"""Which device a run waits for and uses."""

from typing import Final

import streamlit as st

from core.services import runs, settings
from pages._ui import messages, progress, state, tables

_AUTO: Final = {"auto": "Automatic", "cpu": "CPU"}


def draw() -> str:
    """The field, and the button that looks for devices; returns the wish as `build_request` takes it."""
    _follow_probe()
    found = settings.devices()
    options = dict(_AUTO)
    if found is not None:
        if len(found.gpus) > 1:
            options["cuda"] = f"All {len(found.gpus)} GPUs together"
        options |= {
            f"cuda:{place}": f"GPU {place}: {name}, {tables.file_size(size)}"
            for place, (name, size) in enumerate(found.gpus)
        }
        if not found.gpus:
            options["auto"] = "Automatic: the CPU"
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Device",
        list(options),
        format_func=lambda device: options.get(device, device),
        key="train.device",
        help="Automatic takes a GPU if there is one. One run at a time on a device; the others wait in the "
        "order in which they were started.",
        persist_state="session",
    )
    label = "Look for devices" if found is None else "Look again"
    if right.button(label, key="train.probe", type="tertiary", disabled=bool(state.find(state.PROBE))):
        state.put(state.PROBE, settings.start_probe())
        st.rerun()
    return chosen


def _follow_probe() -> None:
    if not (run_id := state.find(state.PROBE)):
        return
    run = runs.watch(run_id)
    if not run.over:
        progress.watch(run_id)
        return
    state.drop(state.PROBE)
    if run.state != "finished":
        messages.problem("The devices could not be asked.", run.log_tail or run.message)
