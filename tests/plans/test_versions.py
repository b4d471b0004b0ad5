"""Versions: kept once a fingerprint, the last twenty, told apart image by image."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample, ScannedDataset
from core.errors import PlanError
from core.plans.version_changes import VersionChanges, find_version_changes
from core.plans.versions import (
    MOST_VERSIONS,
    DatasetVersion,
    keep_version,
    list_versions,
    read_version_rows,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def scanned(names: str = "abc", fingerprint: str = "one", **changes: object) -> ScannedDataset:
    """A dataset of images named by letters; each holds the class disc, the first one also the class spot."""
    classes = (ClassSpec(key="1", name="disc"), ClassSpec(key="2", name="spot"))
    presence = np.array([[True, place == 0] for place in range(len(names))])
    dataset = ScannedDataset(
        spec=DatasetSpec(
            name="t", root=Path("/x"), format="index", folders=(FolderPair(masks="m"),), classes=classes
        ),
        classes=classes,
        samples=tuple(Sample(f"{name}.png", None) for name in names),
        presence=presence,
        pixels=presence * np.int64(2),
        totals=np.full(len(names), 8),
        sizes=None,
        overlapping=False,
        problems=(),
        images=len(names),
        fingerprint=fingerprint,
        digests=np.array([ord(name) for name in names], dtype=np.uint64),
    )
    return replace(dataset, **changes)


def changes(folder: Path, before: ScannedDataset, after: ScannedDataset) -> VersionChanges:
    first, second = (keep_version(folder, item, NOW) for item in (before, after))
    rows = [read_version_rows(folder, item.number) for item in (first, second)]
    return find_version_changes(first, rows[0], second, rows[1])


def test_a_version_says_what_there_was(tmp_path: Path) -> None:
    version = keep_version(tmp_path, scanned(), NOW)
    assert (version.number, version.fingerprint, version.images) == (1, "one", 3)
    assert version.created == "2026-01-02T03:04:05+00:00"
    assert [(item.name, item.presence) for item in version.classes] == [("disc", 1.0), ("spot", 1 / 3)]
    assert [item.pixel_share for item in version.classes] == [6 / 24, 2 / 24]
    assert list_versions(tmp_path) == [version]
    assert read_version_rows(tmp_path, 1).ids == ("a.png", "b.png", "c.png")


def test_a_fingerprint_is_kept_once_also_when_it_comes_back(tmp_path: Path) -> None:
    for fingerprint in ("one", "two", "one"):
        keep_version(tmp_path, scanned(fingerprint=fingerprint), NOW)
    assert [item.number for item in list_versions(tmp_path)] == [2, 1]


def test_the_last_twenty_are_kept_and_numbers_go_on(tmp_path: Path) -> None:
    for number in range(MOST_VERSIONS + 3):
        keep_version(tmp_path, scanned(fingerprint=str(number)), NOW)
    kept = [item.number for item in list_versions(tmp_path)]
    assert kept == list(range(MOST_VERSIONS + 3, 3, -1))
    assert len(list(tmp_path.iterdir())) == 2 * MOST_VERSIONS


def test_images_added_removed_and_changed_are_told_apart(tmp_path: Path) -> None:
    after = scanned("bcd", "two", digests=np.array([ord("b"), 7, 1], dtype=np.uint64))
    found = changes(tmp_path, scanned(), after).samples
    assert (found.added, found.removed, found.changed) == (("d.png",), ("a.png",), ("c.png",))


def test_labels_without_masks_are_compared_by_the_classes_they_name(tmp_path: Path) -> None:
    presence = np.array([[True, True], [True, True], [True, False]])
    before = scanned(digests=None)
    found = changes(tmp_path, before, scanned(fingerprint="two", digests=None, presence=presence))
    assert found.samples.changed == ("b.png",)


def test_classes_new_gone_renamed_and_with_another_role_are_told_apart(tmp_path: Path) -> None:
    before = scanned()
    classes = (
        ClassSpec(key="1", name="papilla"),
        ClassSpec(key="2", name="spot", role=ClassRole.BACKGROUND),
        ClassSpec(key="3", name="scar"),
    )
    presence = np.ones((3, 3), dtype=np.bool_)
    after = scanned(fingerprint="two", classes=classes, presence=presence, pixels=None)
    found = changes(tmp_path, before, after)
    assert found.renamed == (("disc", "papilla"),)
    assert found.roles == (("spot", "class", "background"),)
    assert (found.classes_added, found.classes_removed) == (("scar",), ())


def test_a_class_that_became_void_is_a_change_of_role_not_a_loss(tmp_path: Path) -> None:
    before = scanned()
    spec = before.spec.model_copy(update={"void": ("2",)})
    after = scanned(
        fingerprint="two", spec=spec, classes=before.classes[:1], presence=before.presence[:, :1], pixels=None
    )
    found = changes(tmp_path, before, after)
    assert (found.roles, found.classes_removed) == ((("spot", "class", "void"),), ())


def test_changed_answers_are_said_in_words(tmp_path: Path) -> None:
    before = scanned()
    spec = before.spec.model_copy(update={"ignored": ("a.png",), "threshold": 3.0, "name": "other"})
    found = changes(tmp_path, before, scanned(fingerprint="two", spec=spec))
    said = {item.answer: (item.before, item.after) for item in found.answers}
    assert said == {
        "Files to leave out, relative to the root": ("none", "a.png"),
        "Soft masks: at or above is the class": ("none", "3.0"),
    }
    assert not found.none


def test_equal_versions_have_no_changes(tmp_path: Path) -> None:
    assert changes(tmp_path, scanned(), scanned(fingerprint="two")).none


def test_damaged_versions_are_left_out_and_their_rows_refused(tmp_path: Path) -> None:
    keep_version(tmp_path, scanned(), NOW)
    (tmp_path / "0002.json").write_text("{")
    assert [item.number for item in list_versions(tmp_path)] == [1]
    (tmp_path / "0001.npz").write_bytes(b"damaged")
    with pytest.raises(PlanError, match="compare another version"):
        read_version_rows(tmp_path, 1)


def test_a_version_survives_a_json_round_trip(tmp_path: Path) -> None:
    version = keep_version(tmp_path, scanned(), NOW)
    assert DatasetVersion.model_validate_json(version.model_dump_json()) == version
