"""Equal and near equal images: the search, what it found side by side, and a person's answer to each."""

from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.scan import ScannedDataset
from core.services import likeness, runs
from pages._ui import cache_groups, messages, progress, state
from pages._ui.dataset import likeness_answers
from pages._ui.words import count, counted, escaped, listed, shortened, visible

if TYPE_CHECKING:
    from core.services.likeness import LikenessReport, NearCluster
    from core.services.splits import SampleGroups

_LIMITS: Final = {
    "saved again": "Saved again",
    "edited": "Cropped or edited",
    "next frame": "Next frame",
}
_HELP = (
    "How much two images may differ, in bits of a 256-bit perceptual hash. Saved again, smaller or brighter: "
    "up to 32. Cropped by a few per cent: up to 48. Neighbouring frames of a video: up to 64. Medical images "
    "of different people begin to look alike at 36 (fundus) or 60 (chest x-ray)."
)
_CLUSTERS = 5
_SHOWN = 4  # images of a cluster side by side
_PAIR = 3  # columns for two images: larger, with the same left edge
_LONGEST = 480
_NAME = 26


def draw(dataset_id: str, dataset: ScannedDataset, found: "SampleGroups") -> None:
    """The whole section."""
    st.subheader("Equal and near equal images", anchor=False)
    if not any(sample.image for sample in dataset.samples):
        st.markdown("This dataset comes without images, so there is nothing to compare.")
        return
    _equal(dataset, found)
    if _searching(dataset_id):
        return
    report = likeness.find_found(dataset_id)
    if report is None:
        st.markdown(
            "Near duplicates are images saved again, made smaller or cropped: their files differ, yet one in "
            "training and the other in the test make a model look better than it is."
        )
    else:
        _answers(dataset_id, dataset, found, report)
    label = "Search for near duplicates" if report is None else "Search again"
    if st.button(
        label, key="likeness.search", help="Reads every image once; only changed ones the next time."
    ):
        state.put(state.LIKENESS, likeness.start_search(dataset_id))
        st.rerun()


def _equal(dataset: ScannedDataset, found: "SampleGroups") -> None:
    equal = likeness.exact_duplicates(dataset, found.hashes)
    if not equal:
        return
    copies = sum(len(places) - 1 for places in equal)
    lead = f"{counted(copies, 'image equals', 'images equal')} another one byte by byte"
    with st.expander(f"{lead}: always one group"):
        lines = [
            "- " + " = ".join(escaped(dataset.samples[place].id) for place in places) for places in equal[:50]
        ]
        st.markdown("\n".join(lines))
        if len(equal) > len(lines):
            st.caption(f"And {counted(len(equal) - len(lines), 'more set')}; the list of images has all.")


def _searching(dataset_id: str) -> bool:
    """Follow a search, whoever started it; True while it runs."""
    run_id = state.find(state.LIKENESS) or likeness.find_search(dataset_id)
    if run_id is None:
        return False
    run = runs.watch(run_id)
    if not run.over:
        progress.watch(run_id)
        return True
    state.drop(state.LIKENESS)
    if run.state == "cancelled":
        messages.caution("The search was stopped. What had been read is kept, so that going on is quick.")
    elif run.state != "finished":
        messages.problem(run.message or "The search stopped before it was done.", run.log_tail or "No log.")
    return False


def _answers(
    dataset_id: str, dataset: ScannedDataset, found: "SampleGroups", report: "LikenessReport"
) -> None:
    judged = likeness.find_dismissals(dataset_id)
    if likeness.is_outdated(dataset, report):
        messages.caution(
            "Groups are named in another way since the search, which left out images of one group. "
            "Search again."
        )
    chosen = st.segmented_control(
        "How alike",
        list(_LIMITS),
        default="saved again",
        required=True,
        key="likeness.limit",
        format_func=lambda name: _LIMITS[name],
        help=_HELP,
        on_change=state.put,
        args=(state.LIKENESS_PAGE, 0),
    )
    clusters = likeness.cluster(dataset, report, found.group, likeness.LIMITS[chosen], judged)
    _say(report, clusters, chosen)
    page = _page(len(clusters))
    for item in clusters[page * _CLUSTERS : (page + 1) * _CLUSTERS]:
        _cluster(dataset_id, dataset, item)
    likeness_answers.draw(dataset_id, dataset, judged)


