"""What was written out of a review: how far it is, how it ended, where it lies."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.services import runs
from core.services.reviews import new_version
from pages._ui import cache_dataset, messages, progress, state, tables
from pages._ui.words import age, count, escaped, share

if TYPE_CHECKING:
    import pandas as pd

    from core.services.reviews.outputs import Output

_TITLES: Final = {"export": "Export", "bundle": "Bundle", "dataset": "Dataset of the reviewed masks"}
_FORMATS: Final = {
    "index": "index masks", "binary": "binary masks", "coco": "COCO", "nifti": "NIfTI",
    "dicom_seg": "DICOM segmentation", "decisions": "decisions",
}  # fmt: skip
_MOST_LISTED: Final = 20
_IN_SIGHT: Final = 10
_MOST_DOWNLOAD: Final = 500_000_000  # bytes; a larger file goes through the file system


def draw(found: "list[Output]") -> None:
    """The latest first; of those that are at work the progress."""
    if not found:
        st.markdown("Nothing was written yet. What is asked for on the right then stands here.")
    for output in found[:_MOST_LISTED]:
        with st.container(border=True, key=f"out-{output.progress.id}", gap="xsmall"), messages.guarded():
            if output.progress.over:
                _ended(output)
            else:
                _follow(output)


@st.fragment(run_every=0.5)
@messages.guarded()
def _follow(output: "Output") -> None:
    run = runs.watch(output.progress.id)
    if run.over:
        st.rerun()
    st.markdown(f"**{_title(output)}**")
    progress.bar(run)
    if st.button("Cancel", key=f"out.cancel.{run.id}"):
        progress.cancel(run.id)
        st.toast("Stopping. Nothing half written is left behind.")


def _ended(output: "Output") -> None:
    run = output.progress
    st.markdown(f"**{_title(output)}** · {age(output.created)}")
    if run.state != "finished":
        said = run.message or "It ended without a word."
        if run.state == "cancelled":
            st.caption(escaped(said))
        else:
            messages.problem(said, run.log_tail)
        return
    st.caption(escaped(run.message))
    st.code(str(output.place), language=None, wrap_lines=True)
    if output.lost:
        st.caption("It is not there any more.")
    elif output.kind == "bundle":
        _download(output)
    elif output.kind == "dataset":
        _dataset(output)


def _title(output: "Output") -> str:
    about = _FORMATS[output.format] if output.format else escaped(output.name)
    return _TITLES[output.kind] + (f" · {about}" if about else "")


def _download(output: "Output") -> None:
    if output.place.stat().st_size > _MOST_DOWNLOAD:
        return
    st.download_button(
        "Download", lambda: Path(output.place).read_bytes(), file_name=output.place.name,
        mime="application/zip", key=f"out.download.{output.progress.id}", icon=":material/download:",
        type="tertiary", on_click="ignore",
    )  # fmt: skip


def _dataset(output: "Output") -> None:
    report = new_version.read_report(output.progress)
    if st.button("Open the dataset", key=f"out.open.{output.progress.id}", icon=":material/folder_open:"):
        state.set_dataset(report.dataset)
        st.switch_page("pages/dataset.py")
    if report.before and not output.lost:
        with st.expander("Classes before and after", expanded=True, key=f"out.classes.{output.progress.id}"):
            _compare(cache_dataset.comparison(report.before, report.dataset).presence, output.progress.id)


def _compare(table: "pd.DataFrame", run_id: str) -> None:
    """The share of images with each class, in the old dataset and in the new one."""
    lines = table.assign(
        before=[
            _spell(images, part) for images, part in zip(table["images"], table["presence"], strict=True)
        ],
        after=[
            _spell(images, part)
            for images, part in zip(table["other_images"], table["other_presence"], strict=True)
        ],
        points=[_spell_points(100 * value) for value in table["difference"]],
    )
    st.dataframe(
        lines[["class", "before", "after", "points"]],
        key=f"out.table.{run_id}",
        hide_index=True,
        height="content" if len(lines) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "class": "Class",
            "before": st.column_config.TextColumn(
                "Images before", help="Images with the class, and their share"
            ),
            "after": "Images after",
            "points": "Difference, percentage points",
        },
    )
    tables.save_button(lambda: table, key=f"out.csv.{run_id}", file_name="classes_before_and_after.csv")


def _spell(images: int, part: float) -> str:
    return f"{count(images)} · {share(part)}" if part == part else "n/a"  # NaN: the class is not known there


def _spell_points(value: float) -> str:
    if value != value:
        return ""
    return f"{value:+.1f}".replace("-", "−") if abs(value) >= 0.05 else "0.0"
