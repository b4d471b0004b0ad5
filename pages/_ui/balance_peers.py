"""Today's samplers on the same T, beside ours: one table, each tuned as kindly as its one number allows."""

from typing import TYPE_CHECKING

import streamlit as st

from core.domain.balance import BalanceSpec
from core.services import balance, runs
from pages._ui import messages, tables
from pages._ui.balance_desk import Desk
from pages._ui.words import count, duration, figure, share

if TYPE_CHECKING:
    import pandas as pd

_NA = "n/a"
_WHAT = (
    "What other tools would make of the same T: each has one number, tuned here so that it comes as near to "
    "T as it can. None of them takes a target, a size or a cap, so all are compared without, drawing as "
    "many images as now."
)


def draw(desk: Desk) -> None:
    """A button where nothing has been compared for the present settings, progress, or the table."""
    spec = desk.live.spec
    key = balance.peers_key(desk.dataset.fingerprint, spec)
    found = balance.find_peers(desk.dataset_id, key)
    st.caption(_WHAT)
    if found is not None:
        _table(desk, found)
        return
    run_id = balance.find_peers_run(desk.dataset_id, key)
    if run_id is not None and not (run := runs.watch(run_id)).over:
        _watch(run_id)
        return
    if run_id is not None and run.state not in {"finished", "cancelled"}:
        messages.problem(
            run.message or "The comparison stopped before it was done.", run.log_tail or "No log was kept."
        )
    if st.button("Compare with peers", key="balance.peers.compare"):
        _compare(desk, key, spec)


def _compare(desk: Desk, key: str, spec: BalanceSpec) -> None:
    if balance.is_quick(desk.table):
        with st.spinner("Tuning the samplers"):
            balance.keep_peers(desk.dataset_id, key, desk.table, spec)
    else:
        balance.start_peers(desk.dataset_id, key, desk.table, spec)
    st.rerun(scope="fragment")


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
        runs.cancel(run_id)
        st.toast("Stopping the comparison.")


def _table(desk: Desk, found: list[balance.PeerResult]) -> None:
    frame = balance.peer_table(found)
    st.markdown(_reading(found))
    column = st.column_config.TextColumn
    st.dataframe(
        shown_frame(desk, frame),
        hide_index=True,
        key="balance.peer_table",
        alt="Samplers on the same target: distance, effective sample size, copies, duplicates, worst miss",
        column_config={
            "method": column("Method", width="medium"),
            "parameter": column("Its number", width="small", help="Tuned to this T"),
            "distance": column(
                "Distance L", width="small", help="Σ ω (share − T)²: squared, with the class weights"
            ),
            "worst_miss": column(
                "Worst miss, points", width="small", help="Largest |share − T|, percentage points"
            ),
            "ess": column("Effective sample", width="small", help="1 / (1 + χ²), share of N"),
            "largest_copies": column("Most copies", width="small", help="Of one image, in expectation"),
            "duplicates": column(
                "Duplicates", width="small", help="Copies beyond an image's first, in expectation"
            ),
            "ratio": column(
                "Times the possible",
                width="small",
                help="Its L, divided by L of the optimum that keeps at least the same effective sample size",
            ),
            "note": column("Source, or why there are no figures", width="large"),
        },
    )
    tables.save_button(lambda: frame, key="balance.peers.csv", file_name=f"{desk.dataset_id}_peers.csv")


def shown_frame(desk: Desk, frame: "pd.DataFrame") -> "pd.DataFrame":
    """The table as it is read: figures in words, `n/a` where a method cannot be asked."""
    import pandas as pd

    points = desk.columns[0].say_points if desk.quantity != "both" else lambda value: f"{100 * value:.3g}"

    def say(values: "pd.Series[float]", words: "object") -> list[str]:
        return [_NA if pd.isna(value) else words(value) for value in values]  # type: ignore[operator]

    return pd.DataFrame(
        {
            "method": frame["method"],
            "parameter": frame["parameter"],
            "distance": say(frame["distance"], figure),
            "worst_miss": say(frame["worst_miss"], points),
            "ess": say(frame["ess"], share),
            "largest_copies": say(frame["largest_copies"], figure),
            "duplicates": say(frame["duplicates"], count),
            "ratio": say(frame["ratio"], figure),
            "note": frame["note"].where(frame["note"] != "", frame["source"]),
        }
    )


def _reading(found: list[balance.PeerResult]) -> str:
    """What the table means, in a sentence."""
    ours = found[-1]
    peers = [item for item in found[1:] if not item.is_ours and not item.left_out]
    best = min(peers, key=lambda item: item.distance)
    if best.distance <= 0:
        return "A peer meets T exactly here; choose by effective sample size and copies."
    if ours.distance < best.distance:
        nearer = (
            f"{figure(best.distance / max(ours.distance, 1e-12))} times nearer to T (L) than the best peer"
        )
    else:
        nearer = f"farther from T than the nearest peer ({figure(ours.distance / best.distance)} times its L)"
    return (
        f"{ours.title} is {nearer}, {best.title}, at an effective sample of {share(ours.ess)} against "
        f"{share(best.ess)}. At the peer’s own effective sample an optimum comes {figure(best.ratio)} times "
        "nearer than it does."
    )
