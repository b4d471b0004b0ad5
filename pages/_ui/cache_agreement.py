"""Agreement of readers, computed once for what they answered: intervals over thousands of cases take seconds.

Everything here is shared and must not be changed by whoever gets it.
"""

from typing import TYPE_CHECKING

import streamlit as st

from core.services.reviews import agreement_figures

if TYPE_CHECKING:
    from core.services.reviews.agreement import AnswerList, Review
    from core.services.reviews.agreement_figures import ClassAgreement, Scope, VerdictAgreement

_MOST = 64


def verdicts(found: "AnswerList") -> "list[VerdictAgreement]":
    """`agreement_figures.compute_verdicts`."""
    return _verdicts(hash(found.cases), found)


def classes(review: "Review", found: "AnswerList", scope: "Scope") -> "list[ClassAgreement]":
    """`agreement_figures.compute_classes`."""
    return _classes(hash((found.cases, len(found.missing.pairs))), scope, review, found)


@st.cache_resource(max_entries=_MOST, show_spinner="Comparing the answers")
def _verdicts(answers: int, _found: "AnswerList") -> "list[VerdictAgreement]":
    return agreement_figures.compute_verdicts(_found)


@st.cache_resource(max_entries=_MOST, show_spinner="Comparing the masks")
def _classes(answers: int, scope: "Scope", _review: "Review", _found: "AnswerList") -> "list[ClassAgreement]":
    return agreement_figures.compute_classes(_review, _found, scope)
