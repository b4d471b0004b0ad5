"""The folds that were found: how even they are, what cannot be divided, and the files to take away."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.services import split_report, splits
from pages._ui import charts, tables, theme
from pages._ui.plans import folds_chart
from pages._ui.words import counted, escaped, listed, share

if TYPE_CHECKING:
    import pandas as pd

    from pages._ui.balance.desk import Desk

_SENTENCES = 6
_LEAK = (
    "Checked: no group and no image content is in more than one fold, so that no model is tested on what it "
    "was trained on."
)


def draw(desk: "Desk", found: splits.DatasetSplit, seed: int) -> None:
    """Sentences, the picture, the tables."""
    st.markdown(summary(found))
    st.caption(f"✓ {_LEAK}")
    notes = split_report.describe_unsplittable(found.split)
    for sentence in notes[:_SENTENCES]:
        st.markdown(f":material/info: {escaped(sentence)}")
    if len(notes) > _SENTENCES:
        st.caption(
            f"{counted(len(notes) - _SENTENCES, 'more class', 'more classes')} likewise; the JSON names all."
        )
    left, right = st.columns([2, 1], gap="medium")
    with left:
        charts.show(
            folds_chart.shares(found, theme.colours_by_name(desk.dataset.classes)),
            key="folds.chart",
            file_name=f"{desk.dataset_id}_folds",
            alt="Share of images with each class in each fold's test part",
        )
    with right:
        _sizes(desk, found)
    _shares(desk, found)
    _files(desk, found, seed)


def summary(found: splits.DatasetSplit) -> str:
    """Images, groups, equal files, and how even the folds are."""
    split, equal = found.split, found.groups.duplicates
    sentences = [f"{counted(int(split.sizes.sum()), 'image')} in {counted(split.groups, 'group')}."]
    if equal:
        sentences.append(
            f"{counted(equal, 'image equals', 'images equal')} an earlier one byte by byte and stays with it."
            if equal == 1
            else f"{counted(equal, 'image')} equal an earlier one byte by byte and stay with it."
        )
    if np.isfinite(worst := split.worst_deviation):
        names = [
            name
            for name, off in zip(split.class_names, split.deviations.tolist(), strict=True)
            if off == worst
        ]
        sentences.append(
            f"Most uneven: {escaped(listed(names))}, at most {share(worst)} off an equal part in any fold."
        )
    return " ".join(sentences)


def _sizes(desk: "Desk", found: splits.DatasetSplit) -> None:
    column = st.column_config.NumberColumn
    frame = split_report.fold_table(found)
    st.dataframe(
        frame,
        hide_index=True,
        key="folds.sizes",
        alt="Images and groups of each fold",
        column_order=["fold", "images", "groups"],
        column_config={
            "fold": column("Fold", width="small"),
            "images": column("Test images", format="localized"),
            "groups": column("Groups", format="localized", help="Groups of the test part"),
        },
    )
    tables.save_button(lambda: frame, key="folds.sizes.csv", file_name=f"{desk.dataset_id}_folds.csv")


def _shares(desk: "Desk", found: splits.DatasetSplit) -> None:
    frame = split_report.fold_share_table(found)
    number = st.column_config.NumberColumn
    help_text = "How far the worst fold is from an equal part of the class's images, as a share of that part."
    config = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "images": number("Images", format="localized", width="small"),
        "share": number("All", format="%.1f %%", width="small"),
        "deviation": number("Off an equal part", format="%.1f %%", width="small", help=help_text),
    }
    for fold in range(1, found.split.folds + 1):
        config[f"fold {fold}"] = number(f"Fold {fold}", format="%.1f %%", width="small")
    st.dataframe(
        _in_percent(frame),
        hide_index=True,
        key="folds.shares",
        alt="Share of images with each class, in all and in each fold's test part",
        column_config=config,
    )
    tables.save_button(lambda: frame, key="folds.shares.csv", file_name=f"{desk.dataset_id}_fold_shares.csv")


def _in_percent(frame: "pd.DataFrame") -> "pd.DataFrame":
    return frame.assign(
        **{name: 100 * frame[name] for name in frame.columns if name not in ("class", "images")}
    )


def _files(desk: "Desk", found: splits.DatasetSplit, seed: int) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Folds as JSON",
            lambda: split_report.split_json(split_report.split_report(desk.dataset, found, seed)),
            file_name=f"{desk.dataset_id}_folds.json",
            mime="application/json",
            key="folds.json",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="What `counterpoise split --json` prints: the image files of each test part.",
        )
        tables.save_button(
            lambda: split_report.fold_image_table(desk.dataset, found),
            key="folds.images.csv",
            file_name=f"{desk.dataset_id}_fold_images.csv",
            label="Fold of each image as CSV",
        )
