"""Class folders and classes in names are proposed where nothing looks like masks."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.whole import scan_dataset
from tests.formats.trees import binary, index, photo


def _draw(root: Path, paths: Sequence[str], make: Callable[[Path], None] = photo) -> Path:
    for path in paths:
        make(root / path)
    return root


def _names(proposal: Proposal) -> list[str]:
    return [item.name for item in proposal.spec.classes]


def test_folders_of_classes_below_splits_are_proposed(tmp_path: Path) -> None:
    paths = [
        f"{split}/{name}/{i}.jpg" for split in ("train", "val") for name in ("cat", "dog") for i in range(3)
    ]
    proposal = propose(_draw(tmp_path, paths))
    assert proposal.spec.format == "label_folders"
    assert _names(proposal) == ["cat", "dog"]
    assert "2 classes in 12 pictures: cat (6), dog (6)." in proposal.reasons
    assert proposal.warnings == ()


def test_classes_in_names_are_proposed(tmp_path: Path) -> None:
    proposal = propose(
        _draw(tmp_path, [f"train/{name}.{i}.jpg" for name in ("cat", "dog") for i in range(3)])
    )
    assert proposal.spec.format == "label_names"
    assert _names(proposal) == ["cat", "dog"]


def test_a_class_behind_the_number_is_proposed(tmp_path: Path) -> None:
    proposal = propose(_draw(tmp_path, [f"{i:04d}_{('cat', 'dog')[i % 2]}.jpg" for i in range(6)]))
    assert proposal.spec.format == "label_names"
    assert _names(proposal) == ["cat", "dog"]


def test_patients_inside_class_folders_are_no_classes(tmp_path: Path) -> None:
    paths = [
        f"data/{name}/{name[0]}{p}/{i}.jpg"
        for name in ("benign", "malignant")
        for p in range(3)
        for i in range(2)
    ]
    proposal = propose(_draw(tmp_path, paths))
    assert _names(proposal) == ["benign", "malignant"]
    assert [other.class_pattern for other in proposal.alternatives] == [None]
    assert scan_dataset(proposal.spec, None).presence.sum(axis=0).tolist() == [6, 6]


def test_class_folders_inside_patients_are_the_classes(tmp_path: Path) -> None:
    paths = [f"{p}/{name}/{i}.jpg" for p in range(1000, 1003) for name in "01" for i in range(2)]
    assert _names(propose(_draw(tmp_path, paths))) == ["0", "1"]


def test_pictures_without_a_class_and_other_files_are_said(tmp_path: Path) -> None:
    _draw(
        tmp_path, [*(f"{name}/{i}.jpg" for name in ("cat", "dog") for i in range(6)), "top.jpg", ".x/1.jpg"]
    )
    (tmp_path / "notes.txt").write_text("…")
    proposal = propose(tmp_path)
    assert proposal.warnings == (
        "1 picture names no class and will be listed among the problems, top.jpg first.",
    )
    assert "1 file is no picture and is left out: notes.txt." in proposal.reasons


def test_images_with_masks_are_no_class_folders(tmp_path: Path) -> None:
    _draw(tmp_path, [f"images/{i}.jpg" for i in range(4)])
    _draw(tmp_path, [f"masks/{i}.png" for i in range(4)], index)
    proposal = propose(tmp_path)
    assert proposal.spec.format == "index"
    assert proposal.alternatives == ()


def test_masks_in_class_folders_stay_masks(tmp_path: Path) -> None:
    _draw(tmp_path, [f"{name}/{i}.png" for name in ("cup", "disc") for i in range(4)], binary)
    proposal = propose(tmp_path)
    assert proposal.spec.format == "binary_per_class"
    assert "label_folders" in [other.format for other in proposal.alternatives]


@pytest.mark.parametrize("paths", [[f"img_{i}.jpg" for i in range(6)], ["a/1.jpg", "b/2.jpg"]])
def test_plain_images_are_not_taken_for_labels(paths: list[str], tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nothing that looks like their masks"):
        propose(_draw(tmp_path, paths))


def test_what_a_person_says_is_taken(tmp_path: Path) -> None:
    _draw(tmp_path, ["a/x_cat.jpg", "b/y_dog.jpg"])
    assert _names(propose(tmp_path, Answers(format="label_folders"))) == ["a", "b"]
    proposal = propose(tmp_path, Answers(format="label_names", class_pattern="_(.*)"))
    assert _names(proposal) == ["cat", "dog"]
    assert proposal.spec.class_pattern == "_(.*)"


def test_a_pattern_that_fits_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no file name says a class"):
        propose(_draw(tmp_path, ["a/1.jpg"]), Answers(format="label_names", class_pattern="zebra"))


@pytest.mark.real_data
def test_cats_and_dogs_are_told_apart_by_name(real_data: Path) -> None:
    folder = real_data / "cats_dogs"
    proposal = propose(folder)
    assert proposal.spec.format == "label_names"
    dataset = scan_dataset(proposal.spec, None)
    for column, name in enumerate(("cat", "dog")):
        assert dataset.classes[column].name == name
        assert dataset.presence[:, column].sum() == len(list((folder / "train").glob(f"{name}.*.jpg")))
    assert dataset.problems == ()
