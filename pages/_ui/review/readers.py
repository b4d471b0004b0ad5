"""Readers: who reads which cases, how much they have left, and who settles disagreements."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.identity import Identity, Role
from core.domain.review import ReviewSettings
from core.services.reviews import readers
from pages._ui import messages
from pages._ui.words import counted, visible

if TYPE_CHECKING:
    from core.services.reviews.readers import CaseChoice, Review, Workload

_CHOICES: "Final[dict[CaseChoice, str]]" = {
    "all": "All cases",
    "first": "The first of the worklist",
    "random": "The first of the random ones",
    "flagged": "Those that a reader flagged",
    "named": "Chosen by name",
}
_SUGGESTED: Final = 20
_KINDS: Final = {"reader": "reads", "adjudicator": "settles disagreements"}


def show(review: "Review", identity: Identity) -> None:
    """Who has how much left; for researchers also the sharing out."""
    people = readers.find_people(identity) if identity.may(Role.RESEARCHER) else []
    loads = readers.read_workloads(review, identity)
    left, right = st.columns([2, 1], gap="medium")
    with left, messages.guarded():
        st.markdown(_describe(review.spec.settings))
        _table(loads)
        if people and review.closed is None:
            _release(review, loads, identity)
    with right, messages.guarded():
        if not identity.may(Role.RESEARCHER):
            st.caption("A researcher shares the cases out.")
        elif review.closed is not None:
            st.caption("This review is closed; its cases cannot be given to anybody any more.")
        elif not people:
            st.markdown(
                "Nobody signs in on this installation, so there is one reader, and nobody to share with. An "
                "admin turns accounts on under **Settings**; then cases can be given to two readers or more."
            )
        else:
            _share(review, people, identity)
            _adjudicator(review, people, identity)


def _describe(settings: ReviewSettings) -> str:
    parts = [f"Each case is read by {counted(settings.readers_per_case, 'reader')} at least."]
    if settings.hides_answers:
        parts.append("Readers see what others answered once they have answered themselves.")
    else:
        parts.append("Readers see what others answered at once: a second reading is not an independent one.")
    if settings.hide_model:
        parts.append("They see the model's mask after their own answer; until then the order is random.")
    return " ".join(parts)


def _name(people: list[Identity]) -> dict[str, str]:
    """Names by id; with the id where two have one name."""
    held = [person.name for person in people]
    return {
        person.id: visible(f"{person.name} ({person.id})" if held.count(person.name) > 1 else person.name)
        for person in people
    }


def _table(loads: "list[Workload]") -> None:
    import pandas as pd

    if not loads:
        st.markdown("No case is assigned to anybody: every reader may decide every case.")
        return
    table = pd.DataFrame(
        [
            (load.name, _KINDS[load.kind], load.assigned, load.settled, load.put_off, load.left)
            for load in loads
        ],
        columns=["Reader", "Task", "Cases", "Settled", "Put off", "Left"],
    )
    st.dataframe(
        table,
        hide_index=True,
        key="readers.table",
        alt="Readers and how many cases they have left",
        column_config={
            "Cases": st.column_config.NumberColumn(help="For who settles: cases that readers disagree on."),
            "Put off": st.column_config.NumberColumn(help="Flagged or skipped, and not settled since."),
        },
    )


def _release(review: "Review", loads: "list[Workload]", identity: Identity) -> None:
    waiting = [load for load in loads if load.left]
    if not waiting:
        return
    with st.expander("Take cases back"):
        place = st.selectbox(
            "From",
            range(len(waiting)),
            format_func=lambda place: f"{waiting[place].name}, who {_KINDS[waiting[place].kind]}",
            key="readers.release.whom",
        )
        st.caption("Cases on which they have decided something stay theirs.")
        if st.button("Take back what is not begun", key="readers.release"):
            taken = readers.release(review.id, waiting[place], identity)
            messages.notice(f"{counted(taken, 'case')} taken back from {waiting[place].name}.")
            st.rerun()


def _share(review: "Review", people: list[Identity], identity: Identity) -> None:
    st.subheader("Share cases out", anchor=False)
    names = _name(people)
    chosen = st.multiselect("Readers", list(names), format_func=names.__getitem__, key="readers.who")
    each = st.number_input(
        "Readers a case",
        1,
        20,
        max(2, review.spec.settings.readers_per_case),
        key="readers.each",
        help="Readers whom a case has already count. All get about equally many cases, and share them with "
        "each other about equally often.",
    )
    choice = st.selectbox("Cases", list(_CHOICES), format_func=_CHOICES.__getitem__, key="readers.choice")
    count = 0
    if choice in ("first", "random"):
        most = readers.count_cases(review.id)
        count = st.number_input("How many", 1, most, min(_SUGGESTED, most), key="readers.count")
    named = ""
    if choice == "named":
        named = st.text_area("Names, one a line", key="readers.names")
    if st.button("Share out", key="readers.share", type="primary", disabled=not chosen):
        lines = [line.strip() for line in named.splitlines() if line.strip()]
        with st.spinner("Sharing the cases out"):
            positions = readers.choose_cases(review.id, choice, count, lines)
            added = readers.share_cases(review.id, positions, chosen, each, identity)
        cases = counted(len(positions), "case")
        messages.notice(
            f"{counted(added, 'reading')} given out over {cases}."
            if added
            else f"Nothing to give out: {cases} had enough readers already."
        )
        st.rerun()


def _adjudicator(review: "Review", people: list[Identity], identity: Identity) -> None:
    st.subheader(
        "Who settles disagreements",
        anchor=False,
        help="The adjudicator sees every answer, and has the last word on a case. They must not be one of "
        "its readers.",
    )
    names = _name(people)
    person = st.selectbox(
        "Adjudicator of all cases",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key="readers.adjudicator",
        placeholder="Choose",
    )
    if st.button("Name adjudicator", key="readers.name", disabled=person is None):
        with st.spinner("Naming"):
            added = readers.name_adjudicator(review.id, person, identity)
        messages.notice(
            f"{names[person]} now settles what readers disagree on, in {counted(added, 'case')}."
            if added
            else f"{names[person]} settled all cases before."
        )
        st.rerun()
