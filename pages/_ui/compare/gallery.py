"""Predictions of a run beside their references, worst or best first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.domain.classes import ClassRole, class_colours
from core.errors import AppError
from core.services import predictions
from pages._ui import cache, cache_runs, messages
from pages._ui.words import count, escaped, shortened

if TYPE_CHECKING:
    from core.services.comparison import ComparedRun

_SHOWN = 4
_NAME = 40


def draw(runs: "Sequence[ComparedRun]") -> None:
    """Which run, which class, and the pictures."""
    by_id = {run.id: run for run in runs}
    first, second, third = st.columns(3)
    run_id = first.selectbox(
        "Run", list(by_id), format_func=lambda key: by_id[key].title, key="compare.gallery.run"
    )
    classes = [None, *by_id[run_id].classes]
    name = second.selectbox(
        "By the Dice of",
        classes,
        format_func=lambda item: item or "all its classes",
        key="compare.gallery.class",
    )
    order = third.segmented_control(
        "First", ["worst", "best"], default="worst", format_func=str.capitalize, key="compare.gallery.order"
    )
    found = predictions.sort_predictions(predictions.list_predictions(run_id), order or "worst", name)
    if not found:
        st.markdown("Nothing is predicted yet; each fold predicts its held-out images when it ends.")
        return
    dataset_id = cache_runs.dataset_of(run_id)
    dataset = cache.dataset(dataset_id)
    pages = -(-len(found) // _SHOWN)
    page = st.number_input(
        f"Page of {count(pages)}", 1, pages, 1, key=f"compare.gallery.page.{run_id}.{name}.{order}", width=160
    )
    _legend(dataset_id)
    for entry in found[(page - 1) * _SHOWN : page * _SHOWN]:
        score = predictions.compute_score(entry, name)
        title = escaped(shortened(dataset.samples[entry.position].id, _NAME))
        st.markdown(f"**{title}** · Dice {score:.3f} · fold {entry.fold}" if score is not None else title)
        with messages.guarded():
            _row(run_id, dataset_id, entry.position)


def _row(run_id: str, dataset_id: str, position: int) -> None:
    try:
        drawn = cache_runs.prediction(run_id, dataset_id, position)
    except AppError as error:
        messages.refusal(error)
        return
    pictures = {"Image": drawn.image, "Reference": drawn.reference, "Prediction": drawn.prediction}
    for cell, (caption, picture) in zip(st.columns(3), pictures.items(), strict=True):
        cell.image(picture, caption=caption, width="stretch")


def _legend(dataset_id: str) -> None:
    import html

    classes = cache.dataset(dataset_id).classes
    items = [
        f'<span><i style="background:{colour}"></i>{html.escape(item.name)}</span>'
        for item, colour in zip(classes, class_colours(classes), strict=True)
        if item.role is ClassRole.CLASS
    ]
    st.html(f'<div class="cp-legend">{"".join(items)}</div>')
