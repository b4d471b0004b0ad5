"""What a run is validated with: folds or one hold-out, and what stays together."""

import streamlit as st

from core.domain.training import SplitSpec
from pages._ui import cache
from pages._ui.words import counted

_CROSS, _HOLDOUT = "Cross-validation", "One hold-out"


def draw(dataset_id: str, kind: str, crossed: bool) -> SplitSpec:
    """The fields.

    Args:
        dataset_id: The dataset.
        kind: Of the experiment, for the keys.
        crossed: Whether cross-validation is proposed.
    """
    names = [_CROSS, _HOLDOUT]
    left, middle, right = st.columns([2, 1, 1])
    way = left.selectbox(
        "Validation",
        names,
        index=names.index(_CROSS if crossed else _HOLDOUT),
        key=f"train.{kind}.way",
        help="Each fold trains on its own part and is validated on the rest; one hold-out is quicker and "
        "says nothing about luck. Groups stay whole.",
        persist_state="session",
    )
    folds, holdout = None, 20
    if way == _CROSS:
        folds = middle.number_input("Folds", 2, 20, 3, key=f"train.{kind}.folds", persist_state="session")
    else:
        holdout = middle.number_input(
            "Held out, %", 5, 50, 20, step=5, key=f"train.{kind}.holdout", persist_state="session"
        )
    seed = right.number_input(
        "Seed",
        0,
        2**31 - 1,
        0,
        key=f"train.{kind}.split_seed",
        help="Of the split; the recipe has its own.",
        persist_state="session",
    )
    st.caption(_say_groups(dataset_id))
    return SplitSpec(folds=folds, holdout=holdout / 100, seed=int(seed))


def _say_groups(dataset_id: str) -> str:
    groups = cache.named_groups(dataset_id, None)
    named = len({name for name in groups.names if name})
    if not named:
        return "No image names a group, so each is one of its own; equal files still stay together."
    alone = sum(not name for name in groups.names)
    others = f"; {counted(alone, 'image')} without one, each by itself" if alone else ""
    return f"{counted(named, 'group')} of the dataset stay whole{others}."
