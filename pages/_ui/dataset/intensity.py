"""Grey values: measured in the background, drawn by channel, with the images that stand out."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.scan import ScannedDataset
from core.services import distributions
from pages._ui import charts, messages, progress
from pages._ui.dataset import distribution_charts, gallery
from pages._ui.words import count, counted, figure

if TYPE_CHECKING:
    from core.services.distributions import ImageLevel, IntensityReport, PixelKind

_MOST_NAMED: Final = 3
_WIDELY_APART: Final = 20.0  # times; photographs of one set stay within five
_UNITS: Final = {
    "dicom_seg": "value after rescale (HU in CT)",
    "nifti": "value after the header's scaling",
}
_DEPTHS: Final = {"uint8": "8 bits", "uint16": "16 bits"}


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """What is measured, or the way to it."""
    st.subheader(
        "Grey values",
        anchor=False,
        help="Read from the image files in their full depth; alpha is left out, masks play no part.",
    )
    if not any(sample.image is not None for sample in dataset.samples):
        st.markdown("There are no images beside the labels, so there are no grey values to measure.")
        return
    run = distributions.find_measuring(dataset_id)
    if run is not None and not run.over:
        progress.watch(run.id)
        return
    if run is not None and run.state in ("failed", "interrupted"):
        messages.caution(run.message)
    report = distributions.find_measured(dataset_id)
    if report is None:
        st.markdown("Not measured yet. Each image is read once, of a large set 400 drawn by lot.")
        _measure_button(dataset_id, "Measure grey values")
        return
    _describe(dataset, report)
    if report.kinds:
        _draw_kind(dataset_id, dataset, report)
    _measure_button(dataset_id, "Measure again")


def _measure_button(dataset_id: str, label: str) -> None:
    if st.button(label, key="intensity.measure"):
        distributions.start_intensity(dataset_id)
        st.rerun()


def _describe(dataset: ScannedDataset, report: "IntensityReport") -> None:
    measured = len(report.levels)
    drawn = (
        f" of {count(report.images)}, drawn by lot and always the same" if measured < report.images else ""
    )
    st.markdown(f"{counted(measured, 'image')}{drawn}.")
    if report.fingerprint != dataset.fingerprint:
        messages.caution("The dataset has changed since this was measured. Measure again.")
    if report.problems:
        first = report.problems[0]
        messages.caution(
            f"{counted(len(report.problems), 'image')} could not be read. The first is {first.file}: "
            f"{first.problem}"
        )


def _draw_kind(dataset_id: str, dataset: ScannedDataset, report: "IntensityReport") -> None:
    place = 0
    if len(report.kinds) > 1:
        place = st.segmented_control(
            "Pixel type",
            list(range(len(report.kinds))),
            format_func=lambda i: f"{_name(report.kinds[i])} · {counted(report.kinds[i].images, 'image')}",
            default=0,
            required=True,
            key="intensity.kind",
        )
    kind = report.kinds[place]
    left, right = st.columns([2, 1], gap="large")
    with left:
        unit = _UNITS.get(dataset.spec.format, f"grey value, {_DEPTHS.get(kind.depth, kind.depth)}")
        alt = "Lines: how often each grey value occurs, by channel. Mean and spread are in the table."
        charts.show(
            distribution_charts.levels(kind, unit),
            key="intensity.chart",
            file_name=f"{dataset_id}_grey_values",
            alt=alt,
        )
    with right:
        _normalisation(kind)
    levels = [level for level in report.levels if level.kind == place]
    _scales(levels)
    _stand_outs(dataset, levels)


def _normalisation(kind: "PixelKind") -> None:
    scale = kind.full_scale or 1.0
    st.markdown(
        "Mean and standard deviation",
        help="Over all pixels of the images measured, channel by channel, as networks are given them to "
        "normalise: (value − mean) ÷ standard deviation."
        + (f" Values are divided by {figure(scale)} first." if kind.full_scale else ""),
    )
    import pandas as pd

    st.dataframe(
        pd.DataFrame(
            [
                (item.name, figure(item.mean), figure(item.std), figure(item.lowest), figure(item.highest))
                for item in kind.channels
            ],
            columns=["Channel", "Mean", "Std", "Lowest", "Highest"],
        ),
        key="intensity.channels",
        hide_index=True,
        height="content",
    )
    means = ", ".join(f"{item.mean / scale:.5g}" for item in kind.channels)
    spreads = ", ".join(f"{item.std / scale:.5g}" for item in kind.channels)
    st.code(f"mean = [{means}]\nstd = [{spreads}]", language=None)
    if kind.full_scale:
        st.caption(f"To copy: values in 0 to 1, that is divided by {count(scale)}.")


def _scales(levels: "Sequence[ImageLevel]") -> None:
    """A word where images are not on one scale, as MR volumes often are not."""
    bright = sorted(level.level for level in levels if level.level > 0)
    if len(bright) < len(levels) or not bright:
        return
    low, high = bright[len(bright) // 20], bright[-1 - len(bright) // 20]
    if high > _WIDELY_APART * low:
        st.caption(
            f"The bright images are {figure(high / low)} times as bright as the dark ones (95th against 5th "
            "percentile of their means): they are not on one scale. Normalise each image or volume by itself."
        )


def _stand_outs(dataset: ScannedDataset, levels: "Sequence[ImageLevel]") -> None:
    """The darkest, brightest and flattest images, which may be bad scans."""
    positions = {sample.id: place for place, sample in enumerate(dataset.samples)}
    known = [level for level in levels if level.id in positions]
    orders: tuple[tuple[str, str, Callable[[ImageLevel], float]], ...] = (
        ("Darkest", "Smallest mean grey value.", lambda level: level.level),
        ("Brightest", "Largest mean grey value.", lambda level: -level.level),
        (
            "Flattest",
            "Smallest distance from the 5th to the 95th percentile of the grey values: a blank or nearly "
            "blank picture.",
            lambda level: level.contrast,
        ),
    )
    for cell, (word, help_, order) in zip(st.columns(3), orders, strict=True):
        with cell.container(gap=None):
            st.markdown(f"{word} images", help=f"{help_} Possibly bad scans: look at them.")
            for level in sorted(known, key=order)[:_MOST_NAMED]:
                value = level.contrast if word == "Flattest" else level.level
                gallery.open_button(
                    dataset,
                    positions[level.id],
                    key=f"intensity.{word}.{level.id}",
                    after=f" · {figure(value)}",
                )


def _name(kind: "PixelKind") -> str:
    return f"{_DEPTHS.get(kind.depth, kind.depth)}, {counted(len(kind.channels), 'channel')}"
