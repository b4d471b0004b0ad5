"""Agreement: of readers with one another, and of the model with them."""

import math
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Identity, Role
from core.services.reviews import agreement, agreement_tables
from pages._ui import cache_agreement, messages, tables
from pages._ui.review import measuring
from pages._ui.words import count, counted, share

if TYPE_CHECKING:
    import pandas as pd

    from core.services.reviews.agreement import AnswerList, Review
    from core.services.reviews.agreement_figures import Scope

_SCOPES: "Final[dict[Scope, str]]" = {"corrected": "Cases that a reader corrected", "all": "All cases"}
_SHARE: Final = ", share"
_SPREAD_WIDTH: Final = 150  # screen pixels: a figure and its interval
_SAME: Final = {
    "Same verdict": "Both accept, both correct or both reject. Two who correct the mask each in their own "
    "way have one verdict: how far their masks agree stands below.",
    "Same mask": "Both stand for one and the same mask, or both reject. The other cases are conflicts.",
}
_KAPPA_HELP: Final = (
    "Kappa is agreement beyond chance: (seen − chance) / (1 − chance); 1 is perfect, 0 is chance. Two "
    "readers: Cohen, with the interval of Fleiss, Cohen and Everitt (1969). All: Fleiss, with a bootstrap "
    "interval over cases. n/a where everybody always gave one answer: 0 / 0. Without an interval where the "
    "cases are too few or too alike to give one."
)
_MASK_HELP: Final = (
    "For each case the mean over its pairs of readers, then the mean over cases, with a bootstrap interval "
    "over cases (95 %). Dice: 2 |A ∩ B| / (|A| + |B|); a case in which no reader has the class is left out, "
    "one in which some have it and others have not counts as 0. HD95: the larger of the two 95th percentiles "
    "of the distances between the outlines; left out where a mask lacks the class."
)
_MODEL_HELP: Final = (
    "Dice of the model's mask with the readers', and Williams' index: mean agreement of model and reader "
    "over that of two readers. Where the interval holds 1, the model is not told from one more reader. "
    "Readers who saw the model's mask before they answered lean towards it."
)


def show(review: "Review", identity: Identity) -> None:
    """Verdicts, masks, the model against the panel, and what the random cases tell."""
    found = agreement.list_answers(review, identity)
    _acceptance(found)
    if found.hidden:
        st.caption(f"{counted(found.hidden, 'case')} left out: you are still to read them, blinded.")
    if not found.cases:
        said = "No case has the answers of two readers yet; how far they agree then stands here."
        if identity.may(Role.RESEARCHER):
            said += " Share cases out to two readers or more under Readers."
        st.markdown(said)
        return
    with messages.guarded():
        _verdicts(found, review.spec.settings.hide_model)
    with messages.guarded():
        _masks(review, found)


def _acceptance(found: "AnswerList") -> None:
    lot = found.acceptance
    if lot is None:
        st.caption(
            "No rate of acceptance: the model is hidden until the first answer, and nobody can accept what "
            "they have not seen."
        )
        return
    if lot.share is None:
        return
    st.markdown(
        f"Random cases: **{count(lot.accepted)} of {count(lot.decided)}** accepted unchanged, "
        f"{share(lot.share)} (95 % interval {share(lot.low)} to {share(lot.high)})",
        help="Of the settled cases drawn by lot, with Wilson's score interval. Only these speak for all "
        "cases: the others were ranked because something seemed wrong with them.",
    )


def _verdicts(found: "AnswerList", hidden: bool) -> None:
    st.subheader("Verdicts", anchor=False, help=_KAPPA_HELP)
    parts = [
        f"{counted(len(found.cases), 'case')} answered by two readers or more, each before seeing another's "
        "answer"
    ]
    st.markdown(" · ".join(parts + ([f"{count(found.single)} by one so far"] if found.single else [])))
    if hidden:
        st.caption("The model was hidden, so no first answer accepts it: it is corrected or rejected.")
    table = agreement_tables.verdict_table(cache_agreement.verdicts(found))
    _show(table, "verdicts", "Agreement of verdicts")


def _masks(review: "Review", found: "AnswerList") -> None:
    st.subheader("Masks", anchor=False, help=_MASK_HELP)
    measuring.ensure(review, found.missing, found.quick, "agreement")
    scope = st.segmented_control(
        "Which cases",
        list(_SCOPES),
        format_func=_SCOPES.__getitem__,
        default="corrected",
        key="agreement.scope",
        help="Where nobody drew anything, readers who accept the model's mask agree by its help: that says "
        "little of how they would draw.",
    )
    figures = cache_agreement.classes(review, found, scope or "corrected")
    if not any(item.dice.count or item.model.count for item in figures):
        st.markdown("No case of this kind has two masks that are compared yet.")
        return
    _show(agreement_tables.class_table(figures, found.unit), "masks", "Agreement of masks, class by class")
    if found.unit == "px":
        st.caption(
            "Distances are in pixels: the spacing of at least one case is not known. A researcher can give "
            "it under Measurements."
        )
    st.subheader("The model against the readers", anchor=False, help=_MODEL_HELP)
    _show(agreement_tables.model_table(figures), "model", "Agreement of the model with the readers")
    tables.save_button(
        lambda: agreement_tables.case_table(review, found),
        key="agreement.cases.csv",
        file_name="agreement_cases.csv",
        label="Every case and pair as CSV",
    )


def _show(table: "pd.DataFrame", key: str, alt: str) -> None:
    st.dataframe(
        _fold(table),
        hide_index=True,
        placeholder="n/a",
        key=f"agreement.{key}",
        alt=alt,
        column_config={name: _column(name) for name in table.columns.str.removesuffix(_SHARE)},
    )
    tables.save_button(lambda: table, key=f"agreement.{key}.csv", file_name=f"agreement_{key}.csv")


def _fold(table: "pd.DataFrame") -> "pd.DataFrame":
    """Each figure with its interval in one column; the file has them apart."""
    folded = table.copy()
    for name in [name for name in table.columns if f"{name}: from" in table.columns]:
        digits = 1 if "HD95" in name else 2
        parts = zip(table[name], table[f"{name}: from"], table[f"{name}: to"], strict=True)
        folded[name] = [spread(*part, digits) for part in parts]
        folded = folded.drop(columns=[f"{name}: from", f"{name}: to"])
    for name in [name for name in folded.columns if name.endswith(_SHARE)]:
        folded[name] = [share(value) for value in folded[name]]
    return folded.rename(columns=lambda name: name.removesuffix(_SHARE))


def _column(name: str) -> object:
    """Widths that leave a figure its interval; what the short headings mean."""
    config = st.column_config
    if name in ("Readers", "Class"):
        return config.TextColumn(pinned=True)
    if name.startswith(("Cases", "Nobody", "Only")):
        label = "Cases" if name.startswith("Cases") else name.removesuffix(", cases")
        return config.NumberColumn(label, help=name, width="small")
    if name in _SAME:
        return config.TextColumn(help=_SAME[name], width="small")
    return config.TextColumn(width=_SPREAD_WIDTH)


def spread(value: float, low: float, high: float, digits: int) -> str | None:
    """A figure and its interval; None, which a table shows as n/a, where there is none.

    >>> spread(0.5, -0.25, 0.75, 2), spread(0.5, float("nan"), float("nan"), 1)
    ('0.50 (−0.25 to 0.75)', '0.5')
    """
    if math.isnan(value):
        return None
    one, other, third = (f"{number:.{digits}f}".replace("-", "−") for number in (value, low, high))
    return one if math.isnan(low) else f"{one} ({other} to {third})"
