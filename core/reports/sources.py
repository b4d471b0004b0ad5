"""What the cases of a review are made of, whether a run of this workspace or a bundle holds them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.data.naming import name_copies
from core.domain.classes import ClassSpec
from core.domain.masks import LabelMask
from core.domain.review import ReviewSpec
from core.domain.scan import Sample, ScannedDataset
from core.domain.training import TrainRequest
from core.errors import DatasetError, ReviewError
from core.formats.result_file import read_result_file
from core.formats.whole import read_display, read_label, scan_dataset
from core.inference.predictions import Prediction, read_prediction
from core.inference.sources import KeptPredictions, open_kept
from core.reports.bundles.folder import BundleFolder, find_bundle
from core.runs.folder import RunFolder, find_run
from core.runs.history import read_request
from core.workspace.paths import dataset_id, workspace

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

    def read_prediction(self, position: int) -> Prediction:
        """What the model said.

        Raises:
            AppError: A file is missing or damaged.
        """

    def read_reference(self, position: int) -> LabelMask | None:
        """The mask that the dataset holds; None where there is none.

        Raises:
            AppError: A file is missing or damaged.
        """


@dataclass(frozen=True)  # no slots: names are made once
class RunSource:
    """Cases of a training run: the held-out samples of its dataset."""

    run: RunFolder
    dataset: ScannedDataset

    @property
    def classes(self) -> tuple[ClassSpec, ...]:
        """Those of the dataset."""
        return self.dataset.classes

    def sample(self, position: int) -> Sample:
        """The sample of a case.

        Raises:
            ReviewError: The dataset has no such sample.
        """
        if not 0 <= position < len(self.dataset.samples):
            raise ReviewError(f"The dataset of this review has no sample {position}; it has changed since.")
        return self.dataset.samples[position]

    def name(self, position: int) -> str:
        """The image's own name; of a slice with its number."""
        return self._names[self.sample(position).id]

    @cached_property
    def _names(self) -> dict[str, str]:
        samples = self.dataset.samples
        names = name_copies(self.dataset.spec, samples, {sample.id: 1 for sample in samples})
        return {sample_id: name for (sample_id, _), name in names.items()}

    def spacing(self, position: int) -> Spacing | None:
        """As the files say."""
        if self.dataset.spacings is None:
            return None
        rows, columns = (float(value) for value in self.dataset.spacings[position][:2])
        return (rows, columns) if rows > 0 and columns > 0 else None  # NaN is not

    def read_image(self, position: int, longest: int | None = None) -> NDArray[np.uint8]:
        """As people look at it."""
        return read_display(self.dataset.spec, self.sample(position), longest)

    def read_prediction(self, position: int) -> Prediction:
        """Out of the run's folder."""
        return read_prediction(self.run.path / "predictions", position)

    def read_reference(self, position: int) -> LabelMask | None:
        """As the dataset's answers read it."""
        spec = self.dataset.spec.model_copy(update={"threshold": self.dataset.threshold})
        return read_label(spec, self.dataset.classes, self.sample(position))


@dataclass(frozen=True, slots=True)
class BundleSource:
    """Cases of a bundle that was opened here."""

    folder: BundleFolder
    classes: tuple[ClassSpec, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", self.folder.manifest.classes)

    def name(self, position: int) -> str:
        """The number of the case."""
        return f"case_{position:06}"

    def spacing(self, position: int) -> Spacing | None:
        """As the manifest says."""
        return self.folder.case(position).spacing

    def read_image(self, position: int, longest: int | None = None) -> NDArray[np.uint8]:
        """Out of the bundle's folder."""
        return self.folder.read_image(position, longest)

    def read_prediction(self, position: int) -> Prediction:
        """Out of the bundle's folder."""
        return Prediction(
            self.folder.read_predicted(position),
            self.folder.read_heat(position, "confidence"),
            self.folder.read_heat(position, "entropy"),
        )

    def read_reference(self, position: int) -> LabelMask | None:
        """Where the bundle has one."""
        return self.folder.read_reference(position)


def open_source(spec: ReviewSpec) -> KeptPredictions | RunSource | BundleSource:
    """Where the cases of a review are read.

    A review that was opened here has its predictions kept apart from their run (`spec.predictions`), so it
    can be read though the run is gone or the dataset has been scanned anew.

    Raises:
        AppError: The run or its dataset is gone, or is not what the review was opened on any more.
    """
    if spec.source == "bundle":
        return BundleSource(find_bundle(spec.source_id))
    if spec.predictions:
        return open_kept(spec.predictions)
    run = find_run(spec.source_id)
    dataset = _find_dataset(read_request(run), spec)
    if tuple(item.name for item in dataset.classes) != spec.classes:
        raise ReviewError(
            f"The classes of {dataset.spec.name} are not those of this review any more; give them their "
            "names back on the Dataset page."
        )
    return RunSource(run, dataset)


def _find_dataset(request: TrainRequest, spec: ReviewSpec) -> ScannedDataset:
    """The dataset as it was last scanned, where that is the one of the review; else scanned anew."""
    folder = workspace().dataset(dataset_id(request.dataset.root))
    names = spec.classes
    try:
        kept = read_result_file(folder / "scan.npz")
    except DatasetError:
        kept = None
    if kept is not None and _fits(kept, spec) and tuple(item.name for item in kept.classes) == names:
        return kept
    dataset = scan_dataset(request.dataset, folder / "counts.cache")
    if not _fits(dataset, spec):
        raise ReviewError(
            f"The dataset {dataset.spec.name} has changed since this review was opened, so its images may be "
            "other ones; put its files back as they were."
        )
    return dataset


def _fits(dataset: ScannedDataset, spec: ReviewSpec) -> bool:
    return dataset.fingerprint == spec.dataset_hash
