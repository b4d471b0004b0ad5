"""What a training run is asked, and what it says epoch by epoch."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from core.domain.balance import BalanceSpec
from core.domain.base import FrozenModel
from core.domain.dataset import DatasetSpec
from core.domain.recipe import HeadKind, RecipeSpec

PerClass = dict[str, float | None]
"""Class name to a figure in [0, 1]; None where the class is absent (n/a)."""


class SplitSpec(FrozenModel):
    """Which samples are trained on, and which are kept to validate."""

    folds: int | None = Field(
        default=None, ge=2, le=20, description="k of a cross-validation; None: one grouped hold-out"
    )
    holdout: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the samples that is held out where there are no folds"
    )
    seed: int = Field(default=0, ge=0, description="Decides among equally good splits")
    group_pattern: str | None = Field(
        default=None, description="Regular expression of the groups; None: those of the dataset"
    )


class PlanChoice(FrozenModel):
    """A plan as a run uses it: its spec, solved anew on the training part of each fold."""

    name: str
    spec: BalanceSpec


class TrainRequest(FrozenModel):
    """Everything that determines a training run."""

    title: str = Field(min_length=1, max_length=160, description="Shown in lists of runs")
    experiment: str = Field(default="", description="Runs that were started together share it")
    dataset: DatasetSpec
    fingerprint: str = Field(description="Of the dataset; a run of another one is refused")
    plan: PlanChoice | None = Field(default=None, description="None trains on the images as they are")
    recipe: RecipeSpec
    split: SplitSpec = SplitSpec()
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?)$", description="cpu, cuda or cuda:N")
    predictions: bool = Field(default=True, description="Whether masks of the held-out parts are written")


class PredictRequest(FrozenModel):
    """What the job `predict` is asked: the masks of other images, by a run's models."""

    run: str = Field(description="A training run with at least one trained fold")
    dataset: DatasetSpec | None = Field(
        default=None, description="A dataset with masks to compare with; None: a folder of images"
    )
    images: Path = Field(description="The folder of images, or the dataset's root; absolute")
    folder: Path = Field(description="Where to write: new, empty, or begun by the same run; absolute")
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?)$")


class ExportRequest(FrozenModel):
    """What the job `export` is asked: a trained model as files that other programs read."""

    run: str = Field(description="A training run with at least one trained fold")
    onnx: Path | None = Field(default=None, description="Where the ONNX file goes; absolute")
    safetensors: Path | None = Field(default=None, description="Where the weights go; absolute")
    fold: int | None = Field(default=None, ge=1, description="None: the fold with the best score")
    class_name: str | None = Field(
        default=None, description="Whose best epoch is taken; None: the epoch of the best vDice"
    )
    app_version: str = Field(description="Written into the files")


class MetricsRecord(FrozenModel):
    """Figures of one pass over a part of the data; see docs/metrics.md for each convention.

    `dice`, `iou`, `precision` and `recall` are computed from counts summed over all images; `dice_images` and
    `iou_images` are means over the images that hold the class in mask or prediction.
    """

    loss: float | None = None
    dice: PerClass
    iou: PerClass
    precision: PerClass
    recall: PerClass
    dice_images: PerClass
    iou_images: PerClass
    vdice: float | None = Field(description="Mean of the per-class Dice (S1)")
    vdice_images: float | None = Field(default=None, description="The same of `dice_images`")
    mean_iou: float | None = Field(default=None, description="Mean of the per-class IoU")
    iou_variance: float | None = Field(
        default=None, description="Variance of the IoU across classes, in squared percentage points (S3)"
    )
    accuracy: float | None = Field(default=None, description="Share of right pixels")


class FoldRecord(FrozenModel):
    """The start of one fold."""

    kind: Literal["fold"] = "fold"
    fold: int = Field(ge=1)
    folds: int = Field(ge=1)
    classes: tuple[str, ...] = Field(description="The classes that figures speak of")
    head: HeadKind
    train_images: int
    train_items: int = Field(description="Copies and tiles that one epoch draws")
    validation_images: int
    duplicates: int = Field(description="Copies beyond the first in the training part")
    parameters: int = Field(description="Of the model")
    bands: int = Field(default=3, description="Bands that images are brought to: 1 (grey) or 3")
    weights: str = Field(description="Where the first weights came from")
    device: str
    notes: tuple[str, ...] = ()


class EpochRecord(FrozenModel):
    """The end of one epoch."""

    kind: Literal["epoch"] = "epoch"
    fold: int = Field(ge=1)
    epoch: int = Field(ge=1)
    epochs: int = Field(ge=1)
    train: MetricsRecord
    validation: MetricsRecord
    lr: float
    seconds: float = Field(description="Training and validation of this epoch")
    images_per_second: float = Field(description="Training items")
    memory_bytes: int = Field(description="Peak of the GPU, or resident memory of the process")
    time: float = Field(description="Seconds since the epoch, UTC")


class StepRecord(FrozenModel):
    """The latest step, while a run is at work."""

    fold: int
    folds: int
    epoch: int
    epochs: int
    step: int
    steps: int = Field(description="Training steps of an epoch")
    stage: Literal["preparing", "training", "validating", "predicting"]
    images_per_second: float
    loss: float | None
    lr: float
    memory_bytes: int
    device: str
    eta: float | None = Field(default=None, description="Seconds to the end of the whole run")
    time: float


HistoryRecord = Annotated[FoldRecord | EpochRecord, Field(discriminator="kind")]
HISTORY_RECORD: TypeAdapter[FoldRecord | EpochRecord] = TypeAdapter(HistoryRecord)
