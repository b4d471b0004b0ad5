"""The search for near duplicates, as the worker runs it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.groups import GroupRule
from core.errors import CancelledError, DatasetError
from core.formats.likeness_file import find_report
from core.jobs.duplicates import run_duplicates
from core.jobs.scan import run_scan
from core.services import datasets
from core.workspace.paths import workspace
from tests.formats.test_likeness import as_jpeg, scene


@pytest.fixture
def dataset_id(tmp_path: Path) -> str:
    """Six scenes: 1 saved again as `1_again`, 2 copied byte by byte, each with a mask."""
    for folder in ("images", "masks"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    images = tmp_path / "set/images"
    for seed in range(4):
        scene(seed).save(images / f"{seed}_x.png")
    as_jpeg(scene(1)).save(images / "1_again.png")
    (images / "9_copy.png").write_bytes((images / "2_x.png").read_bytes())
    for path in images.iterdir():
        mask = np.zeros((120, 160), np.uint8)
        mask[:9] = 1
        Image.fromarray(mask).save(tmp_path / "set/masks" / path.name)
    spec = DatasetSpec(
        name="set",
        root=tmp_path / "set",
        format="index",
        folders=(FolderPair(images="images", masks="masks"),),
    )
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def search(dataset_id: str, stop: bool = False) -> list[str]:
    said: list[str] = []
    run_duplicates({"dataset": dataset_id}, lambda done, total, message: said.append(message), lambda: stop)
    return said


def test_the_search_keeps_the_pairs_and_how_groups_were_named(dataset_id: str) -> None:
    said = search(dataset_id)
    assert list(dict.fromkeys(said)) == [
        "Comparing files of equal size",
        "Looking at the images",
        "Comparing looks",
    ]
    report = find_report(workspace().dataset(dataset_id))
    assert report is not None
    assert [pair[:2] for pair in report.pairs] == [("images/1_again.png", "images/1_x.png")]  # not the copy
    assert (report.compared, report.flat, report.unread, report.slices) == (6, 0, 0, 0)
    assert report.rule == GroupRule()


def test_images_of_one_group_are_not_compared(dataset_id: str) -> None:
    datasets.edit_groups(dataset_id, GroupRule(pattern=r"^\d"), ())
    search(dataset_id)
    report = find_report(workspace().dataset(dataset_id))
    assert report is not None
    assert (report.pairs, report.rule.pattern) == ((), r"^\d")


def test_a_search_can_be_cancelled(dataset_id: str) -> None:
    with pytest.raises(CancelledError):
        search(dataset_id, stop=True)
    assert find_report(workspace().dataset(dataset_id)) is None


def test_a_dataset_that_was_never_scanned_is_a_sentence() -> None:
    with pytest.raises(DatasetError, match="not been scanned"):
        search("never-was-00000000")
