"""Pascal VOC image lists: one file a class and set, every image counted once."""

from pathlib import Path

import pytest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.labels.label_lists import scan_label_lists


def _lists(root: Path) -> Path:
    main = root / "VOC" / "ImageSets" / "Main"
    main.mkdir(parents=True)
    for name, text in {
        "cat_train.txt": "001  1\n002 -1\n",
        "cat_trainval.txt": "001  1\n002 -1\n003  0\n",
        "cat_test.txt": "004 -1\n",
        "train_trainval.txt": "001 -1\n002  1\n003 -1\n",
        "train_test.txt": "004  1\n",
        "train.txt": "001\n002\n",
        "testP.txt": "004\n",
        "class.txt": "cat\ntrain\n",
        "ids_train.txt": "001\n002\n",
    }.items():
        (main / name).write_text(text)
    return main


def _labels(dataset: ScannedDataset) -> dict[str, list[bool]]:
    return {sample.id: row for sample, row in zip(dataset.samples, dataset.presence.tolist(), strict=True)}


@pytest.mark.parametrize("below", ["", "VOC", "VOC/ImageSets", "VOC/ImageSets/Main"])
def test_lists_are_found_from_any_folder_above_them(below: str, tmp_path: Path) -> None:
    _lists(tmp_path)
    dataset = scan_label_lists(propose(tmp_path / below).spec)
    assert [item.name for item in dataset.classes] == ["cat", "train"]
    assert dataset.images == 4


def test_sets_are_joined_and_difficult_objects_are_present(tmp_path: Path) -> None:
    _lists(tmp_path)
    proposal = propose(tmp_path)
    assert _labels(scan_label_lists(proposal.spec)) == {
        "001": [True, False],
        "002": [False, True],
        "003": [True, False],
        "004": [False, True],
    }
    assert any("difficult" in reason for reason in proposal.reasons)


def test_contradictions_and_broken_rows_are_problems(tmp_path: Path) -> None:
    main = _lists(tmp_path)
    (main / "cat_val.txt").write_text("001 -1\n003 0\n005 7\n")
    dataset = scan_label_lists(propose(tmp_path).spec)
    assert {problem.file for problem in dataset.problems} == {"cat_val.txt"}
    assert any("line 1 contradicts" in problem.problem for problem in dataset.problems)
    assert any("line 3" in problem.problem for problem in dataset.problems)
    assert len(dataset.samples) == dataset.images == 4


def test_a_folder_without_lists_is_a_sentence(tmp_path: Path) -> None:
    spec = DatasetSpec(name="x", root=tmp_path, format="label_lists", classes=(ClassSpec(key="a", name="a"),))
    with pytest.raises(DatasetError, match="ImageSets/Main"):
        scan_label_lists(spec)


@pytest.mark.real_data
def test_voc_2007_has_its_published_counts(real_data: Path) -> None:
    dataset = scan_label_lists(propose(real_data / "voc2007_labels_9963").spec)
    assert dataset.presence.shape == (9963, 20)
    assert dataset.problems == ()
    lists = real_data / "voc2007_labels_9963" / "ImageSets" / "Main"
    for column, item in enumerate(dataset.classes):
        present = {
            line.split()[0]
            for part in ("trainval", "test")
            for line in (lists / f"{item.key}_{part}.txt").read_text().splitlines()
            if line.split()[1] != "-1"
        }
        assert dataset.presence[:, column].sum() == len(present)
