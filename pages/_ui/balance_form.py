"""The controls of the balance page: the descent's buttons, the target, the dial, and two drawers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from pages._ui import (
    balance_bounds,
    balance_drawer,
    balance_plans,
    balance_targets,
    balance_words,
    messages,
)
from pages._ui.balance_desk import Desk
from pages._ui.balance_drawer import altered_drift, near
from pages._ui.words import share

_DIAL = [0.0, *(digit * 10.0**power for power in range(-3, 1) for digit in (1.0, 2.0, 5.0)), 10.0]
_ESS_DIAL = [round(0.05 * i, 2) for i in range(1, 21)]
Refresh = Callable[[], None]


@messages.guarded()
def draw(desk: Desk, refresh: Refresh) -> None:
    """The whole right column."""
    _buttons(desk, refresh)
    balance_targets.draw(desk, refresh)
    _dial(desk, refresh)
    balance_bounds.draw(desk, refresh)
    balance_drawer.draw(desk, refresh)


def show(desk: Desk) -> None:
    """Let every field show what is asked after it was set elsewhere; only from a callback."""
    drift = desk.live.spec.drift
    positions = _dial_face(desk)[1]
    nearest = min(positions, key=lambda position: abs(position - drift.value))
    st.session_state[f"balance.dial.{drift.strength}"] = nearest
    balance_bounds.show(desk.live.spec.bounds)
    balance_drawer.show(desk.live.spec)


def _buttons(desk: Desk, refresh: Refresh) -> None:
    def act(what: str) -> None:
        if what == "toggle":
            desk.started = not desk.running
        elif what == "step":
            desk.started = False
            desk.advance(1)
        elif what == "reset":
            desk.reset()
        else:
            desk.jump()
        refresh()

    def button(label: str, what: str, key: str, **more: Any) -> None:
        st.button(
            label, key=f"balance.{what}", shortcut=key, on_click=act, args=(what,), width="stretch", **more
        )

    with st.container(horizontal=True, gap="small"):
        label = "Pause" if desk.running else "Start"
        button(label, "toggle", "S", type="secondary" if desk.over else "primary", disabled=desk.over)
        button("Step", "step", "N", disabled=desk.over)
        button("Reset", "reset", "B")
    with st.container(horizontal=True, gap="small"):
        button("To the optimum", "jump", "J")
        balance_plans.keep_button(desk)
    if desk.live.state.step >= desk.live.spec.descent.steps and desk.live.continuous.relative_gap > 1e-3:
        st.caption("The step limit is reached. Raise it under Advanced, or go to the optimum.")


def _dial(desk: Desk, refresh: Refresh) -> None:
    drift, best = desk.live.spec.drift, desk.live.optimum
    key = f"balance.dial.{drift.strength}"

    def turn() -> None:
        desk.change(
            "drift",
            lambda spec: spec.model_copy(update={"drift": altered_drift(spec, value=st.session_state[key])}),
        )
        refresh()

    label, options, words, explanation = _dial_face(desk)
    st.select_slider(
        label,
        options,
        value=min(options, key=lambda option: abs(option - drift.value)),
        format_func=words,
        key=key,
        on_change=turn,
        help=explanation,
    )
    balance_targets.say_fault(desk, "drift")
    st.caption(
        balance_words.cost(best.shares, best.ess, desk.live.spec, len(desk.table.sample_ids)),
        help=balance_words.HELP_ESS,
    )


def _dial_face(desk: Desk) -> tuple[str, list[float], Callable[[float], str], str]:
    """Label, positions, reading and explanation of the dial, for the meaning chosen under Advanced."""
    drift = desk.live.spec.drift
    if drift.strength == "min_ess":
        explanation = "The smallest γ whose optimum keeps this effective sample size, found by solving."
        return "Keep at least this effective sample", near(_ESS_DIAL, drift.value), share, explanation
    if drift.strength == "raw":
        explanation = "c in F = L + c·RL, as it is. The range follows from the data."
        return "γ, price of drift", near(_raw_range(desk), drift.value), balance_words.dial, explanation
    explanation = (
        "γ̂: the price of drift in units of the original distance, c = γ̂·L(p). Higher keeps more different "
        "images and misses T by more; 0 takes T at any price. At 0.2 about half the effective sample is kept."
    )
    return "γ, hold back duplicates", near(_DIAL, drift.value), balance_words.dial, explanation


def _raw_range(desk: Desk) -> list[float]:
    """Positions of the raw dial: four decades around the distance of the original set."""
    weights = np.array([item.weight for item in desk.live.spec.targets])
    off = np.array([item.share for item in desk.live.spec.targets]) - desk.original
    unit = max(float(weights @ off**2), 1e-6)
    if desk.live.spec.drift.kind == "published":
        proportions = desk.table.multiplicities / desk.table.multiplicities.sum()
        unit /= float(proportions @ proportions)
    middle = round(np.log10(unit))
    return [0.0, *(d * 10.0**p for p in range(middle - 4, middle + 2) for d in (1.0, 2.0, 5.0))]