def _say(report: "LikenessReport", clusters: "list[NearCluster]", chosen: str) -> None:
    parts = [f"{counted(report.compared, 'image')} compared"]
    if report.slices:
        parts.append(f"{counted(report.slices, 'slice')} left out, as their volume is one group")
    if report.flat:
        parts.append(f"{counted(report.flat, 'image')} left out for want of contrast")
    if report.unread:
        parts.append(f"{counted(report.unread, 'image')} could not be read")
    if report.limit < likeness.LIMITS[chosen]:
        parts.append(f"so many are alike that only those within {report.limit} of 256 bits are listed")
    alike = sum(len(item.positions) for item in clusters)
    lead = (
        f"**{counted(alike, 'image')} in {counted(len(clusters), 'set')} look alike**, in different groups."
        if clusters
        else "**No image of another group looks alike.**"
    )
    st.markdown(f"{lead} {'; '.join(parts)}.")


def _page(found: int) -> int:
    """The page to show, from 0, with its buttons."""
    pages = max(-(-found // _CLUSTERS), 1)
    page = min(state.find(state.LIKENESS_PAGE) or 0, pages - 1)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Sets {count(page * _CLUSTERS + 1)} to {count(min((page + 1) * _CLUSTERS, found))}")
            for label, to in (("Previous", page - 1), ("Next", page + 1)):
                st.button(
                    label,
                    key=f"likeness.{label.lower()}",
                    disabled=not 0 <= to < pages,
                    on_click=state.put,
                    args=(state.LIKENESS_PAGE, to),
                )
    return page


def _cluster(dataset_id: str, dataset: ScannedDataset, item: "NearCluster") -> None:
    ids = [dataset.samples[place].id for place in item.positions]
    key = blake2b("\0".join(ids).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    least, most = item.distances
    with st.container(border=True):
        st.caption(f"{least if least == most else f'{least} to {most}'} of 256 bits differ")
        kept = [
            place
            for start in range(0, min(len(ids), 2 * _SHOWN), _SHOWN)
            for place in _row(dataset_id, dataset, item, start, key)
        ]
        hidden = item.positions[2 * _SHOWN :]
        if hidden:
            st.caption(f"And {listed([escaped(dataset.samples[place].id) for place in hidden])}.")
        chosen = [dataset.samples[place].id for place in (*kept, *hidden)]
        with st.container(horizontal=True):
            label = "These belong together" if len(ids) == 2 else f"These {len(chosen)} belong together"
            if st.button(label, key=f"likeness.tie.{key}", disabled=len(chosen) < 2):
                likeness.tie(dataset_id, [chosen])
                messages.notice("Tied: a split keeps them on one side.")
                st.rerun()
            if st.button("Different", key=f"likeness.differ.{key}"):
                pairs = [(dataset.samples[a].id, dataset.samples[b].id) for a, b, _ in item.pairs]
                likeness.dismiss(dataset_id, pairs)
                st.rerun()


def _row(dataset_id: str, dataset: ScannedDataset, item: "NearCluster", start: int, key: str) -> list[int]:
    """Some images of a cluster side by side; returns those that are not taken out of it."""
    kept = []
    places = item.positions[start : start + _SHOWN]
    width = _SHOWN if len(item.positions) > 2 else _PAIR
    for cell, place in zip(st.columns(width), places, strict=False):
        with cell.container(gap="xxsmall"):
            sample = dataset.samples[place]
            picture = cache_groups.picture(dataset_id, place, _LONGEST)
            if isinstance(picture, str):
                messages.caution(picture)
            else:
                st.image(picture, width="stretch", alt=visible(f"{sample.id} without its classes"))
            name = escaped(shortened(PurePosixPath(sample.id).name, _NAME))
            if len(item.positions) == 2:
                st.caption(name, help=escaped(sample.id))
                kept.append(place)
            elif st.checkbox(name, True, key=f"likeness.in.{key}.{place}", help=escaped(sample.id)):
                kept.append(place)
    return kept
