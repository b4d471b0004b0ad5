"""Today's samplers on the same T, beside ours: one table, each tuned as kindly as its one number allows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.balance import BalanceSpec
from core.services import balance, runs
from pages._ui import messages, progress, tables
from pages._ui.balance.columns import pixel_points
from pages._ui.balance.desk import Desk
from pages._ui.words import count, duration, escaped, figure, share

if TYPE_CHECKING:
    import pandas as pd

_NA = "n/a"
_MUCH = 1000
_WHAT = (
    "What other tools would make of the same T: each has one number, tuned here so that it comes as near to "
    "T as it can. None of them takes a target, a size or a cap, so all are compared without, drawing as "
    "many images as now."
)


def draw(desk: Desk) -> None:
    """A button where nothing has been compared for the present settings, progress, or the table."""
    spec = desk.live.spec
    key = balance.peers_key(desk.dataset.fingerprint, spec)
    st.caption(_WHAT)
    if not balance.find_peers(desk.dataset_id, key) and not _compare(desk, key, spec):
        return
    if found := balance.find_peers(desk.dataset_id, key):
        _table(desk, found)


def _compare(desk: Desk, key: str, spec: BalanceSpec) -> bool:
    """Offer to compare, or show how far it is; True when there is an answer."""
    run_id = balance.find_peers_run(desk.dataset_id, key)
    run = runs.watch(run_id) if run_id else None
    if run and not run.over:
        _watch(run.id)
        return False
    if run and run.state not in {"finished", "cancelled"}:
        messages.problem(run.message or "The comparison stopped before it was done.", run.log_tail)
    place = st.empty()
    if not place.button("Compare with peers", key="balance.peers.compare"):
        return False
    if balance.is_quick(desk.table):
        with place, st.spinner("Tuning the samplers"):
            balance.keep_peers(desk.dataset_id, key, desk.table, spec)
        place.empty()
        return True
    with place.container():
        _watch(balance.start_peers(desk.dataset_id, key, desk.table, spec))
    return False


@st.fragment(run_every=0.5)
@messages.guarded()
def _watch(run_id: str) -> None:
    """How far the comparison is; when it is over, the page shows its table."""
    run = runs.watch(run_id)
    if run.over:
        st.rerun()
    left = f" · {duration(run.eta)} left" if run.eta is not None else ""
    st.progress(min(run.done / run.total, 1.0) if run.total else 0.0, text=f"Tuning the samplers{left}")
    if st.button("Cancel", key="balance.peers.cancel"):
        progress.cancel(run_id)
        st.toast("Stopping the comparison.")


def _table(desk: Desk, found: list[balance.PeerResult]) -> None:
    frame = balance.peer_table(found)
    st.markdown(_reading(desk, found))
    column = st.column_config.TextColumn
    st.dataframe(
        shown_frame(desk, frame),
        hide_index=True,
        key="balance.peer_table",
        alt="Samplers on the same target: distance, effective sample size, copies, duplicates, worst miss",
        column_config={
            "method": column("Method, its number", help="Tuned so that L is least"),
            "worst_miss": column("Worst miss", help="Largest |share − T|, in percentage points"),
            "distance": column("Distance L", help="Σ ω (share − T)²: squared, with the class weights"),
            "ess": column("Effective sample", help="1 / (1 + χ²), share of N"),
            "largest_copies": column("Most copies", help="Of one image, in expectation"),
            "duplicates": column("Duplicates", help="Copies beyond an image’s first, in expectation"),
            "ratio": column(
                "Times the optimum",
                help="Its L, divided by L of the optimum that keeps at least the same effective sample size: "
                "how much nearer to T one can come at that price",
            ),
        },
    )
    tables.save_button(lambda: frame, key="balance.peers.csv", file_name=f"{desk.dataset_id}_peers.csv")
    with st.expander("Where they come from", key="balance.peers.sources"):
        st.markdown(
            "\n".join(f"- **{item.title}**: {escaped(item.left_out or item.source)}" for item in found)
        )


def shown_frame(desk: Desk, frame: "pd.DataFrame") -> "pd.DataFrame":
    """The table as it is read: figures in words, `n/a` where a method cannot be asked."""
    import pandas as pd

    def say(values: "pd.Series[float]", words: Callable[[float], str]) -> list[str]:
        return [_NA if pd.isna(value) else words(value) for value in values]

    named = frame["method"] + frame["parameter"].map(lambda text: f" · {text}" if text else "")
    return pd.DataFrame(
        {
            "method": named,
            "worst_miss": say(frame["worst_miss"], lambda value: f"{_say_points(desk, value)} points"),
            "distance": say(frame["distance"], figure),
            "ess": say(frame["ess"], share),
            "largest_copies": say(frame["largest_copies"], lambda value: f"{value:.1f}"),
            "duplicates": say(frame["duplicates"], count),
            "ratio": say(frame["ratio"], say_ratio),
        }
    )


def _say_points(desk: Desk, value: float) -> str:
    return pixel_points(value) if desk.quantity == "pixels" else f"{100 * value:.1f}"


def say_ratio(value: float) -> str:
    """How many times; where the optimum meets T the quotient is noise.

    >>> say_ratio(10.84), say_ratio(1.4e9)
    ('10.8', '> 1000')
    """
    return figure(value) if value <= _MUCH else f"> {_MUCH}"


def _reading(desk: Desk, found: list[balance.PeerResult]) -> str:
    """What the table means, in words."""
    peers = [item for item in found[1:] if not item.is_ours and not item.left_out]
    best, ours = min(peers, key=lambda item: item.distance), found[-1]
    said = [
        f"{name} {escaped(item.title)} misses the worst class by {_say_points(desk, item.worst_miss)} "
        f"points at an effective sample of {share(item.ess)}."
        for name, item in (("Nearest of the peers:", best), ("Ours:", ours))
    ]
    least, most = (say_ratio(pick(item.ratio for item in peers)) for pick in (min, max))
    times = (least if least == most else f"{least} to {most}").replace("> ", "more than ")
    said.append(f"At each peer’s own effective sample, a proved optimum is {times} times nearer to T.")
    said += [
        f"{_NA}: {left_out}" for left_out in dict.fromkeys(item.left_out for item in found if item.left_out)
    ]
    return " ".join(said)
