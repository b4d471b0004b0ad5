"""The measurements of a review as tables: one of the classes, one of what is compared between organs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.measuring import OrganChoice
from core.measurement.cases import BETWEEN
from core.reports.kept_measures import (
    Column,
    Figures,
    list_columns,
    list_volume_columns,
    measured_folder,
    read_measures,
    read_volumes,
)
from core.reviews.opening import Review
from core.services.reviews.measurements import MeasuredMask, MeasuredVolume, open_cases
from core.services.reviews.stores import review_store

if TYPE_CHECKING:
    import pandas as pd

ABOUT = ("case", "class", "mask", "state", "spacing row (mm)", "spacing column (mm)", "spacing from")
"""The columns before the measures."""
ABOUT_VOLUME = (
    "volume", "class", "series UID", "slices measured", "slices settled", "slices in all", "whole",
    "spacing slice (mm)", "slice spacing from", *ABOUT[4:],
)  # fmt: skip
"""The columns before the measures of a volume."""
_ORIGINS = {"file": "image file", "given": "given by hand", "unknown": "not known", "uneven": "not even"}


def class_table(review: Review, masks: Sequence[MeasuredMask], organs: OrganChoice) -> "pd.DataFrame":
    """One line a case and class, then a column a measure, named with its unit; what is n/a is missing.

    Masks that are not measured yet are left out.
    """
    columns, masks, values = _find(review, masks, organs)
    names, titles, figures = _by_class(columns, values)
    return _frame([_describe(item) for item in masks], ABOUT, names, titles, figures)


def volume_table(review: Review, volumes: Sequence[MeasuredVolume]) -> "pd.DataFrame":
    """One line a volume and class, then a column a measure; as `class_table` has them.

    Where `whole` is "no", slices of the volume are not among those that are measured: the volume is that of a
    part, and all other measures are missing.
    """
    classes = open_cases(review).classes
    kept = read_volumes(measured_folder(review_store(), review.id), classes)
    measured = [item for item in volumes if item.key in kept]
    columns = list_volume_columns(classes)
    names, titles, figures = _by_class(columns, _collect(kept, [item.key for item in measured], len(columns)))
    return _frame([_describe_volume(item) for item in measured], ABOUT_VOLUME, names, titles, figures)


def _by_class(
    columns: Sequence[Column], values: NDArray[np.float64]
) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """Names of the classes, titles of their M measures, and figures `(N C, M)` out of `(N, K)`."""
    names = list(dict.fromkeys(item.class_name for item in columns if item.class_name != BETWEEN))
    places = [[place for place, item in enumerate(columns) if item.class_name == name] for name in names]
    titles = [title(columns[place]) for place in places[0]] if places else []
    figures = (
        values[:, places].reshape(-1, len(titles)) if places else np.empty((0, 0))
    )  # (N, C, M) -> (N C, M)
    return names, titles, figures


def organ_table(review: Review, masks: Sequence[MeasuredMask], organs: OrganChoice) -> "pd.DataFrame":
    """One line a case with what is compared between organs; without a column where nothing is."""
    columns, masks, values = _find(review, masks, organs)
    places = [place for place, item in enumerate(columns) if item.class_name == BETWEEN]
    titles = [title(columns[place]) for place in places]
    table = _frame([_describe(item) for item in masks], ABOUT, [BETWEEN], titles, values[:, places])
    return table.drop(columns="class")


def list_measures(review: Review, organs: OrganChoice) -> list[str]:
    """The titles of the measures of a class, in their order."""
    columns = list_columns(open_cases(review).classes, organs)
    return list(dict.fromkeys(title(item) for item in columns if item.class_name != BETWEEN))


def title(column: Column) -> str:
    """What a column of the table is called.

    >>> title(Column("lung", "area", "mm²")), title(Column("lung", "solidity", ""))
    ('area (mm²)', 'solidity')
    """
    return f"{column.measure} ({column.unit})" if column.unit else column.measure


def _find(
    review: Review, masks: Sequence[MeasuredMask], organs: OrganChoice
) -> tuple[list[Column], list[MeasuredMask], NDArray[np.float64]]:
    """The columns, the masks that are measured, and their figures `(N, K)`."""
    classes = open_cases(review).classes
    kept = read_measures(measured_folder(review_store(), review.id), classes, organs)
    columns = list_columns(classes, organs)
    measured = [item for item in masks if item.key in kept]
    return columns, measured, _collect(kept, [item.key for item in measured], len(columns))


def _collect(kept: Figures, keys: Sequence[str], width: int) -> NDArray[np.float64]:
    return np.array([kept[key] for key in keys], dtype=np.float64).reshape(len(keys), width)


def _describe(item: MeasuredMask) -> tuple[object, ...]:
    drawn = "reader" if item.drawn else "model"
    return (
        item.case.sample, drawn, item.state, *(item.spacing or (np.nan, np.nan)), _ORIGINS[item.origin],
    )  # fmt: skip


def _describe_volume(item: MeasuredVolume) -> tuple[object, ...]:
    depth = np.nan if item.volume.depth is None else item.volume.depth
    step = np.nan if item.step is None else item.step
    first = item.masks[0]
    return (
        item.volume.name, item.volume.uid, len(item.masks), item.settled, depth,
        "yes" if item.whole else "no", step, _ORIGINS[item.step_origin],
        *(first.spacing or (np.nan, np.nan)), _ORIGINS[first.origin],
    )  # fmt: skip


def _frame(
    about: Sequence[tuple[object, ...]],
    headings: Sequence[str],
    names: Sequence[str],
    titles: Sequence[str],
    figures: NDArray[np.float64],
) -> "pd.DataFrame":
    """A line for each of `about` and class; the class stands second."""
    import pandas as pd

    lines = [(item[0], name, *item[1:]) for item in about for name in names]
    left = pd.DataFrame(lines, columns=list(headings))
    return pd.concat([left, pd.DataFrame(figures, columns=list(titles))], axis=1)
