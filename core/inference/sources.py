"""The predictions that a review is about, kept apart from the run that made them.

    reviews/sources/<key>/  source.json    what they belong to: dataset, samples, classes with their roles
                            classes.json, index.csv, 000012.mask.png …   as `core.inference.predictions` says

The files of a run are linked, not copied, where the file system can: a run that goes on, predicts anew or is
deleted replaces files and never writes into them, so what a reader decides about stays what it was.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from core.domain.base import FrozenModel
from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.scan import Sample
from core.domain.training import PerClass
from core.errors import ReviewError, WorkspaceError
from core.formats.pixels.images import read_display as read_picture
from core.formats.whole import read_display, read_label
from core.inference.predictions import KeptPrediction, PredictionClasses, read_prediction
from core.workspace.files import write_atomic
from core.workspace.guarded import check_readable
from core.workspace.paths import check_id, workspace

_FILE = "source.json"


class SourceSample(FrozenModel):
    """One predicted sample; `position` is its number among the predictions.

    Of a sample without a dataset `picture` is its image file, relative to the source's `images`.
    """

    position: int = Field(ge=0)
    name: str = Field(description="Unique; the sample's id in its dataset")
    stem: str = Field(description="What files of it are called: POSIX, relative, without suffix, unique")
    sample: Sample | None = Field(default=None, description="As the dataset knows it")
    picture: str = ""
    group: str = ""
    fold: int = 0
    height: int
    width: int
    confidence: float | None = Field(
        ge=0, le=1, description="Mean over the image; None where nothing is known of the model's doubt"
    )
    dice: PerClass = Field(default_factory=dict, description="Against the reference, where there is one")
    spacing: tuple[float, float] | None = Field(default=None, description="mm between rows and columns")


class PredictionSource(FrozenModel):
    """What the predictions of a review belong to.

    `classes` speak of the masks' positions: names, roles and colours of all of them. `dataset` holds the
    answers and `dataset_classes` the classes by which images and references are read; None where mere images
    were predicted, which then lie in `images`.
    """

    run: str = Field(description="The training run whose models predicted; empty for masks of others")
    title: str = Field(description="Of that run; else the folder that the masks came from")
    classes: tuple[ClassSpec, ...]
    dataset: DatasetSpec | None = None
    dataset_classes: tuple[ClassSpec, ...] = ()
    images: Path | None = None
    samples: tuple[SourceSample, ...]

    @property
    def drawn(self) -> tuple[int, ...]:
        """Positions of the classes that are regions: all but background."""
        return tuple(
            place for place, item in enumerate(self.classes) if item.role is not ClassRole.BACKGROUND
        )


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """The predictions of one review on disk."""

    path: Path

    def write(self, source: PredictionSource) -> None:
        """Say what the predictions belong to; written last, so that a folder with it is whole.

        Raises:
            WorkspaceError: The folder cannot be written.
        """
        write_atomic(self.path / _FILE, source.model_dump_json())

    def read(self) -> PredictionSource:
        """What the predictions belong to.

        Raises:
            ReviewError: The file is missing or damaged.
        """
        try:
            return PredictionSource.model_validate_json((self.path / _FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise ReviewError(
                f"The predictions of this review cannot be read: {self.path / _FILE} is missing or damaged. "
                "Restore the folder from a backup."
            ) from error

    def remove(self) -> None:
        """Remove the folder; only for one that no review speaks of."""
        shutil.rmtree(self.path, ignore_errors=True)

    def take_over(self, file: Path, name: str) -> None:
        """Keep a file of a run under another name.

        Raises:
            ReviewError: The file cannot be read.
            WorkspaceError: The folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(f"{self.path} cannot be written ({error}); free some space.") from error
        try:
            os.link(file, self.path / name)
        except OSError:  # Another file system, or one without links
            _copy(file, self.path / name)


