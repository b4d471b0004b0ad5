"""COCO and labelme in folders: recognised, with their images, and beside mask files."""

import json
from pathlib import Path

import pytest

from core.domain.classes import ClassSpec
from core.domain.proposal import Answers
from core.errors import DatasetError
from core.formats.detection.json_sniffing import sniff_json
from core.formats.detection.proposing import propose
from core.formats.whole import find_samples
from tests.formats.sources.annotations import (
    coco_image,
    coco_object,
    labelme_shape,
    png,
    write_coco,
    write_labelme,
    write_png,
)
from tests.formats.trees import index, photo

SQUARE = [(2, 2), (8, 2), (8, 8)]
Folders = list[tuple[str | None, str, str]]


def folders_of(root: Path, answers: Answers | None = None) -> Folders:
    return [(pair.images, pair.masks, pair.name) for pair in propose(root, answers).spec.folders]


def write_images(folder: Path, *names: str) -> None:
    for name in names:
        write_png(folder / f"{name}.png")


def write_set(path: Path, *ids: int, prefix: str = "", outline: object = None) -> Path:
    images = [coco_image(id_, f"{prefix}{id_}.png") for id_ in ids]
    return write_coco(path, images, [coco_object(id_, outline=outline) for id_ in ids])


def test_a_coco_file_is_found_with_the_folder_of_its_images(tmp_path: Path) -> None:
    write_images(tmp_path / "val2017", "1", "2", "3")
    write_set(tmp_path / "annotations" / "instances_val2017.json", 1, 2)
    proposal = propose(tmp_path)
    assert proposal.spec.format == "coco"
    assert folders_of(tmp_path) == [("val2017", "annotations/instances_val2017.json", "")]
    assert [item.name for item in proposal.spec.classes] == ["background", "cat", "dog"]
    assert "1 picture there is listed in no annotation file" in proposal.warnings[0]


@pytest.mark.parametrize(
    ("prefix", "place", "folder"),
    [
        ("", "img", "img"), ("img/", "img", "."), ("a/b/", "x/a/b", "x"), ("/data/old/", "img", "img"),
        ("old/", "img/new", "img/new"), ("", ".", "."),
    ],
)  # fmt: skip
def test_the_image_folder_is_where_file_names_start(
    tmp_path: Path, prefix: str, place: str, folder: str
) -> None:
    write_images(tmp_path / place, "1", "2")
    write_set(tmp_path / "a.json", 1, 2, prefix=prefix)
    assert folders_of(tmp_path) == [(folder, "a.json", "")]
    assert len(find_samples(propose(tmp_path).spec)[0]) == 2


def test_images_spread_over_folders_are_found_from_above(tmp_path: Path) -> None:
    write_images(tmp_path / "img" / "x", "1")
    write_images(tmp_path / "img" / "y", "2")
    write_set(tmp_path / "a.json", 1, 2)
    assert folders_of(tmp_path) == [("img", "a.json", "")]
    assert len(find_samples(propose(tmp_path).spec)[0]) == 2


def test_splits_are_joined_and_those_without_images_left_out(tmp_path: Path) -> None:
    for split, ids in (("train2017", (1, 2)), ("val2017", (3,))):
        write_images(tmp_path / split, *map(str, ids))
        write_set(tmp_path / "annotations" / f"instances_{split}.json", *ids)
    assert folders_of(tmp_path) == [
        ("train2017", "annotations/instances_train2017.json", "train"),
        ("val2017", "annotations/instances_val2017.json", "val"),
    ]
    for image in (tmp_path / "train2017").iterdir():
        image.unlink()
    assert folders_of(tmp_path) == [("val2017", "annotations/instances_val2017.json", "")]
    assert any("not taken" in reason for reason in propose(tmp_path).reasons)


