"""What a review is asked, which cases it holds, and what a reader decides."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from core.domain.balance import ClassTarget
from core.domain.base import FrozenModel
from core.domain.dataset import DatasetSpec
from core.domain.identity import Identity

Action = Literal["accept", "reject", "correct", "skip", "flag", "withdraw"]
"""`withdraw` takes the reader's earlier decision back: it supersedes it, and puts nothing in its place."""
CaseState = Literal[
    "open", "started", "accepted", "rejected", "corrected", "skipped", "flagged", "conflict", "taken"
]
"""`taken` is what a reader sees of a case that somebody else has settled, and not how."""
AssignmentKind = Literal["reader", "adjudicator"]
SETTLED: tuple[CaseState, ...] = ("accepted", "rejected", "corrected")
"""The states in which nothing more is asked of anybody."""


def _check_text(text: str) -> str:
    """PostgreSQL takes no NUL; pydantic itself refuses what has no UTF-8."""
    if "\0" in text:
        raise ValueError("it holds a character that is no text; type it anew")
    return text


Text = Annotated[str, AfterValidator(_check_text)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RankWeights(FrozenModel):
    """How much each reason to look at a case counts; 0 leaves it out, only proportions matter."""

    entropy: float = Field(default=1.0, ge=0, description="Mean entropy over the region's band")
    confidence: float = Field(default=0.0, ge=0, description="Low mean confidence")
    dice: float = Field(default=0.0, ge=0, description="Low Dice, where there is a reference")
    rarity: float = Field(default=0.0, ge=0, description="Classes that lie below the target vector")
    disagreement: float = Field(default=0.0, ge=0, description="Teacher and student differ")

    @model_validator(mode="after")
    def _check_something_counts(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("all weights are 0; give at least one reason a weight above 0")
        return self


class ReviewSettings(FrozenModel):
    """How the cases of a review are ordered and read."""

    weights: RankWeights = RankWeights()
    random_share: float = Field(default=0.1, ge=0, le=1, description="Share of cases drawn at random")
    seed: int = Field(default=0, ge=0, description="Decides which cases are drawn")
    group_cap: int | None = Field(
        default=None, ge=1, description="Most cases of one group in a row of the list's rounds; None: no cap"
    )
    readers_per_case: int = Field(default=1, ge=1, le=20, description="How many decide each case")
    blind_readers: bool = Field(default=True, description="Readers see others' answers after their own")
    hide_model: bool = Field(default=False, description="Readers see the model's mask after their own answer")

    @property
    def hides_answers(self) -> bool:
        """Whether a reader sees others' answers after their own only.

        With the model hidden it is always so: a mask that somebody accepted is the model's.
        """
        return self.blind_readers or self.hide_model


class ReviewSpec(FrozenModel):
    """Everything that determines a review: one set of predictions, and the settings."""

    title: Text = Field(min_length=1, max_length=160)
    source: Literal["run", "folder", "bundle"] = Field(description="Where the predictions come from")
    source_id: Text = Field(
        min_length=1, max_length=255, description="The run's id, the bundle's, or the folder's name"
    )
    dataset: Text = Field(default="", max_length=255, description="The dataset's name")
    dataset_hash: Text = Field(min_length=1, max_length=128, description="The dataset's fingerprint")
    model_hash: Text = Field(min_length=1, max_length=128, description="Hash of the weights that predicted")
    classes: tuple[Text, ...] = Field(min_length=1, description="Names of the masks' classes, in order")
    settings: ReviewSettings = ReviewSettings()
    predictions: Text = Field(
        default="", max_length=80, description="Key of their folder; see `core.inference.sources`"
    )


class MaskFolder(FrozenModel):
    """Masks of a dataset's images, in the layout of `predict`; see `core.inference.applied`."""

    folder: Path = Field(description="Absolute")
    dataset: DatasetSpec


class ReviewRequest(FrozenModel):
    """What the job `review` is asked: a review of what a run has predicted, or of masks in a folder."""

    key: str = Field(description="Of the folder that keeps the predictions")
    title: Text = Field(min_length=1, max_length=160)
    source_id: str = Field(description="A run that has predicted; of a folder its name")
    folder: MaskFolder | None = Field(default=None, description="None: what the run has predicted")
    second_id: str = Field(default="", description="Another one, whose masks are compared; empty: none")
    targets: tuple[ClassTarget, ...] = Field(default=(), description="T, for the rarity of cases")
    settings: ReviewSettings = ReviewSettings()
    identity: Identity = Field(description="Who opens it")
    app_version: str


class CaseFigures(FrozenModel):
    """Reasons to look at a case, each in [0, 1]; None where it is not known."""

    entropy: float | None = Field(default=None, ge=0, le=1)
    confidence: float | None = Field(default=None, ge=0, le=1)
    dice: float | None = Field(default=None, ge=0, le=1)
    rarity: float | None = Field(default=None, ge=0, le=1)
    disagreement: float | None = Field(default=None, ge=0, le=1)


class CaseSpec(FrozenModel):
    """One predicted sample of a review; `position` is its number among the predictions."""

    position: int = Field(ge=0)
    sample: Text = Field(min_length=1, max_length=1024)
    mask_hash: Hash = Field(description="Of the predicted mask; see `core.reviews.mask_files`")
    height: int = Field(ge=1, description="Of the mask, in pixels")
    width: int = Field(ge=1)
    group: Text = Field(default="", max_length=255, description="Patient or study; empty: unknown")
    fold: int = Field(default=0, ge=0)
    classes: tuple[Text, ...] = Field(default=(), description="Names of the predicted classes")
    figures: CaseFigures = CaseFigures()


class DecisionRequest(FrozenModel):
    """What a reader sends. `token` is made once a decision by the sender: sent twice, it is stored once."""

    token: Text = Field(min_length=8, max_length=64)
    action: Action
    class_name: Text = Field(default="", description="The class it is about; empty: the whole case")
    reason: Text = Field(default="", max_length=1000, description="Required to reject")
    comment: Text = Field(default="", max_length=4000)
    seconds: float = Field(ge=0, le=86_400 * 7, description="Spent on the case")
    mask_seen: Hash | None = Field(default=None, description="The mask it is about; None: the predicted one")

    @model_validator(mode="after")
    def _check_reason(self) -> Self:
        if self.action == "reject" and not self.reason.strip():
            raise ValueError("a rejection needs a reason; choose or type one")
        return self


class WorklistFilter(FrozenModel):
    """Which cases are shown; None or empty lets all through."""

    class_name: str = Field(default="", description="Predicted in the case")
    fold: int | None = None
    state: CaseState | None = None
    reader: str = Field(default="", description="Id of a reader that the case is assigned to")
    random_only: bool = False
