"""How images are put into groups that no split may divide."""

from typing import Literal, Self

from pydantic import Field, model_validator

from core.domain.base import FrozenModel
from core.domain.dataset import DatasetSpec

GroupOrigin = Literal["", "file", "column", "pattern", "format", "tie"]
"""Where the name of an image's group comes from: a group file, a column of the label table, a pattern, the
format itself (PatientID, the volume of a slice), a person who tied images together, or nowhere."""


class GroupRule(FrozenModel):
    """One way to name groups; without any field the format's own groups are taken, where it has some.

    A rule comes before the groups that the format names: whoever gives one knows better.
    """

    pattern: str | None = Field(default=None, description="Regular expression: its match is the group")
    column: str | None = Field(default=None, description="Column that names the group")
    file: str | None = Field(default=None, description="CSV file of `column`; None: the label table itself")

    @model_validator(mode="after")
    def _check_one_way(self) -> Self:
        if self.pattern is not None and (self.column is not None or self.file is not None):
            raise ValueError(
                "groups are named by a pattern or by a column, not by both; leave out one of the two"
            )
        return self

    @classmethod
    def of(cls, spec: DatasetSpec) -> Self:
        """The rule of a dataset; where a hand-written file has a column and a pattern, the column."""
        named = spec.group_column is not None or spec.group_file is not None
        pattern = None if named else spec.group_pattern
        return cls(pattern=pattern, column=spec.group_column, file=spec.group_file)

    def put_into(self, spec: DatasetSpec) -> DatasetSpec:
        """The dataset with this rule in the place of its own."""
        return spec.model_copy(
            update={
                "group_pattern": self.pattern,
                "group_column": self.column,
                "group_file": self.file,
            }
        )
