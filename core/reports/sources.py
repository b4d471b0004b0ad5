"""What the cases of a review are made of, whether a run of this workspace predicted them or a bundle came."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.masks import LabelMask
from core.domain.review import ReviewSpec
from core.inference.predictions import KeptPrediction
from core.inference.sources import KeptPredictions, open_kept
from core.reports.bundles.folder import BundleFolder, find_bundle

Spacing = tuple[float, float]


class CaseSource(Protocol):
    """Where the pictures and masks of a review's cases are read; a case is named by its position."""

    @property
    def classes(self) -> tuple[ClassSpec, ...]:
        """The classes that masks speak of."""

    def name(self, position: int) -> str:
        """What files of a case are called: POSIX, relative, without suffix; no two are equal."""

    def spacing(self, position: int) -> Spacing | None:
        """Millimetres between rows and columns; None where they are not known."""

    def read_image(self, position: int, longest: int | None = None) -> NDArray[np.uint8]:
        """`(H, W, 3)` uint8, reduced to at most `longest` pixels a side.

        Raises:
            DatasetError: The image is missing or broken.
        """

    def read_prediction(self, position: int) -> KeptPrediction:
        """What the model said; its doubt where that is known.

        Raises:
            AppError: A file is missing or damaged.
        """

    def read_reference(self, position: int) -> LabelMask | None:
        """The mask that the dataset holds; None where there is none.

        Raises:
            AppError: A file is missing or damaged.
        """


def open_source(spec: ReviewSpec) -> KeptPredictions | BundleFolder:
    """Where the cases of a review are read.

    Raises:
        ReviewError: The predictions, or the bundle, are gone or damaged.
    """
    return find_bundle(spec.source_id) if spec.source == "bundle" else open_kept(spec.predictions)