def test_splits_with_equal_image_names_keep_to_their_own_folders(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        write_images(tmp_path / split, "1")
        write_set(tmp_path / split / "_annotations.coco.json", 1)
    assert folders_of(tmp_path) == [
        ("train", "train/_annotations.coco.json", "train"),
        ("valid", "valid/_annotations.coco.json", "val"),
    ]


def test_files_of_other_tasks_are_named_and_not_taken(tmp_path: Path) -> None:
    write_images(tmp_path / "img", "1")
    write_set(tmp_path / "a" / "instances.json", 1)
    write_set(tmp_path / "a" / "stuff.json", 1)
    others = {"captions": {"caption": "a"}, "key points": {"num_keypoints": 3, "segmentation": []}}
    others |= {"panoptic segments": {"segments_info": []}, "boxes": {"bbox": [1, 2, 3, 4]}}
    for name, fields in others.items():
        content = {"images": [coco_image(1)], "annotations": [fields]}
        (tmp_path / "a" / f"{name}.json").write_text(json.dumps(content))
        assert sniff_json(tmp_path / "a" / f"{name}.json") == name
    proposal = propose(tmp_path)
    assert proposal.spec.folders[0].masks == "a/instances.json"
    (told,) = [reason for reason in proposal.reasons if reason.startswith("Not taken")]
    assert all(f"a/{name}.json ({name})" in told for name in others)
    assert "a/stuff.json" in [spec.folders[0].masks for spec in proposal.alternatives]


def test_of_two_files_the_plainest_name_is_taken_and_the_other_offered(tmp_path: Path) -> None:
    write_set(tmp_path / "annotations.json", 1)
    write_set(tmp_path / "annotations_unofficial.json", 1, 2)
    proposal = propose(tmp_path)
    assert folders_of(tmp_path) == [(None, "annotations.json", "")]
    assert proposal.spec.pairing.rule == "none"
    assert [spec.folders[0].masks for spec in proposal.alternatives] == ["annotations_unofficial.json"]
    assert any("opens without them" in reason for reason in proposal.reasons)
    other = Answers(format="coco", masks=Path("annotations_unofficial.json"))
    assert folders_of(tmp_path, other) == [(None, "annotations_unofficial.json", "")]


def test_a_file_can_be_opened_by_itself(tmp_path: Path) -> None:
    write_images(tmp_path / "img", "1")
    path = write_set(tmp_path / "annotations" / "x.json", 1)
    spec = propose(path).spec
    assert (spec.root, spec.folders[0].images, spec.folders[0].masks) == (
        tmp_path, "img", "annotations/x.json",
    )  # fmt: skip
    alone = write_set(tmp_path / "labels" / "y.json", 7)
    assert (propose(alone).spec.root, folders_of(alone)) == (alone.parent, [(None, "y.json", "")])


@pytest.mark.parametrize("text", ["", "[1]", '{"shapes": [], "imagePath": ""}', '{"images": [1]}'])
def test_another_json_file_is_refused_by_itself(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match="COCO"):
        propose(path)


def test_boxes_alone_are_refused_with_the_reason(tmp_path: Path) -> None:
    write_images(tmp_path, "1")
    path = write_set(tmp_path / "a.json", 1, outline=[])
    with pytest.raises(DatasetError, match="boxes but no outlines"):
        propose(path)
    with pytest.raises(DatasetError, match="boxes but no outlines"):
        propose(tmp_path, Answers(format="coco"))


@pytest.mark.parametrize("form", ["coco", "labelme"])
def test_a_format_that_is_not_there_is_refused_when_asked_for(tmp_path: Path, form: str) -> None:
    photo(tmp_path / "images" / "a.png")
    index(tmp_path / "masks" / "a.png")
    with pytest.raises(DatasetError, match="holds no"):
        propose(tmp_path, Answers(format=form))


def test_names_from_a_class_file_take_the_keys_of_the_categories(tmp_path: Path) -> None:
    write_set(tmp_path / "a.json", 1)
    given = (ClassSpec(key="0", name="Dog"), ClassSpec(key="1", name="Cat"))
    assert [item.key for item in propose(tmp_path, Answers(classes=given)).spec.classes] == ["dog", "cat"]


def test_mask_files_of_the_same_images_come_first_and_outlines_are_offered(tmp_path: Path) -> None:
    for name in ("1", "2", "3"):
        photo(tmp_path / "images" / f"{name}.png")
        index(tmp_path / "masks" / f"{name}.png")
    images = [coco_image(id_, height=64, width=64) for id_ in (1, 2, 3)]
    write_coco(tmp_path / "a.json", images, [coco_object(1)])
    proposal = propose(tmp_path)
    assert proposal.spec.format == "index"
    assert [spec.format for spec in proposal.alternatives] == ["coco"]
    photo(tmp_path / "images" / "4.png")
    write_coco(tmp_path / "a.json", [*images, coco_image(4, height=64, width=64)], [coco_object(1)])
    assert propose(tmp_path).spec.format == "coco"


def test_labelme_is_found_with_its_labels_and_what_they_mean(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_png(tmp_path / f"{name}.png")
    write_labelme(tmp_path / "a.json", [labelme_shape("dog", SQUARE), labelme_shape("__ignore__", SQUARE)])
    write_labelme(tmp_path / "b.json", [labelme_shape("cat", SQUARE), labelme_shape("_background_", SQUARE)])
    spec = propose(tmp_path).spec
    assert (spec.format, folders_of(tmp_path), spec.void) == ("labelme", [(".", ".", "")], ("__ignore__",))
    assert [item.key for item in spec.classes] == ["background", "cat", "dog"]
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\nhorse\ndog\ncat\n")
    assert [item.key for item in propose(tmp_path).spec.classes] == ["background", "horse", "dog", "cat"]


def test_labelme_folders_are_joined_unless_they_annotate_the_same_images(tmp_path: Path) -> None:
    write_labelme(tmp_path / "train" / "a.json", [], data=png())
    write_labelme(tmp_path / "val" / "b.json", [], data=png())
    assert [(masks, name) for _, masks, name in folders_of(tmp_path)] == [("train", "train"), ("val", "val")]
    other = tmp_path / "two"
    for reader in ("anna", "bert"):
        for name in ("a", "b"):
            write_labelme(other / reader / f"{name}.json", [], data=png())
    assert folders_of(other) == [("anna", "anna", "")]
    assert [spec.folders[0].masks for spec in propose(other).alternatives] == ["bert"]


@pytest.mark.real_data
def test_the_labelme_examples_are_offered_in_each_of_their_forms(real_data: Path) -> None:
    proposal = propose(real_data / "labelme_polygons_voc" / "instance_segmentation")
    assert proposal.spec.folders[0].masks == "data_dataset_voc/SegmentationClass"
    names = {item.name: item.role.value for item in proposal.spec.classes}
    assert (len(names), names["_background_"], names["aeroplane"]) == (21, "background", "class")
    assert proposal.spec.void == ("255",)
    assert not any("255" in warning for warning in proposal.warnings)
    found = {spec.format: spec.folders[0] for spec in reversed(proposal.alternatives)}
    assert (found["coco"].images, found["coco"].masks) == (
        "data_dataset_coco", "data_dataset_coco/annotations.json",
    )  # fmt: skip
    assert found["labelme"].masks == "data_annotated"


@pytest.mark.real_data
def test_coco_mini_and_taco_are_understood(real_data: Path) -> None:
    assert folders_of(real_data / "coco_mini") == [("val2017", "annotations/instances_val2017.json", "")]
    assert folders_of(real_data / "taco_labels") == [(None, "annotations.json", "")]
    assert len(propose(real_data / "taco_labels").spec.classes) == 61
