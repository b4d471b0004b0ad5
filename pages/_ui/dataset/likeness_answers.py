"""What a person has said of images that look alike, and the way back."""

import streamlit as st

from core.domain.likeness import Dismissals
from core.domain.scan import ScannedDataset
from core.services import likeness
from pages._ui.words import counted, escaped, listed

_MOST = 50


def draw(dataset_id: str, dataset: ScannedDataset, judged: Dismissals) -> None:
    """The answers so far, folded away, the latest first; each can be taken back."""
    ties, different = dataset.spec.same_group, judged.judged
    if not ties and not different:
        return
    title = f"Your answers · {counted(len(ties), 'tie')}, {len(different)} called different"
    with st.expander(title):
        for place, ids in list(enumerate(ties))[: -_MOST - 1 : -1]:
            if _line(list(ids), "belong together", f"likeness.untie.{place}"):
                likeness.untie(dataset_id, ids)
                st.rerun()
        for place, pairs in list(enumerate(different))[: -_MOST - 1 : -1]:
            ids = tuple(dict.fromkeys(id_ for pair in pairs for id_ in pair))
            if _line(list(ids), "are different", f"likeness.undo.{place}"):
                likeness.take_back(dataset_id, pairs)
                st.rerun()
        if len(ties) > _MOST or len(different) > _MOST:
            st.caption(f"The latest {_MOST} of each; earlier ones come up as these are taken back.")


def _line(ids: list[str], what: str, key: str) -> bool:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{escaped(listed(ids))} {what}", width="stretch")
        return st.button("Undo", key=key, type="tertiary")
