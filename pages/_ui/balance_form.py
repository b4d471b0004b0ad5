"""The controls of the balance page: the descent's buttons, the dial, whole copies, the drawer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.domain.balance import BalanceSpec, Bounds, ClassTarget, DescentSettings, Drift
from core.errors import TargetError
from core.services import balance
from pages._ui import balance_plans, balance_targets, balance_words, messages
from pages._ui.balance_desk import STEPS_A_FRAME, Desk
from pages._ui.words import count, figure, share

_DIAL = [0.0, *(digit * 10.0**power for power in range(-3, 1) for digit in (1.0, 2.0, 5.0)), 10.0]
_ESS_DIAL = [round(0.05 * i, 2) for i in range(1, 21)]
_RATES = [digit * 10.0**power for power in range(-4, 1) for digit in (1.0, 2.0, 5.0)]
_STRENGTHS = {"relative": "Relative", "min_ess": "Least sample", "raw": "γ as published"}
_DRIFTS = {"chi2": "χ² per image", "published": "RL as published"}
_DISTANCES = {"squared": "Squared", "euclidean": "Euclidean"}
_WAYS = {"ratio": "Ratio to the original", "softmax": "Softmax", "reference": "Reference, α in 5…10 000"}
_STARTS = {"multiplicity": "As many as now", "constant": "All equal", "current": "Where it is"}
Refresh = Callable[[], None]


@messages.guarded()
def draw(desk: Desk, refresh: Refresh) -> None:
    """The whole right column."""
    _buttons(desk, refresh)
    balance_targets.draw(desk, refresh)
    _dial(desk, refresh)
    _whole(desk, refresh)
    _advanced(desk, refresh)


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
            "drift", lambda spec: spec.model_copy(update={"drift": _drift(spec, value=st.session_state[key])})
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
    _fault(desk, "drift")
    st.caption(
        balance_words.cost(best.shares, best.ess, desk.live.spec, len(desk.table.sample_ids)),
        help=balance_words.HELP_ESS,
    )


def _dial_face(desk: Desk) -> tuple[str, list[float], Callable[[float], str], str]:
    """Label, positions, reading and explanation of the dial, for the meaning chosen under Advanced."""
    drift = desk.live.spec.drift
    if drift.strength == "min_ess":
        explanation = "The smallest γ whose optimum keeps this effective sample size, found by solving."
        return "Keep at least this effective sample", _near(_ESS_DIAL, drift.value), share, explanation
    if drift.strength == "raw":
        explanation = "c in F = L + c·RL, as it is. The range follows from the data."
        return "γ, price of drift", _near(_raw_range(desk), drift.value), balance_words.dial, explanation
    explanation = (
        "γ̂: the price of drift in units of the original distance, c = γ̂·L(p). Higher keeps more different "
        "images and misses T by more; 0 takes T at any price. At 0.2 about half the effective sample is kept."
    )
    return "γ, hold back duplicates", _near(_DIAL, drift.value), balance_words.dial, explanation


def _near(options: list[float], value: float) -> list[float]:
    """The positions with `value` among them."""
    return options if any(np.isclose(value, option) for option in options) else sorted([*options, value])


def _raw_range(desk: Desk) -> list[float]:
    """Positions of the raw dial: four decades around the distance of the original set."""
    weights = np.array([item.weight for item in desk.live.spec.targets])
    off = np.array([item.share for item in desk.live.spec.targets]) - desk.table.shares
    unit = max(float(weights @ off**2), 1e-6)
    if desk.live.spec.drift.kind == "published":
        proportions = desk.table.multiplicities / desk.table.multiplicities.sum()
        unit /= float(proportions @ proportions)
    middle = round(np.log10(unit))
    return [0.0, *(d * 10.0**p for p in range(middle - 4, middle + 2) for d in (1.0, 2.0, 5.0))]


def _drift(spec: BalanceSpec, **change: Any) -> Drift:
    return Drift(**{**spec.drift.model_dump(), **change})


def _fault(desk: Desk, group: str) -> None:
    if fault := desk.faults.get(group):
        messages.refusal(TargetError(fault))


def _whole(desk: Desk, refresh: Refresh) -> None:
    bounds, images = desk.live.spec.bounds, len(desk.table.sample_ids)

    def change() -> None:
        values = st.session_state
        desk.change(
            "bounds",
            lambda spec: spec.model_copy(
                update={
                    "bounds": Bounds(
                        total=values["balance.total"],
                        max_copies=values["balance.most"],
                        keep_originals=values["balance.keep_originals"],
                    )
                }
            ),
        )
        refresh()

    with st.expander(f"Whole copies · {_bounds_words(bounds, images)}", expanded="bounds" in desk.faults):
        st.number_input(
            "B, images in the balanced set",
            min_value=1,
            value=bounds.total,
            placeholder=f"{count(images)}, as many as now",
            key="balance.total",
            on_change=change,
            help="Copies are whole and add up to B exactly.",
        )
        st.number_input(
            "M, most copies of one image",
            min_value=1,
            value=bounds.max_copies,
            placeholder="no limit",
            key="balance.most",
            on_change=change,
        )
        st.checkbox(
            "Keep every original at least once",
            value=bounds.keep_originals,
            key="balance.keep_originals",
            on_change=change,
        )
        _fault(desk, "bounds")
        st.caption(_whole_words(desk))


def _bounds_words(bounds: Bounds, images: int) -> str:
    parts = [count(bounds.total or images)]
    parts += [f"at most {count(bounds.max_copies)} each"] if bounds.max_copies else []
    parts += ["originals kept"] if bounds.keep_originals else []
    return ", ".join(parts)


def _whole_words(desk: Desk) -> str:
    whole, now = desk.whole, desk.live.continuous
    return (
        f"Continuous: {balance_words.miss(now.shares, desk.live.spec)}. In whole copies: "
        f"{balance_words.miss(whole.shares, desk.live.spec)}; rounding moves no class by more than "
        f"{figure(whole.worst_error_images)} images."
    )


def _advanced(desk: Desk, refresh: Refresh) -> None:
    spec = desk.live.spec

    def change() -> None:
        desk.change("descent", lambda old: _read_drawer(old, st.session_state))
        desk.per_frame = st.session_state["balance.per_frame"]
        refresh()

    with st.expander(_drawer_title(spec, desk.per_frame), expanded="descent" in desk.faults):
        _fault(desk, "descent")
        _choice("γ is given as", _STRENGTHS, spec.drift.strength, "strength", change)
        _choice("Drift", _DRIFTS, spec.drift.kind, "drift", change)
        _choice("Distance", _DISTANCES, spec.distance, "distance", change)
        _choice("Parametrisation", _WAYS, spec.descent.parametrisation, "way", lambda: _take_way(change))
        _choice("Start value", _STARTS, spec.descent.start, "start", change)
        _adam(desk, change)
        st.caption("A start value counts from the next reset; all else takes effect at once.")
        _class_weights(desk, refresh)


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
    rates = _near(_RATES, descent.lr)
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

    number(left, "β₁", descent.beta1, "beta1", min_value=0.0, max_value=0.9999, step=0.01, format="%.4g")
    number(right, "β₂", descent.beta2, "beta2", min_value=0.0, max_value=0.99999, step=0.001, format="%.5g")
    number(left, "ε", descent.eps, "eps", min_value=1e-30, max_value=1.0, step=1e-16, format="%.0e")
    number(right, "Start factor", descent.start_constant, "factor", min_value=1e-3, max_value=1e6, step=0.5)
    number(left, "Step limit", descent.steps, "steps", min_value=1, max_value=1_000_000, step=500)
    number(right, "Steps a frame", desk.per_frame, "per_frame", min_value=1, max_value=1000, step=1)


def _take_way(change: Callable[[], None]) -> None:
    """Another parametrisation comes with the Adam settings that suit it."""
    settings = balance.default_settings(st.session_state["balance.way"])
    for name in ("lr", "beta1", "beta2", "eps"):
        st.session_state[f"balance.{name}"] = getattr(settings, name)
    change()


def _read_drawer(spec: BalanceSpec, values: Any) -> BalanceSpec:
    """The spec with what the drawer holds; a changed meaning of γ starts from that meaning's usual value."""
    strength = values["balance.strength"]
    drift = {"kind": values["balance.drift"], "strength": strength}
    if strength != spec.drift.strength:
        drift["value"] = {"relative": 0.02, "min_ess": 0.5, "raw": 1e-3}[strength]
    descent = DescentSettings(
        parametrisation=values["balance.way"],
        lr=values["balance.lr"],
        beta1=values["balance.beta1"],
        beta2=values["balance.beta2"],
        eps=values["balance.eps"],
        steps=values["balance.steps"],
        start=values["balance.start"],
        start_constant=values["balance.factor"],
    )
    return spec.model_copy(
        update={"drift": _drift(spec, **drift), "distance": values["balance.distance"], "descent": descent}
    )


