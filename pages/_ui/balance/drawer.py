"""The drawer of the balance page: how γ, drift and distance are meant, and Adam's settings."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.domain.balance import BalanceSpec, DescentSettings
from core.services import balance
from pages._ui.balance import hold, targets
from pages._ui.balance.desk import STEPS_A_FRAME, Desk
from pages._ui.balance.hold import altered_drift, near
from pages._ui.words import counted, figure

_RATES = [digit * 10.0**power for power in range(-4, 1) for digit in (1.0, 2.0, 5.0)]
_STRENGTHS = {"relative": "Relative dial γ̂", "raw": "Raw γ, as published"}
_DRIFTS = {"chi2": "χ² per image", "published": "RL as published"}
_DISTANCES = {"squared": "Squared", "euclidean": "Euclidean"}
_WAYS = {"ratio": "Ratio to the original", "softmax": "Softmax", "reference": "Reference, α in 5…10 000"}
_STARTS = {"multiplicity": "As many as now", "constant": "All equal", "current": "Where it is"}


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The drawer; its title says what in it differs from the default."""
    spec = desk.live.spec

    def change() -> None:
        desk.change("descent", lambda old: _read_drawer(old, st.session_state))
        desk.per_frame = st.session_state["balance.per_frame"]
        refresh()

    with st.expander(_drawer_title(spec, desk.per_frame), key="balance.drawer"):
        targets.say_fault(desk, "descent")
        if spec.drift.strength not in hold.WISHES:
            _choice("γ is given as", _STRENGTHS, spec.drift.strength, "strength", change)
        _choice("Drift", _DRIFTS, spec.drift.kind, "drift", change)
        _choice("Distance", _DISTANCES, spec.distance, "distance", change)
        _choice("Parametrisation", _WAYS, spec.descent.parametrisation, "way", lambda: _take_way(change))
        _choice("Start value", _STARTS, spec.descent.start, "start", change)
        _adam(desk, change)
        st.caption("A start value counts from the next reset; all else takes effect at once.")


def show(spec: BalanceSpec) -> None:
    """Let the fields show settings that were set elsewhere; only from a callback."""
    descent = spec.descent
    rates = near(_RATES, descent.lr)
    values = {
        "drift": spec.drift.kind,
        "distance": spec.distance,
        "way": descent.parametrisation,
        "start": descent.start,
        "lr": min(rates, key=lambda rate: abs(rate - descent.lr)),
        "beta1": descent.beta1,
        "beta2": descent.beta2,
        "eps": descent.eps,
        "factor": descent.start_constant,
        "steps": descent.steps,
    }
    if spec.drift.strength in _STRENGTHS:
        values["strength"] = spec.drift.strength
    st.session_state.update({f"balance.{name}": value for name, value in values.items()})


def _choice(label: str, options: dict[str, str], value: str, key: str, change: Callable[[], None]) -> None:
    st.selectbox(
        label,
        list(options),
        index=list(options).index(value),
        format_func=options.__getitem__,
        key=f"balance.{key}",
        on_change=change,
    )


def _adam(desk: Desk, change: Callable[[], None]) -> None:
    descent = desk.live.spec.descent
    rates = near(_RATES, descent.lr)
    st.select_slider(
        "lr, learning rate",
        rates,
        value=min(rates, key=lambda rate: abs(rate - descent.lr)),
        format_func=figure,
        key="balance.lr",
        on_change=change,
    )
    left, right = st.columns(2)

    def number(place: Any, label: str, value: float, key: str, **limits: Any) -> None:
        place.number_input(label, value=value, key=f"balance.{key}", on_change=change, **limits)

    # No limits here: with limits Streamlit takes the default in silence for what breaks them; the server's
    # refusal says why.
    number(left, "β₁", descent.beta1, "beta1", step=0.01, format="%.4g")
    number(right, "β₂", descent.beta2, "beta2", step=0.001, format="%.5g")
    number(left, "ε", descent.eps, "eps", step=1e-16, format="%.0e")
    number(right, "Start factor", descent.start_constant, "factor", step=0.5)
    number(left, "Step limit", descent.steps, "steps", step=500)
    number(right, "Steps a frame", desk.per_frame, "per_frame", min_value=1, max_value=1000, step=1)


def _take_way(change: Callable[[], None]) -> None:
    """Another parametrisation comes with the Adam settings that suit it."""
    settings = balance.default_settings(st.session_state["balance.way"])
    for name in ("lr", "beta1", "beta2", "eps"):
        st.session_state[f"balance.{name}"] = getattr(settings, name)
    change()


def _read_drawer(spec: BalanceSpec, values: Any) -> BalanceSpec:
    """The spec with what the drawer holds; a changed meaning of γ starts from that meaning's usual value."""
    drift = {"kind": values["balance.drift"]}
    if spec.drift.strength not in hold.WISHES:
        drift["strength"] = values["balance.strength"]
    if drift.get("strength", spec.drift.strength) != spec.drift.strength:
        drift["value"] = {"relative": 0.02, "raw": 1e-3}[drift["strength"]]
    descent = balance.read_descent(
        {
            "parametrisation": values["balance.way"],
            "lr": values["balance.lr"],
            "beta1": values["balance.beta1"],
            "beta2": values["balance.beta2"],
            "eps": values["balance.eps"],
            "steps": values["balance.steps"],
            "start": values["balance.start"],
            "start_constant": values["balance.factor"],
        }
    )
    return spec.model_copy(
        update={
            "drift": altered_drift(spec, **drift),
            "distance": values["balance.distance"],
            "descent": descent,
        }
    )


def _drawer_title(spec: BalanceSpec, per_frame: int) -> str:
    """`Advanced`, and what in it differs from the default."""
    usual, now = DescentSettings(), spec.descent
    parts = [_STRENGTHS["raw"]] * (spec.drift.strength == "raw")
    parts += [_DRIFTS[spec.drift.kind]] * (spec.drift.kind != "chi2")
    parts += [_DISTANCES[spec.distance]] * (spec.distance != "squared")
    parts += [now.parametrisation] * (now.parametrisation != usual.parametrisation)
    parts += [_STARTS[now.start].lower()] * (now.start != usual.start)
    for name, label in (("lr", "lr"), ("beta1", "β₁"), ("beta2", "β₂"), ("eps", "ε"), ("steps", "steps")):
        if getattr(now, name) != getattr(usual, name):
            parts.append(f"{label} {figure(getattr(now, name))}")
    parts += [f"{per_frame} steps a frame"] * (per_frame != STEPS_A_FRAME)
    weighed = sum(item.weight != 1 for item in spec.column_targets)
    parts += [counted(weighed, "class weight")] * bool(weighed)
    return " · ".join(["Advanced", *parts])
