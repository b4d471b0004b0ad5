"""Versions of a dataset: what it held at each scan that found something new.

A version is two files: `0003.json` says what there was, `0003.npz` which samples, each with a short hash of
its masks, so that two versions can be told apart image by image. The last twenty are kept.
"""

import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from core.domain.base import FrozenModel
from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.statistics import compute_pixel_shares, compute_presence_shares, digest_labels
from core.workspace.files import replacing, write_atomic
from core.workspace.texts import pack_texts, unpack_texts

VERSIONS = "versions"  # their folder, beside the dataset's answers
MOST_VERSIONS = 20


class VersionClass(FrozenModel):
    """One class as a version held it; shares in [0, 1], None where there was nothing to count."""

    key: str
    name: str
    role: str
    presence: float | None
    pixel_share: float | None


class DatasetVersion(FrozenModel):
    """What a dataset held when its fingerprint was first seen."""

    schema_version: Literal[1] = 1
    number: int = Field(ge=1, description="Counts up from 1; a number is never given twice")
    fingerprint: str
    created: str = Field(description="UTC, ISO 8601")
    images: int = Field(ge=0, description="Images, problem files included")
    usable: int = Field(ge=0, description="Samples that could be read")
    problems: int = Field(ge=0)
    classes: tuple[VersionClass, ...]
    spec: DatasetSpec


@dataclass(frozen=True, slots=True)
class VersionRows:
    """The samples of a version: their ids, and `(N,)` uint32 hashes of what their masks or labels held."""

    ids: tuple[str, ...]
    digests: NDArray[np.uint32]


def keep_version(folder: Path, dataset: ScannedDataset, now: datetime) -> DatasetVersion:
    """Keep a scan as a new version, unless one with its fingerprint is kept already.

    Args:
        folder: Where the versions of this dataset lie.
        dataset: The scan.
        now: The time, with its zone.

    Returns:
        The version with the scan's fingerprint.

    Raises:
        WorkspaceError: The folder cannot be written, or the disk is full.
    """
    versions = list_versions(folder)
    known = next((item for item in versions if item.fingerprint == dataset.fingerprint), None)
    if known is not None:
        return known
    number = 1 + max((item.number for item in versions), default=0)
    version = _describe(dataset, number, now)
    _write_rows(_rows_file(folder, number), dataset)
    write_atomic(_file(folder, number), version.model_dump_json(indent=1))  # last: its rows are there then
    for old in versions[MOST_VERSIONS - 1 :]:
        _file(folder, old.number).unlink(missing_ok=True)
        _rows_file(folder, old.number).unlink(missing_ok=True)
    return version


def list_versions(folder: Path) -> list[DatasetVersion]:
    """The versions of a dataset, the latest first; a damaged one is left out."""
    found = []
    for path in folder.glob("[0-9]*.json"):
        try:
            found.append(DatasetVersion.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            continue
    return sorted(found, key=lambda item: -item.number)


def read_version_rows(folder: Path, number: int) -> VersionRows:
    """The samples of a version.

    Raises:
        PlanError: The version is gone, or its file is damaged.
    """
    path = _rows_file(folder, number)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return VersionRows(tuple(unpack_texts(arrays["ids"].tobytes())), arrays["digests"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise PlanError(
            f"The images of version {number} cannot be read ({error}); compare another version."
        ) from error


def _describe(dataset: ScannedDataset, number: int, now: datetime) -> DatasetVersion:
    shares = compute_presence_shares(dataset.presence)
    pixels = np.full(len(dataset.classes), np.nan)
    if dataset.pixels is not None and dataset.totals is not None:
        pixels = compute_pixel_shares(dataset.pixels, dataset.totals)
    return DatasetVersion(
        number=number,
        fingerprint=dataset.fingerprint,
        created=now.isoformat(timespec="seconds"),
        images=dataset.images,
        usable=len(dataset.samples),
        problems=len(dataset.problems),
        classes=tuple(
            VersionClass(
                key=item.key,
                name=item.name,
                role=item.role.value,
                presence=_known(presence),
                pixel_share=_known(share),
            )
            for item, presence, share in zip(dataset.classes, shares, pixels, strict=True)
        ),
        spec=dataset.spec,
    )


def _write_rows(path: Path, dataset: ScannedDataset) -> None:
    digests = dataset.digests
    if digests is None:
        digests = digest_labels(dataset.presence, [item.key for item in dataset.classes])
    ids = pack_texts(sample.id for sample in dataset.samples)
    # Half of each hash: random bits do not compress, and one change in four thousand million goes unseen.
    short = (digests & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, ids=np.frombuffer(ids, np.uint8), digests=short)


def _known(share: float) -> float | None:
    return float(share) if np.isfinite(share) else None


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.json"


def _rows_file(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.npz"