def _drawer_title(spec: BalanceSpec, per_frame: int) -> str:
    """`Advanced`, and what in it differs from the default."""
    usual, now = DescentSettings(), spec.descent
    parts = [_STRENGTHS[spec.drift.strength]] * (spec.drift.strength != "relative")
    parts += [_DRIFTS[spec.drift.kind]] * (spec.drift.kind != "chi2")
    parts += [_DISTANCES[spec.distance]] * (spec.distance != "squared")
    parts += [now.parametrisation] * (now.parametrisation != usual.parametrisation)
    parts += [_STARTS[now.start].lower()] * (now.start != usual.start)
    for name, label in (("lr", "lr"), ("beta1", "β₁"), ("beta2", "β₂"), ("eps", "ε"), ("steps", "steps")):
        if getattr(now, name) != getattr(usual, name):
            parts.append(f"{label} {figure(getattr(now, name))}")
    parts += [f"{per_frame} steps a frame"] * (per_frame != STEPS_A_FRAME)
    parts += ["class weights"] * any(item.weight != 1 for item in spec.targets)
    return " · ".join(["Advanced", *parts])


def _class_weights(desk: Desk, refresh: Refresh) -> None:
    targets = desk.live.spec.targets
    names = [item.name for item in targets]
    weights = {item.name: item.weight for item in targets}

    def weigh() -> None:
        chosen = st.session_state["balance.weighed"]
        value = st.session_state[f"balance.weight.{chosen}"]
        changed = tuple(
            ClassTarget(name=item.name, share=item.share, weight=value) if item.name == chosen else item
            for item in targets
        )
        desk.change("descent", lambda spec: spec.model_copy(update={"targets": changed}))
        refresh()

    left, right = st.columns([3, 2])
    chosen = left.selectbox(
        "Weight of a class",
        names,
        key="balance.weighed",
        format_func=lambda name: name if weights[name] == 1 else f"{name} ({figure(weights[name])})",
        help="Factor of the class's squared miss in L. Among many classes rare ones hardly count otherwise.",
    )
    right.number_input(
        "in L",
        min_value=0.01,
        max_value=1000.0,
        value=weights[chosen],
        key=f"balance.weight.{chosen}",
        on_change=weigh,
    )
