"""The controls of the balance page: the descent's buttons, the target, the dial, and two drawers."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages._ui import messages
from pages._ui.balance import bounds, drawer, hold, plans, targets
from pages._ui.balance.desk import Desk

Refresh = Callable[[], None]


@messages.guarded()
def draw(desk: Desk, refresh: Refresh) -> None:
    """The whole right column."""
    _buttons(desk, refresh)
    targets.draw(desk, refresh)
    hold.draw(desk, refresh)
    bounds.draw(desk, refresh)
    drawer.draw(desk, refresh)


def show(desk: Desk) -> None:
    """Let every field show what is asked after it was set elsewhere; only from a callback."""
    desk.taken += 1
    bounds.show(desk.live.spec.bounds)
    drawer.show(desk.live.spec)


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
        plans.keep_button(desk)
    if desk.live.state.step >= desk.live.spec.descent.steps and desk.live.continuous.relative_gap > 1e-3:
        st.caption("The step limit is reached. Raise it under Advanced, or go to the optimum.")
