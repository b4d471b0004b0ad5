"""How duplicates are held back: a price of drift γ, or a wish for which the least γ is found."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import streamlit as st

from core.domain.balance import BalanceSpec, Drift, StrengthKind
from core.services import balance
from pages._ui.balance import targets
from pages._ui.balance import words as balance_words
from pages._ui.balance.desk import Desk
from pages._ui.words import count, figure, share

WISHES: Final = ("min_ess", "max_copies")
_WAYS = {
    "price": "γ, a price",
    "min_ess": "at least an effective sample",
    "max_copies": "at most M copies of an image",
}
_HELP = (
    "**γ**: the price of moving away from the original proportions. Or say what you wish, and the smallest "
    "γ that grants it is found by bisection on the proved optimum: a least **effective sample size**, or "
    "the most **copies of one image**. A hard limit on copies, whatever γ is, stands under Whole copies."
)
_DIAL = [0.0, *(digit * 10.0**power for power in range(-3, 1) for digit in (1.0, 2.0, 5.0)), 10.0]
_ESS_DIAL = [round(0.05 * i, 2) for i in range(1, 21)]
_NO_PRICE = 2e-5  # the search for a wish ends here: a smaller γ̂ changes nothing


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The choice, its dial, and what it costs."""
    drift, best = desk.live.spec.drift, desk.live.optimum
    taken = desk.taken
    key = f"balance.way_to_hold.{taken}"

    def choose() -> None:
        if not desk.is_stale(taken):
            _change_way(desk, st.session_state[key], refresh)

    st.selectbox(
        "Hold back duplicates by",
        list(_WAYS),
        index=list(_WAYS).index(drift.strength if drift.strength in WISHES else "price"),
        format_func=_WAYS.__getitem__,
        key=key,
        on_change=choose,
        help=_HELP,
    )
    _dial(desk, refresh)
    targets.say_fault(desk, "drift")
    st.caption(
        _found(desk) + balance_words.cost(best.shares, best.ess, desk.live.spec, len(desk.table.sample_ids)),
        help=balance_words.HELP_ESS,
    )


def near(options: list[float], value: float) -> list[float]:
    """The positions with `value` among them."""
    return options if any(np.isclose(value, option) for option in options) else sorted([*options, value])


def altered_drift(spec: BalanceSpec, **change: Any) -> Drift:
    """The drift of a spec with some fields changed.

    Raises:
        TargetError: one of them is out of its range.
    """
    return balance.read_drift({**spec.drift.model_dump(), **change})


def _change_way(desk: Desk, way: str, refresh: Callable[[], None]) -> None:
    """Another way begins where the present one has led to, so that the balance stays what it is."""
    most = float((desk.whole.total * desk.live.optimum.weights / desk.table.multiplicities).max())
    usual = {
        "price": {"strength": "relative", "value": float(f"{desk.live.dial:.3g}")},
        "min_ess": {"strength": "min_ess", "value": max(np.floor(100 * desk.live.optimum.ess) / 100, 0.01)},
        "max_copies": {"strength": "max_copies", "value": float(np.ceil(most - 1e-9))},
    }[way]
    desk.change("drift", lambda spec: spec.model_copy(update={"drift": altered_drift(spec, **usual)}))
    desk.taken += 1
    refresh()


def _dial(desk: Desk, refresh: Callable[[], None]) -> None:
    drift = desk.live.spec.drift
    taken = desk.taken
    key = f"balance.dial.{drift.strength}.{taken}"

    def turn() -> None:
        if desk.is_stale(taken):
            return
        value = st.session_state[key]
        desk.change("drift", lambda spec: spec.model_copy(update={"drift": altered_drift(spec, value=value)}))
        refresh()

    if drift.strength == "max_copies":
        label, most = "M, most copies of one image", round(drift.value)
        st.number_input(label, value=most, step=1, key=key, on_change=turn)
        return
    label, words, explanation = _FACES[drift.strength]
    positions = _positions(desk)
    nearest = min(positions, key=lambda position: abs(position - drift.value))
    st.select_slider(
        label, positions, value=nearest, format_func=words, key=key, on_change=turn, help=explanation
    )


_FACES: dict[StrengthKind, tuple[str, Callable[[float], str], str]] = {
    "relative": (
        "γ, price of drift",
        balance_words.dial,
        "γ̂: the price of drift in units of the original distance, c = γ̂·L(p). Higher keeps more different "
        "images and misses T by more; 0 takes T at any price. At 0.2 about half the effective sample is "
        "kept.",
    ),
    "raw": (
        "γ, price of drift",
        balance_words.dial,
        "c in F = L + c·RL, as it is. The range follows from the data.",
    ),
    "min_ess": (
        "Keep at least this effective sample",
        share,
        "The smallest γ whose optimum keeps this effective sample size, found by solving.",
    ),
}


def _positions(desk: Desk) -> list[float]:
    """Positions of the dial's slider, for the way that is chosen, with the present one among them."""
    drift = desk.live.spec.drift
    if drift.strength == "min_ess":
        return near(_ESS_DIAL, drift.value)
    return near(_raw_range(desk) if drift.strength == "raw" else _DIAL, drift.value)


def _raw_range(desk: Desk) -> list[float]:
    """Positions of the raw dial: four decades around the distance of the original set."""
    weights = np.array([item.weight for item in desk.live.spec.column_targets])
    unit = max(float(weights @ (desk.targets - desk.original) ** 2), 1e-8)
    if desk.live.spec.drift.kind == "published":
        proportions = desk.table.multiplicities / desk.table.multiplicities.sum()
        unit /= float(proportions @ proportions)
    middle = round(np.log10(unit))
    return [0.0, *(d * 10.0**p for p in range(middle - 4, middle + 2) for d in (1.0, 2.0, 5.0))]


def _found(desk: Desk) -> str:
    """The γ that grants a wish, in words; nothing where γ was given."""
    drift, dial = desk.live.spec.drift, desk.live.dial
    if drift.strength not in WISHES:
        return ""
    if dial <= _NO_PRICE:
        return "Granted at next to no price: γ is almost 0. "
    wish = (
        f"an effective sample of {share(drift.value)}"
        if drift.strength == "min_ess"
        else f"at most {count(drift.value)} copies"
    )
    return f"γ found for {wish}: {figure(dial)}. "
