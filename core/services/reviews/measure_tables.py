"""The measurements of a review as tables: one of the classes, one of what is compared between organs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.measuring import OrganChoice
from core.measurement.cases import BETWEEN
from core.reports.measuring import Column, list_columns, measured_folder, read_measures
from core.reviews.opening import Review
from core.services.reviews.measurements import MeasuredMask, open_cases
from core.services.reviews.stores import review_store

if TYPE_CHECKING:
    import pandas as pd

ABOUT = ("case", "class", "mask", "state", "spacing row (mm)", "spacing column (mm)", "spacing from")
"""The columns before the measures."""
_ORIGINS = {"file": "image file", "given": "given by hand", "unknown": "not known"}


def class_table(review: Review, masks: Sequence[MeasuredMask], organs: OrganChoice) -> "pd.DataFrame":
    """One line a case and class, then a column a measure, named with its unit; what is n/a is missing.

    Masks that are not measured yet are left out.
    """
    columns, masks, values = _find(review, masks, organs)
    names = list(dict.fromkeys(item.class_name for item in columns if item.class_name != BETWEEN))
    places = [[place for place, item in enumerate(columns) if item.class_name == name] for name in names]
    titles = [title(columns[place]) for place in places[0]] if places else []
    figures = (
        values[:, places].reshape(-1, len(titles)) if places else np.empty((0, 0))
    )  # (N, C, M) -> (N C, M)
    return _frame(masks, names, titles, figures)


def organ_table(review: Review, masks: Sequence[MeasuredMask], organs: OrganChoice) -> "pd.DataFrame":
    """One line a case with what is compared between organs; without a column where nothing is."""
    columns, masks, values = _find(review, masks, organs)
    places = [place for place, item in enumerate(columns) if item.class_name == BETWEEN]
    table = _frame(masks, [BETWEEN], [title(columns[place]) for place in places], values[:, places])
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
    values = np.array([kept[item.key] for item in measured], dtype=np.float64)
    return columns, measured, values.reshape(len(measured), len(columns))


def _frame(
    masks: Sequence[MeasuredMask], names: Sequence[str], titles: Sequence[str], figures: NDArray[np.float64]
) -> "pd.DataFrame":
    import pandas as pd

    about = [
        (
            item.case.sample,
            name,
            "reader" if item.drawn else "model",
            item.state,
            *(item.spacing or (np.nan, np.nan)),
            _ORIGINS[item.origin],
        )
        for item in masks
        for name in names
    ]
    left = pd.DataFrame(about, columns=list(ABOUT))
    return pd.concat([left, pd.DataFrame(figures, columns=list(titles))], axis=1)
