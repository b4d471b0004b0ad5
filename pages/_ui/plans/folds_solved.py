"""The settings solved anew on each fold's training part, one fold after the other."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.errors import AppError, TargetError
from core.services import balance, splits
from pages._ui import cache, messages, state, tables
from pages._ui.balance import words
from pages._ui.words import escaped

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

    from pages._ui.balance.desk import Desk

_DESK = "-"  # stands for what is asked above, among the ids of plans
_UNFORESEEN = (
    "Something unexpected stopped the solving; the server's log has it. Solve again, or other settings."
)
_TICK = 0.1  # seconds between two folds, in which a person can stop


@dataclass
class Solving:
    """Folds that are solved one by one; `plans` grows until it has them all.

    `found` is the split that it belongs to: for another one it is of no use.
    """

    found: splits.DatasetSplit
    table: LabelTable
    spec: BalanceSpec
    title: str
    notes: tuple[str, ...]
    plans: list[balance.FoldPlan] = field(default_factory=list)
    stopped: bool = False
    fault: str = ""

    @property
    def over(self) -> bool:
        """Whether every fold is solved."""
        return len(self.plans) == self.found.split.folds


def draw(desk: "Desk", found: splits.DatasetSplit) -> None:
    """The question whose settings, then the answer of each fold; a reload solves again what was solved."""
    st.subheader("Balance each training part", anchor=False)
    said = state.folds_asked()
    if (chosen := _ask(desk, said.get("solve"))) is not None:
        state.set_folds_asked({**said, "solve": chosen[0]})
        state.put(state.FOLDS_SOLVED, _begin(desk, found, *chosen))
    solving: Solving | None = state.find(state.FOLDS_SOLVED)
    if solving is None or solving.found is not found:
        return
    for note in solving.notes:
        messages.caution(note)
    if solving.fault:
        messages.refusal(TargetError(solving.fault))
    elif solving.over:
        _result(desk, solving)
    elif not solving.stopped:
        _advance(solving)


def _ask(desk: "Desk", said: str | None) -> tuple[str, str] | None:
    """The settings to solve by now, id and title: those chosen, or those that a reload asks for."""
    titles = {_DESK: "What is asked above"} | {entry.id: entry.name for entry in cache.plans(desk.dataset_id)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Settings",
            list(titles),
            list(titles).index(said) if said in titles else 0,
            format_func=lambda key: titles.get(key, key),
            key="folds.settings",
            width=320,
            help="Target, γ and caps; solved anew on each training part, with B in proportion to its size.",
        )
        if st.button("Solve on each training part", key="folds.solve"):
            return chosen, titles[chosen]
    again = said in titles and state.find(state.FOLDS_SOLVED) is None
    return (said, titles[said]) if again else None


def _begin(desk: "Desk", found: splits.DatasetSplit, chosen: str, title: str) -> Solving:
    if chosen == _DESK:
        return Solving(found, desk.table, desk.live.spec, "the settings above", ())
    entry = balance.read_entry(desk.dataset_id, chosen)
    spec, notes = balance.fit_spec(entry.summary.spec, desk.dataset)
    return Solving(found, balance.quantity_table(desk.dataset, spec.quantity), spec, f"“{title}”", notes)


@st.fragment(run_every=_TICK)
@messages.guarded()
def _advance(solving: Solving) -> None:
    """Solve one more fold each time; what is refused once is not asked again."""
    done, folds = len(solving.plans), solving.found.split.folds
    if solving.over or solving.stopped or solving.fault:
        st.rerun()
    st.progress(done / folds, text=f"Solving fold {done + 1} of {folds}")
    if st.button("Cancel", key="folds.cancel", shortcut="Esc"):
        solving.stopped = True
        st.rerun()
    solving.fault = _UNFORESEEN
    try:
        solving.plans.append(balance.solve_fold(solving.table, solving.spec, solving.found.split, done))
        solving.fault = ""
    except AppError as error:
        solving.fault = f"Fold {done + 1}: {error}"


def _result(desk: "Desk", solving: Solving) -> None:
    frame = balance.fold_figures(solving.plans)
    st.caption(f"Solved with {escaped(solving.title)}; the test parts stay as they are.")
    st.dataframe(
        frame.assign(ess=100 * frame["ess"], worst_miss=100 * frame["worst_miss"]),
        hide_index=True,
        key="folds.solved",
        alt="The balance of each fold's training part",
        column_config=_columns(solving.spec),
    )
    _say_notes(solving)
    with st.container(horizontal=True):
        tables.save_button(
            lambda: frame, key="folds.solved.csv", file_name=f"{desk.dataset_id}_folds_balanced.csv"
        )
        tables.save_button(
            lambda: balance.fold_copies(solving.table, solving.found.split, solving.plans),
            key="folds.copies.csv",
            file_name=f"{desk.dataset_id}_folds_copies.csv",
            label="Copies of each image as CSV",
        )


def _columns(spec: BalanceSpec) -> "dict[str, ColumnConfig]":
    column = st.column_config.NumberColumn
    points = "%.1f" if spec.quantity == "presence" else "%.2g"  # a lesion may cover little
    return {
        "fold": column("Fold", width="small"),
        "test_images": column("Test images", format="localized"),
        "training_images": column("Training images", format="localized"),
        "images": column("Balanced, B", format="localized", help=words.HELP_TOTAL),
        "duplicates": column("Duplicates", format="localized", help=words.HELP_DUPLICATES),
        "dropped": column("Dropped", format="localized", help=words.HELP_DROPPED),
        "max_copies": column("Most copies", format="localized", help=words.HELP_MOST),
        "ess": column("Effective sample", format="%.1f %%", help=words.HELP_ESS),
        "worst_miss": column(
            "Worst miss, points", format=points, help="Largest |achieved − target|, in whole copies"
        ),
    }


def _say_notes(solving: Solving) -> None:
    """What a training part could not be asked for."""
    for plan in solving.plans:
        for note in plan.notes:
            st.markdown(f":material/info: Fold {plan.fold + 1}: {escaped(note)}")
