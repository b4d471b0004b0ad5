"""Near duplicates: what is listed, and how answers change it."""

from pathlib import Path

import pytest
from PIL import Image

from core.domain.groups import GroupRule
from core.domain.likeness import LikenessReport
from core.formats.likeness_file import write_report
from core.jobs.scan import run_scan
from core.services import datasets, likeness, splits
from core.workspace.paths import workspace
from tests.services.test_datasets import over, wait

PAIRS = ((1, 2, 4), (2, 3, 10), (7, 8, 30), (10, 11, 60))


@pytest.fixture
def found(dataset_id: str) -> str:
    """A scanned dataset for which a search has found PAIRS."""
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    pairs = tuple((f"images/{a:02}.png", f"images/{b:02}.png", d) for a, b, d in PAIRS)
    report = LikenessReport(rule=GroupRule(), compared=40, flat=0, unread=0, slices=0, limit=64, pairs=pairs)
    write_report(workspace().dataset(dataset_id), report)
    return dataset_id


def listed(dataset_id: str, limit: int = 64) -> list[tuple[int, ...]]:
    dataset, report = datasets.open_dataset(dataset_id), likeness.find_found(dataset_id)
    assert report is not None
    group = splits.find_groups(dataset).group
    judged = likeness.find_dismissals(dataset_id)
    return [item.positions for item in likeness.cluster(dataset, report, group, limit, judged)]


def ids(*places: int) -> tuple[str, ...]:
    return tuple(f"images/{place:02}.png" for place in places)


def test_pairs_that_share_an_image_are_one_set_the_most_alike_first(found: str) -> None:
    assert listed(found) == [(1, 2, 3), (7, 8), (10, 11)]
    assert listed(found, limit=32) == [(1, 2, 3), (7, 8)]


def test_what_is_tied_is_one_group_and_no_longer_listed(found: str) -> None:
    likeness.tie(found, [ids(1, 2, 3)])
    assert listed(found) == [(7, 8), (10, 11)]
    dataset = datasets.open_dataset(found)
    groups = splits.find_groups(dataset)
    assert groups.count == 38
    assert len(set(groups.group[[1, 2, 3]].tolist())) == 1
    assert {dataset.samples[place].group for place in (1, 2, 3)} == {"images/01.png"}
    assert groups.origins[2] == "tie"
    assert datasets.find_spec(found).same_group == (ids(1, 2, 3),)


def test_a_part_of_a_set_can_be_tied_and_the_rest_stays_listed(found: str) -> None:
    likeness.tie(found, [ids(1, 2)])
    assert listed(found)[0] == (2, 3)


def test_a_tie_is_undone_by_itself(found: str) -> None:
    likeness.tie(found, [ids(1, 2), ids(7, 8)])
    likeness.untie(found, ids(1, 2))
    assert datasets.find_spec(found).same_group == (ids(7, 8),)
    assert listed(found) == [(1, 2, 3), (10, 11)]


def test_what_is_called_different_is_no_longer_listed_until_that_is_taken_back(found: str) -> None:
    likeness.dismiss(found, [ids(7, 8)])
    assert listed(found) == [(1, 2, 3), (10, 11)]
    likeness.take_back(found, [ids(7, 8)])
    assert (7, 8) in listed(found)


def test_a_tie_survives_a_new_scan(found: str) -> None:
    likeness.tie(found, [ids(1, 2)])
    run_scan({"dataset": found}, lambda *_: None, lambda: False)
    assert splits.find_groups(datasets.open_dataset(found)).count == 39


def test_ties_and_another_rule_hold_together(found: str) -> None:
    likeness.tie(found, [ids(1, 12)])
    datasets.edit_groups(found, GroupRule(pattern="^(.)"), datasets.find_spec(found).same_group)
    assert splits.find_groups(datasets.open_dataset(found)).count == 3


def test_a_search_is_outdated_once_groups_are_named_in_another_way(found: str) -> None:
    report = likeness.find_found(found)
    assert report is not None
    assert not likeness.is_outdated(datasets.open_dataset(found), report)
    datasets.edit_groups(found, GroupRule(pattern="^(.)"), ())
    assert likeness.is_outdated(datasets.open_dataset(found), report)


def test_equal_files_are_listed_together(found: str, folder: Path) -> None:
    content = (folder / "images/03.png").read_bytes()
    for name in ("20", "30"):
        (folder / f"images/{name}.png").write_bytes(content)
    dataset = datasets.open_dataset(found)
    assert likeness.exact_duplicates(dataset, splits.hash_images(dataset)) == [(3, 20, 30)]


def test_the_search_runs_in_the_background_and_can_be_found_by_anyone(dataset_id: str, folder: Path) -> None:
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    run = likeness.start_search(dataset_id)
    assert likeness.find_search(dataset_id) == run
    assert likeness.find_search("other-00000000") is None
    ended = wait(run, over)
    assert ended.state == "finished", ended
    assert likeness.find_search(dataset_id) is None
    report = likeness.find_found(dataset_id)
    assert report is not None
    assert report.compared == 40


def test_a_picture_is_the_image_without_its_classes(found: str) -> None:
    import io

    content = likeness.picture(datasets.open_dataset(found), 0, 12)
    assert Image.open(io.BytesIO(content)).size == (12, 12)
