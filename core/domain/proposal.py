"""What detection proposes for a folder, and how a person corrects it."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from core.domain.base import FrozenModel
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName, Pairing, PairingRule, SampleUnit


class Answers(FrozenModel):
    """The answers that a person gave; each one given wins over what detection finds."""

    format: FormatName | None = Field(default=None, description="How masks store their classes")
    images: Path | None = Field(default=None, description="Image folder, absolute or relative to the dataset")
    masks: Path | None = Field(default=None, description="Mask folder, absolute or relative to the dataset")
    pairing: Pairing | PairingRule | None = Field(
        default=None, description="A rule, or a rule with its affixes"
    )
    classes: tuple[ClassSpec, ...] | None = Field(default=None, description="All classes, in order")
    void: tuple[str, ...] | None = Field(
        default=None, description="Keys that are neither class nor background"
    )
    threshold: float | None = Field(default=None, ge=0, description="Soft masks: at or above is the class")
    separator: str | None = Field(default=None, description="Label tables: between words of one cell")
    id_column: str | None = Field(default=None, description="Label tables: the column that names the image")
    class_pattern: str | None = Field(
        default=None, description="Class folders and names: regular expression, its first group is the class"
    )
    unit: SampleUnit | None = Field(
        default=None, description="Volumes: whether a slice or a volume is a sample"
    )
    group_pattern: str | None = Field(default=None, description="Regular expression: its match is the group")
    group_column: str | None = Field(default=None, description="Column that names an image's group")
    group_file: str | None = Field(default=None, description="CSV file of groups, relative to the root")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A dataset as detection understands it.

    Attributes:
        spec: The answers, ready to be scanned or corrected.
        reasons: One sentence an answer: what was taken, and why.
        alternatives: Other readings of the same folder, the likeliest first.
        warnings: What a person should look at before going on.
    """

    spec: DatasetSpec
    reasons: tuple[str, ...] = ()
    alternatives: tuple[DatasetSpec, ...] = ()
    warnings: tuple[str, ...] = ()
