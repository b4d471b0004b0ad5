"""What a review bundle says of itself, and what the file that brings its decisions back says.

manifest.json              what is below, with the size and the SHA-256 of every other file
images/000012.png          8 bits grey or colour, as people look at them
masks/000012/HASH.*.png    predicted and corrected masks, as `core.reviews.mask_files` keeps them
references/000012/…        the masks of the dataset, where they go along
confidence/000012.png      8 bits: 255 is certain
entropy/000012.png         8 bits, a share of the largest possible
"""

import json
import re
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from core.domain.base import FrozenModel
from core.domain.classes import ClassSpec
from core.domain.measuring import CutVolume
from core.domain.review import CaseSpec, Hash, ReviewSpec, Text
from core.errors import ReviewError

MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 64 << 20  # a hundred thousand cases take half of it
HEAT = ("confidence", "entropy")
Millimetres = Annotated[float, Field(gt=0, lt=1e6)]
_MASK = r"\d{6,9}/[0-9a-f]{64}\.(index|layers)\.png"
_FILE = re.compile(rf"(images|confidence|entropy)/\d{{6,9}}\.png|(masks|references)/{_MASK}")


class BundledFile(FrozenModel):
    """One file of a bundle."""

    size: int = Field(ge=1)
    sha256: Hash


class BundledCase(FrozenModel):
    """One case; `spacing` is in millimetres between rows and columns."""

    case: CaseSpec
    spacing: tuple[Millimetres, Millimetres] | None = None
    reference: Hash | None = Field(default=None, description="Of the dataset's mask, where it goes along")
    doubt: bool = Field(default=True, description="Whether confidence and entropy go along")


class _Manifest(FrozenModel):
    """What both kinds have in common."""

    schema_version: Literal[1] = 1
    bundle: str = Field(pattern=r"^[0-9a-f]{32}$", description="The bundle's id, made once")
    review: Text = Field(description="Id of the review where the bundle was made")
    app_version: Text
    made: Text = Field(description="UTC, ISO 8601")
    files: dict[str, BundledFile] = Field(description="Every file but this one, by its path")

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        wrong = next((name for name in self.files if not _FILE.fullmatch(name)), None)
        if wrong is not None:
            raise ValueError(f"it lists a file that no bundle has: {wrong[:100]!r}")
        return self


_Kind = TypeVar("_Kind", bound=_Manifest)


class BundleManifest(_Manifest):
    """A bundle on its way out."""

    kind: Literal["counterpoise review bundle"] = "counterpoise review bundle"
    spec: ReviewSpec = Field(description="Of the review where the bundle was made")
    classes: tuple[ClassSpec, ...] = Field(min_length=1)
    cases: tuple[BundledCase, ...] = Field(min_length=1)
    volumes: tuple[CutVolume, ...] = Field(default=(), description="Of which its cases are slices")
    made_by: Text = Field(description="Name of the person who made it")

    @model_validator(mode="after")
    def _check_cases(self) -> Self:
        if tuple(item.name for item in self.classes) != self.spec.classes:
            raise ValueError("its classes are not those of its review")
        positions = [item.case.position for item in self.cases]
        if len(set(positions)) != len(positions) or max(positions) > 999_999_999:
            raise ValueError("two of its cases have one position")
        slices = [position for item in self.volumes for position in item.positions]
        if len(set(slices)) != len(slices) or not set(slices) <= set(positions):
            raise ValueError("its volumes hold a case twice, or one that it does not have")
        if any(item.depth is not None and item.depth < len(item.positions) for item in self.volumes):
            raise ValueError("one of its volumes has more slices than it says")
        return self


class AnsweredRecord(FrozenModel):
    """One record of the other installation's ledger, exactly as it stands there."""

    body: str
    hash: Hash


class AnswersManifest(_Manifest):
    """What comes back: the part of the ledger that speaks of the bundle's review."""

    kind: Literal["counterpoise review answers"] = "counterpoise review answers"
    installation: Hash = Field(description="Hash of the other ledger's first record, which no other has")
    opened_as: Text = Field(description="Id of the review that the bundle became there")
    records: tuple[AnsweredRecord, ...]


def encode_manifest(manifest: BundleManifest | AnswersManifest) -> bytes:
    """The content of `manifest.json`."""
    return json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False).encode()


def parse_bundle(content: bytes, name: str) -> BundleManifest:
    """The manifest of a bundle.

    Raises:
        ReviewError: It is none, or breaks a rule.
    """
    hint = (
        "brings the decisions on a bundle back; merge it into the review that the bundle was made from, "
        "instead of opening it."
    )
    return _parse(content, name, BundleManifest, (AnswersManifest, hint))


def parse_answers(content: bytes, name: str) -> AnswersManifest:
    """The manifest of answers.

    Raises:
        ReviewError: It is none, or breaks a rule.
    """
    hint = (
        "is a bundle on its way out, without decisions; ask the reader for the file that “Send decisions "
        "back” writes."
    )
    return _parse(content, name, AnswersManifest, (BundleManifest, hint))


def _parse(content: bytes, name: str, wanted: type[_Kind], other: tuple[type[_Manifest], str]) -> _Kind:
    """A manifest of one kind; for one of the other kind there is a hint of its own."""
    mistaken, hint = other
    if _find_kind(content, name) == mistaken.model_fields["kind"].default:
        raise ReviewError(f"{name} {hint}")
    try:
        return wanted.model_validate_json(content)
    except ValidationError as error:
        raise _wrong(name, error) from error


def _find_kind(content: bytes, name: str) -> str:
    try:
        about = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ReviewError(
            f"{name}: its manifest cannot be read; ask the sender to write the file again."
        ) from error
    return str(about.get("kind")) if isinstance(about, dict) else ""


def _wrong(name: str, error: ValidationError) -> ReviewError:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])[:100]
    reason = first["msg"].removeprefix("Value error, ")
    where = f" at {place}" if place else ""
    return ReviewError(
        f"{name}: its manifest is none that this program writes ({reason}{where}). It was changed, or "
        "written by a newer version."
    )
