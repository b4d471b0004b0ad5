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


def compare(dataset_id: str, before: str, after: str) -> VersionChanges:
    """What has changed from one version to another, by their fingerprints.

    Raises:
        PlanError: One of them is not kept any more, or is damaged.
    """
    folder = _folder(dataset_id)
    earlier, later = find(dataset_id, before), find(dataset_id, after)
    if earlier is None or later is None:
        raise PlanError("This version is not kept any more; choose another one.")
    return find_version_changes(
        earlier,
        read_version_rows(folder, earlier.number),
        later,
        read_version_rows(folder, later.number),
    )


def _folder(dataset_id: str) -> Path:
    return workspace().dataset(dataset_id) / VERSIONS
