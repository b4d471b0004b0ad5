"""Balanced sets of pictures whose labels are of the whole image."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.materialise import Materialised, materialise
from core.data.preview import preview_duplicates
from core.domain.augmentation import AugmentationSpec, MaterialiseSpec
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.errors import DatasetError, PlanError
from core.formats.dataset_file import read_dataset_file
from core.formats.detection.proposing import propose
from core.formats.whole import scan_dataset
from core.plans.plan import BalancePlan
from tests.data.sets import make_plan, save, scanned

ONE = MaterialiseSpec(workers=1)


def draw(root: Path, paths: Sequence[str]) -> None:
    rng = np.random.default_rng(8)
    for path in paths:
        save(Image.fromarray(rng.integers(0, 255, (24, 24, 3), np.uint8)), root / path)


def write(plan: BalancePlan, folder: Path) -> Materialised:
    return materialise(plan, folder, ONE)


def open_set(folder: Path) -> ScannedDataset:
    return scan_dataset(read_dataset_file(folder / "dataset.toml"), None)


def rows(folder: Path, name: str = "index.csv") -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def count_labels(dataset: ScannedDataset, copies: Mapping[str, int] | None = None) -> Counter[str]:
    """Images of each combination of class names."""
    names = [item.name for item in dataset.classes]
    counted: Counter[str] = Counter()
    for sample, present in zip(dataset.samples, dataset.presence, strict=True):
        label = "+".join(names[place] for place in np.flatnonzero(present))
        counted[label] += 1 if copies is None else copies[sample.id]
    return +counted


def check_same_labels(plan: BalancePlan, folder: Path) -> ScannedDataset:
    """The folder opens without a problem, with as many images of each label as the plan says."""
    opened = open_set(folder)
    assert not opened.problems
    assert count_labels(opened) == count_labels(scan_dataset(plan.dataset.spec, None), plan.copies)
    return opened


@pytest.fixture
def folders(tmp_path: Path) -> DatasetSpec:
    """Class folders below the folders of two splits."""
    paths = [f"{split}/{name}/{n}.jpg" for split in ("train", "val") for name in ("cat", "dog") for n in "12"]
    draw(tmp_path / "set", paths)
    return propose(tmp_path / "set").spec


def test_class_folders_stay_class_folders(folders: DatasetSpec, tmp_path: Path) -> None:
    plan = make_plan(folders, {0: 3, 2: 0})
    written = write(plan, tmp_path / "out")
    assert (written.images, written.duplicates, written.missing) == (9, 2, 0)
    opened = check_same_labels(plan, tmp_path / "out")
    assert opened.spec.format == "label_folders"
    names = {row["image"]: row["labels"] for row in rows(tmp_path / "out")}
    assert names["train/cat/1__copy3.jpg"] == "cat"
    assert "train/dog/1.jpg" not in names
    assert all(image.split("/")[1] == label for image, label in names.items())


def test_duplicates_are_augmented_and_belong_to_their_source(folders: DatasetSpec, tmp_path: Path) -> None:
    write(make_plan(folders, {0: 2}), tmp_path / "out")
    first, copy = (
        np.asarray(Image.open(tmp_path / "out/train/cat" / f"1{end}.jpg")) for end in ("", "__copy2")
    )
    assert first.shape == copy.shape
    assert np.abs(first.astype(int) - copy).mean() > 5
    groups = {sample.id: sample.group for sample in open_set(tmp_path / "out").samples}
    assert groups["train/cat/1__copy2.jpg"] == groups["train/cat/1.jpg"]
    assert len(set(groups.values())) == 8


def test_a_name_keeps_its_class(tmp_path: Path) -> None:
    draw(tmp_path / "set", [f"{name}.{number}.jpg" for name in ("cat", "dog") for number in range(4)])
    spec = propose(tmp_path / "set").spec
    assert spec.format == "label_names"
    plan = make_plan(spec, {1: 4})
    write(plan, tmp_path / "out")
    opened = check_same_labels(plan, tmp_path / "out")
    assert "cat.1__copy4.jpg" in {sample.id for sample in opened.samples}


def test_a_pattern_at_the_end_of_names_looks_past_the_number_of_a_duplicate(tmp_path: Path) -> None:
    draw(tmp_path / "set", [f"{number}_{name}.png" for name in ("cat", "dog") for number in range(4)])
    spec = DatasetSpec(
        name="tails", root=tmp_path / "set", format="label_names", class_pattern="^[0-9]+_([a-z]+)$"
    )
    plan = make_plan(spec, {0: 2, 7: 2})
    write(plan, tmp_path / "out")
    assert check_same_labels(plan, tmp_path / "out").spec.format == "label_names"


def test_a_rule_that_written_names_break_becomes_a_table(tmp_path: Path) -> None:
    draw(tmp_path / "set", [f"{number}-{name}.png" for name in ("cat", "dog") for number in range(4)])
    spec = DatasetSpec(
        name="tails", root=tmp_path / "set", format="label_names", class_pattern=r"^\d-([a-z]{3})\Z"
    )
    plan = make_plan(spec, {0: 2, 7: 3})
    write(plan, tmp_path / "out")
    assert check_same_labels(plan, tmp_path / "out").spec.format == "label_table"


def test_the_last_class_left_keeps_its_name(folders: DatasetSpec, tmp_path: Path) -> None:
    dogs = {
        place: 0 for place, sample in enumerate(scan_dataset(folders, None).samples) if "dog" in sample.id
    }
    write(make_plan(folders, dogs), tmp_path / "out")
    opened = open_set(tmp_path / "out")
    assert dict(count_labels(opened)) == {"cat": 4}


TABLES = {
    "flags": "file,age,lesion,No Finding\na.png,3,1,0\nb.png,4,0,1\nc.png,5,1,1\nd.png,6,0,0\n",
    "words": "image,labels\na,lesion|scar\nb,lesion\nc,\nd,scar\n",
    "no header": "a.png 1 0\nb.png 0 1\nc.png 1 1\nd.png 0 1\n",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_table_with_its_images_becomes_images_with_a_table(tmp_path: Path, table: str) -> None:
    draw(tmp_path / "set", [f"pictures/{name}.png" for name in "abcd"])
    (tmp_path / "set" / "labels.csv").write_text(table)
    plan = make_plan(propose(tmp_path / "set" / "labels.csv").spec, {0: 3, 1: 0})
    write(plan, tmp_path / "out")
    opened = check_same_labels(plan, tmp_path / "out")
    assert {"pictures/a.png", "pictures/a__copy3.png"} <= {sample.id for sample in opened.samples}
    groups = {sample.id: sample.group for sample in opened.samples}
    assert groups["pictures/a.png"] == groups["pictures/a__copy3.png"] != groups["pictures/c.png"]


def test_what_was_written_from_a_table_can_be_balanced_and_written_again(tmp_path: Path) -> None:
    draw(tmp_path / "set", [f"{name}.png" for name in "abcd"])
    (tmp_path / "set" / "labels.csv").write_text(TABLES["flags"])
    write(make_plan(propose(tmp_path / "set" / "labels.csv").spec, {0: 2}), tmp_path / "out")
    again = make_plan(read_dataset_file(tmp_path / "out" / "dataset.toml"), {1: 2})
    written = write(again, tmp_path / "again")
    assert (written.images, written.missing) == (6, 0)
    check_same_labels(again, tmp_path / "again")


def test_a_row_without_its_image_is_named_and_stops_nothing(tmp_path: Path) -> None:
    draw(tmp_path / "set", [f"{name}.png" for name in "abc"])
    (tmp_path / "set" / "labels.csv").write_text(TABLES["flags"])
    written = write(make_plan(propose(tmp_path / "set" / "labels.csv").spec), tmp_path / "out")
    assert (written.images, written.missing) == (3, 1)
    assert [problem.file for problem in written.problems] == ["d.png"]


def test_labels_without_any_image_are_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(TABLES["flags"])
    with pytest.raises(PlanError, match=r"labels only: none of the images .* such as a\.png, lies"):
        write(make_plan(propose(tmp_path / "labels.csv").spec), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("layout", ["mmseg", "nnunet", "ultralytics"])
def test_layouts_of_masks_refuse_labels(folders: DatasetSpec, tmp_path: Path, layout: str) -> None:
    spec = MaterialiseSpec.model_validate({"layout": layout, "workers": 1})
    with pytest.raises(DatasetError, match=f"The layout {layout} holds masks"):
        materialise(make_plan(folders), tmp_path / "out", spec)


def test_renamed_classes_keep_their_names(folders: DatasetSpec, tmp_path: Path) -> None:
    named = folders.model_copy(
        update={"classes": (ClassSpec(key="cat", name="tabby"), ClassSpec(key="dog", name="terrier"))}
    )
    write(make_plan(named), tmp_path / "out")
    assert [item.name for item in open_set(tmp_path / "out").classes] == ["tabby", "terrier"]


def test_duplicates_of_labelled_pictures_can_be_previewed(folders: DatasetSpec) -> None:
    plan = make_plan(folders, {0: 2})
    pairs = preview_duplicates(plan, scanned(plan), AugmentationSpec(), lambda *_: None, lambda: False)
    assert [pair.kind for pair in pairs] == ["augmented"]


@pytest.mark.real_data
def test_cats_and_dogs_are_written_with_their_class_in_the_name(real_data: Path, tmp_path: Path) -> None:
    spec = propose(real_data / "cats_dogs").spec
    plan = make_plan(spec, {0: 2})
    written = write(plan, tmp_path / "out")
    assert written.missing == 0
    check_same_labels(plan, tmp_path / "out")


@pytest.mark.real_data
def test_voc_lists_without_images_are_refused(real_data: Path, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="labels only"):
        write(make_plan(propose(real_data / "voc2007_labels_9963").spec), tmp_path / "out")