@dataclass(frozen=True)
class KeptPredictions:
    """The predictions of one review: what they belong to, and everything that is drawn of a case."""

    folder: SourceFolder
    source: PredictionSource
    _samples: dict[int, SourceSample] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_samples", {item.position: item for item in self.source.samples})

    @property
    def classes(self) -> tuple[ClassSpec, ...]:
        """The classes that masks speak of."""
        return self.source.classes

    def sample(self, position: int) -> SourceSample:
        """One sample.

        Raises:
            ReviewError: There is none.
        """
        found = self._samples.get(position)
        if found is None:
            raise ReviewError(f"The predictions of this review have no case {position}; choose another.")
        return found

    def name(self, position: int) -> str:
        """What files of a case are called."""
        return self.sample(position).stem

    def spacing(self, position: int) -> tuple[float, float] | None:
        """Millimetres between rows and columns; None where they are not known."""
        return self.sample(position).spacing

    def read_prediction(self, position: int) -> KeptPrediction:
        """Mask, and confidence and entropy where they are known.

        Raises:
            RunError: A file is missing or damaged.
        """
        known = self.sample(position).confidence is not None
        return read_prediction(self.folder.path, position, doubt=known)

    def read_image(self, position: int, longest: int | None = None) -> NDArray[np.uint8]:
        """`(H, W, 3)` uint8, reduced to at most `longest` pixels a side.

        Raises:
            AppError: There is no image, or it is broken.
        """
        source, sample = self.source, self.sample(position)
        if source.dataset is not None and sample.sample is not None:
            return read_display(source.dataset, sample.sample, longest)
        if source.images is None or not sample.picture:
            raise ReviewError(f"{sample.name} has no image.")
        root = source.images.parent if source.images.is_file() else source.images
        check_readable(root / sample.picture, root)
        return read_picture(root / sample.picture, longest)

    def read_reference(self, position: int) -> LabelMask | None:
        """The reference mask in the positions of the predicted classes; None where there is none.

        A class that the dataset does not have is nowhere; one that no model knows is void, as it can be
        neither right nor wrong.

        Raises:
            DatasetError: A file is missing or broken.
        """
        source, sample = self.source, self.sample(position)
        if source.dataset is None or sample.sample is None or not sample.sample.masks:
            return None
        mask = read_label(source.dataset, source.dataset_classes, sample.sample)
        names = [item.name for item in source.dataset_classes]
        return move_classes(mask, names, [item.name for item in source.classes])


def source_folder(key: str) -> SourceFolder:
    """The folder of the predictions that a review's spec names.

    Raises:
        WorkspaceError: The key is none that this program gives.
    """
    return SourceFolder(workspace().reviews / "sources" / check_id(key))


def open_kept(key: str) -> KeptPredictions:
    """The predictions that a review's spec names.

    Raises:
        ReviewError: They are missing or damaged.
        WorkspaceError: The key is none that this program gives.
    """
    folder = source_folder(key)
    return KeptPredictions(folder, folder.read())


def move_classes(mask: LabelMask, names: Sequence[str], wanted: Sequence[str]) -> LabelMask:
    """A mask with its classes in other positions; those that are not wanted become void.

    >>> moved = move_classes(LabelMask(np.array([[0, 1]], np.int16), 2), ["a", "b"], ["b"])
    >>> moved.pixels.tolist(), moved.class_count
    ([[-1, 0]], 1)
    """
    if list(names) == list(wanted):
        return mask
    if mask.overlapping:
        empty = np.zeros(mask.shape, np.bool_)
        layers = [mask.region(list(names).index(name)) if name in names else empty for name in wanted]
        return LabelMask(np.stack(layers), len(wanted))
    places = [list(wanted).index(name) if name in wanted else VOID_POSITION for name in names]
    table = np.array([*places, VOID_POSITION], dtype=np.int16)  # The last stands for void, -1
    return LabelMask(table[mask.pixels], len(wanted))


def link_classes(names: PredictionClasses, known: Sequence[ClassSpec]) -> tuple[ClassSpec, ...]:
    """The predicted classes with role and colour, by name; unknown ones are classes."""
    by_name = {item.name: item for item in known}
    return tuple(by_name.get(name) or ClassSpec(key=name, name=name) for name in names.names)


def _copy(file: Path, target: Path) -> None:
    try:
        shutil.copyfile(file, target)
    except FileNotFoundError as error:
        raise ReviewError(f"The prediction {file} is missing; predict again.") from error
    except OSError as error:
        raise WorkspaceError(
            f"{target} cannot be written ({error.strerror or error}); free some space, and try again."
        ) from error
