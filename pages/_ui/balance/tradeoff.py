"""The trade-off: how near to T at which effective sample size, and the γ that leads there."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from core.services import balance
from pages._ui import cache, tables
from pages._ui.balance.columns import pixel_points
from pages._ui.balance.desk import Desk
from pages._ui.entry import ROOT
from pages._ui.words import count, figure, share

if TYPE_CHECKING:
    import pandas as pd

PICTURE: Final = "balance.tradeoff"
_PATIENCE = 0.5  # seconds; a curve that took longer is drawn anew only when asked
_ASSETS = ROOT / "assets" / "balance"


def _read(*names: str) -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


_picture = st.components.v2.component(
    "counterpoise.tradeoff",
    html=_read("tradeoff.html"),
    css=_read("live.css", "tradeoff.css"),
    js=_read("words.js", "svg.js", "tradeoff.js"),
)


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """The curve with the present point; a click takes the γ of a point, and the descent goes on to it."""
    if desk.asks_nothing:
        st.markdown(
            "T is the original share of every class, so there is nothing to trade. Move a target first."
        )
        return
    if (tradeoff := _find_curve(desk)) is None:
        return

    def take() -> None:
        place = (st.session_state[PICTURE].get("take") or {}).get("place")
        if isinstance(place, int) and 0 <= place < len(tradeoff.curve.dial):
            desk.change("drift", lambda spec: balance.take_point(spec, tradeoff.curve, place))
            desk.started = True
            desk.taken += 1
        refresh()

    st.caption(
        "Each point is a proved optimum at one γ: at its effective sample size nothing comes nearer to T. "
        "Take a point by a click, or with the arrow keys and Enter.",
        help="25 optima from next to no price of drift to the original set; the present T, caps and weights.",
    )
    _picture(key=PICTURE, data=describe(desk, tradeoff), on_take_change=take)
    tables.save_button(
        lambda: curve_frame(tradeoff), key="balance.tradeoff.csv", file_name=f"{desk.dataset_id}_tradeoff.csv"
    )


def describe(desk: Desk, tradeoff: balance.Tradeoff) -> dict[str, Any]:
    """Everything that the component draws, as JSON."""
    curve, now = tradeoff.curve, balance.find_point(desk.live)
    roots = _root(desk, np.append(curve.distance, [now.distance, tradeoff.original_distance]))
    top = 1.08 * float(roots.max()) or 1.0
    least = min(float(curve.ess.min()), now.ess)
    low = max(0.0, np.floor(10 * (least - 0.15 * (1 - least))) / 10)  # room for words left of the curve
    return {
        "file": desk.dataset_id,
        "label": "Distance to the target against effective sample size; arrow keys choose a γ, Enter takes "
        "it",
        "axes": _axes(desk, low, top),
        "points": [
            {"ess": float(curve.ess[i]), "distance": float(roots[i]), "words": _say(desk, curve, roots, i)}
            for i in range(len(curve.dial))
        ],
        "current": {
            "ess": now.ess,
            "distance": float(roots[-2]),
            "place": int(np.abs(curve.ess - now.ess).argmin()),
            "label": f"now, γ {figure(now.dial)}",
            "words": f"Now γ {figure(now.dial)}: effective sample {share(now.ess)}, "
            f"distance {_points(desk, float(roots[-2]))} points.",
        },
        "near_end": f"γ almost 0: {_points(desk, float(roots[0]))} points, as near to T as can be",
        "far_end": "the original set",
    }


def curve_frame(tradeoff: balance.Tradeoff) -> "pd.DataFrame":
    """One line a point: gamma_relative, c, distance L, ess, largest_copies, duplicates, worst_miss."""
    import pandas as pd

    curve = tradeoff.curve
    return pd.DataFrame(
        {
            "gamma_relative": curve.dial,
            "c": curve.strength,
            "distance": curve.distance,
            "ess": curve.ess,
            "largest_copies": curve.largest_copies,
            "duplicates": curve.duplicates,
            "worst_miss": curve.worst_miss,
        }
    )


def _find_curve(desk: Desk) -> balance.Tradeoff | None:
    """The curve for the present T; where the last one took long, a button stands first."""
    asked = balance.without_dial(desk.live.spec)
    slow, drawn = desk.curve
    if slow and drawn != asked:
        wanted = st.button(
            "Trace the curve for the present target", key="balance.tradeoff.ask", type="tertiary"
        )
        if not wanted:
            return None
    start = time.perf_counter()
    tradeoff = cache.tradeoff(desk.dataset_id, desk.live.spec)
    seconds = time.perf_counter() - start
    desk.curve = (slow or seconds > _PATIENCE, asked)
    return tradeoff


def _root(desk: Desk, distances: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """Distances as lengths, in the units of a share: the squared one's root."""
    return distances if desk.live.spec.distance == "euclidean" else np.sqrt(distances)


def _axes(desk: Desk, low: float, top: float) -> dict[str, Any]:
    of = {"presence": "of the images", "pixels": "of the pixels", "both": "of images and pixels"}[
        desk.quantity
    ]
    weighed = any(item.weight != 1 for item in desk.live.spec.column_targets)
    step = _find_step(top / 5)
    every = 0.1 if low < 0.8 else 0.05
    return {
        "low": low,
        "high": 1.0,
        "top": top,
        "y_ticks": [{"at": at, "text": f"{100 * at:.3g}"} for at in np.arange(0, top, step).tolist()],
        "x_ticks": [{"at": at, "text": f"{100 * at:.0f} %"} for at in np.arange(low, 1.001, every).tolist()],
        "x_title": "effective sample size, share of the images",
        "y_title": f"distance to T, percentage points {of} (root of the {'weighed ' * weighed}sum of "
        "squared misses)",
    }


def _find_step(least: float) -> float:
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least))


def _points(desk: Desk, value: float) -> str:
    return pixel_points(value) if desk.quantity == "pixels" else f"{100 * value:.3g}"


def _say(desk: Desk, curve: balance.TradeoffCurve, roots: "np.typing.NDArray[np.float64]", place: int) -> str:
    miss = float(curve.worst_miss[place])
    return (
        f"γ {figure(float(curve.dial[place]))}: effective sample {share(float(curve.ess[place]))}, distance "
        f"{_points(desk, float(roots[place]))} points, worst class off by "
        f"{pixel_points(miss) if desk.quantity == 'pixels' else f'{100 * miss:.1f}'} points, at most "
        f"{curve.largest_copies[place]:.1f} copies of an image, {count(curve.duplicates[place])} duplicates."
    )
