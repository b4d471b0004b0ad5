"""The versions of a dataset: those that are kept, and what makes two of them differ."""

from datetime import UTC, datetime
from pathlib import Path

from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.plans.version_changes import AnswerChange, VersionChanges, find_version_changes
from core.plans.versions import (
    MOST_VERSIONS,
    VERSIONS,
    DatasetVersion,
    VersionClass,
    keep_version,
    list_versions,
    read_version_rows,
)
from core.workspace.paths import workspace

__all__ = [
    "MOST_VERSIONS",
    "AnswerChange",
    "DatasetVersion",
    "VersionChanges",
    "VersionClass",
    "compare",
    "find",
    "keep",
    "known",
]


def keep(dataset_id: str, dataset: ScannedDataset) -> DatasetVersion:
    """Keep a scan as a new version, unless one with its fingerprint is kept already.

    Raises:
        WorkspaceError: The workspace cannot be written.
    """
    return keep_version(_folder(dataset_id), dataset, datetime.now(UTC))


def known(dataset_id: str) -> list[DatasetVersion]:
    """The versions that are kept of a dataset, the latest first."""
    return list_versions(_folder(dataset_id))


def find(dataset_id: str, fingerprint: str) -> DatasetVersion | None:
    """The version with a fingerprint: of the open dataset, or of the one that a plan was made for."""
    return next((item for item in known(dataset_id) if item.fingerprint == fingerprint), None)


def compare(dataset_id: str, before: int, after: int) -> VersionChanges:
    """What has changed from one version to another, by their numbers.

    Raises:
        PlanError: One of them is not kept any more, or is damaged.
    """
    versions = {item.number: item for item in known(dataset_id)}
    gone = next((number for number in (before, after) if number not in versions), None)
    if gone is not None:
        raise PlanError(f"Version {gone} is not kept any more; choose another one.")
    folder = _folder(dataset_id)
    return find_version_changes(
        versions[before],
        read_version_rows(folder, before),
        versions[after],
        read_version_rows(folder, after),
    )


def _folder(dataset_id: str) -> Path:
    return workspace().dataset(dataset_id) / VERSIONS
