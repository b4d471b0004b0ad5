"""A balance plan: the copies of each image with the spec, the dataset and the certificate they come from."""

import csv
import io
import os
from pathlib import Path
from typing import IO, Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from core.domain.balance import MOST_COPIES, BalanceSpec
from core.domain.base import FrozenModel
from core.domain.dataset import DatasetSpec
from core.errors import PlanError
from core.workspace.files import write_atomic

# How `write_plan` writes what comes last: names in quotes hold neither line breaks nor bare quotes, so that
# these bytes occur nowhere else.
_COPIES = b'\n "copies": {'
_END = b"\n ]\n}"
Copies = Annotated[int, Field(ge=0, le=MOST_COPIES)]
_HEAD = 1 << 20  # bytes: some thousand classes stand before the copies


class PlanClass(FrozenModel):
    """One class's share of images in [0, 1]: before, wanted, and after, in whole copies."""

    name: str
    original: float
    target: float
    achieved: float


class PlanCertificate(FrozenModel):
    """How far the continuous solution can be from the best possible: `bound ≤ optimum ≤ objective`."""

    objective: float
    bound: float
    gap: float
    relative_gap: float
    converged: bool


class PlanDataset(FrozenModel):
    """Which dataset a plan was made for, and where it lay."""

    name: str
    root: Path
    fingerprint: str = Field(description="Hash of content; another one means that the dataset has changed")
    spec: DatasetSpec


class BalancePlan(FrozenModel):
    """Everything that a training code, or a person a year later, needs to know of a balanced set.

    `copies` maps each image to its whole copies (0: dropped), in the order of the dataset; `weights` are the
    continuous copies per image for samplers that draw with replacement. `ess` is the share of N in [0, 1]
    that the continuous weights keep as effective sample size.
    """

    schema_version: int = 1
    name: str = Field(min_length=1, max_length=80)
    created: str = Field(description="UTC, ISO 8601")
    app_version: str
    dataset: PlanDataset
    spec: BalanceSpec
    seed: int = Field(ge=0)
    classes: tuple[PlanClass, ...]
    certificate: PlanCertificate
    distance: float
    drift: float
    ess: float
    total: Copies
    duplicates: Copies
    dropped: Copies
    max_copies: Copies
    copies: dict[str, Copies]
    weights: tuple[Annotated[float, Field(ge=0)], ...]

    @model_validator(mode="after")
    def _check_copies(self) -> Self:
        """A file that was edited by hand contradicts itself before anything is written from it.

        A summary has neither copies nor weights.
        """
        if not self.copies and not self.weights:
            return self
        if len(self.weights) != len(self.copies):
            raise ValueError(f"{len(self.copies)} images have copies, but {len(self.weights)} have weights")
        if (sum_of_copies := sum(self.copies.values())) != self.total:
            raise ValueError(f"the copies add up to {sum_of_copies}, but `total` is {self.total}")
        return self

    def copies_array(self) -> NDArray[np.int64]:
        """`(N,)` copies in the dataset's order."""
        return np.fromiter(self.copies.values(), dtype=np.int64, count=len(self.copies))


def format_plan_csv(plan: BalancePlan) -> str:
    """The plan as a table: `image,copies,weight`, one line an image."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", "copies", "weight"])
    writer.writerows(
        (image, copies, f"{weight:.9g}")
        for (image, copies), weight in zip(plan.copies.items(), plan.weights, strict=True)
    )
    return text.getvalue()


def format_plan_weights(plan: BalancePlan) -> bytes:
    """`(N,)` float64 `.npy` for `torch.utils.data.WeightedRandomSampler`, in the order of the CSV."""
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(plan.weights, dtype=np.float64), allow_pickle=False)
    return buffer.getvalue()


def write_plan(path: Path, plan: BalancePlan) -> list[Path]:
    """Write `NAME.json`, `NAME.csv` and `NAME.weights.npy` side by side; returns the three paths.

    Raises:
        WorkspaceError: the folder cannot be written, or the disk is full.
    """
    files: dict[Path, str | bytes] = {
        path.with_suffix(".csv"): format_plan_csv(plan),
        path.with_suffix(".weights.npy"): format_plan_weights(plan),
        path: plan.model_dump_json(indent=1),  # last: where the JSON is, the rest is too
    }
    for target, content in files.items():
        write_atomic(target, content)
    return [path, path.with_suffix(".csv"), path.with_suffix(".weights.npy")]


def read_plan(path: Path) -> BalancePlan:
    """Read a plan's JSON.

    Raises:
        PlanError: there is no such file, or it is not a plan.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanError(f"Cannot read the plan {path}: {error.strerror or error}.") from error
    return parse_plan(content, path.name)


def read_plan_summary(path: Path) -> BalancePlan:
    """Read a plan without its copies and weights; for a million images that is a thousandth of the time.

    Raises:
        PlanError: there is no such file, or it is not a plan.
    """
    try:
        with path.open("rb") as file:
            head = _read_head(file)
    except OSError as error:
        raise PlanError(f"Cannot read the plan {path}: {error.strerror or error}.") from error
    if head is None:  # written by another hand: the copies may lie anywhere
        plan = read_plan(path)
        return plan.model_copy(update={"copies": {}, "weights": ()})
    return parse_plan(head + b'"copies": {}, "weights": []}', path.name)


def _read_head(file: IO[bytes]) -> bytes | None:
    """What stands before the copies in a whole file of `write_plan`; None in any other."""
    head = file.read(_HEAD)
    end = head.find(_COPIES)
    file.seek(max(file.seek(0, os.SEEK_END) - len(_END), 0))
    return head[:end] if end >= 0 and file.read() == _END else None


def parse_plan(content: bytes, name: str) -> BalancePlan:
    """A plan from the bytes of its JSON file; `name` says in a refusal which file that is.

    Raises:
        PlanError: it is not a plan.
    """
    try:
        return BalancePlan.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        why = first["msg"].removeprefix("Value error, ")
        raise PlanError(
            f"{name} is not a balance plan of this program ({where}: {why}); "
            "choose the JSON file that “Keep this plan” or --out has written."
        ) from error
