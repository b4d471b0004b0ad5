import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO as ReferenceCoco  # noqa: N811  its own name is ours too

from core.domain.classes import ClassRole, ClassSpec
from core.errors import DatasetError
from core.formats.sources.coco import COCO
from core.formats.sources.coco_file import read_coco_file
from core.formats.whole import find_samples, read_display, read_label, scan_dataset
from tests.formats.sources.annotations import (
    SQUARE,
    coco_image,
    coco_object,
    coco_spec,
    write_coco,
    write_png,
)

OTHER = [10, 2, 16, 2, 16, 8, 10, 8]


def names_of(root: Path, **fields: object) -> list[str]:
    return [sample.id for sample in find_samples(coco_spec(root, **fields))[0]]


def test_objects_of_a_class_are_united_and_the_rest_is_background(tmp_path: Path) -> None:
    crowd = {"size": [20, 30], "counts": [0, 20, 580]}
    write_coco(
        tmp_path / "a.json",
        [coco_image(5), coco_image(6)],
        [coco_object(5, 1), coco_object(5, 1), coco_object(5, 7, [OTHER]), coco_object(5, 7, crowd, crowd=1)],
    )
    scanned = scan_dataset(coco_spec(tmp_path), None)
    found = {item.key: scanned.pixels[:, i].tolist() for i, item in enumerate(scanned.classes)}
    assert found == {"cat": [36, 0], "dog": [56, 0], "background": [508, 600]}
    assert {item.key: item.role for item in scanned.classes}["background"] is ClassRole.BACKGROUND
    assert scanned.overlapping
    assert not scanned.problems


def test_overlapping_classes_each_keep_their_pixels(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [coco_image(5)], [coco_object(5, 1), coco_object(5, 7)])
    scanned = scan_dataset(coco_spec(tmp_path), None)
    assert sorted(scanned.pixels[0].tolist()) == [36, 36, 564]
    label = read_label(scanned.spec, scanned.classes, scanned.samples[0])
    assert label.stack().sum(axis=(1, 2)).tolist() == scanned.pixels[0].tolist()


def test_void_categories_count_nowhere_whatever_lies_over_them(tmp_path: Path) -> None:
    half = [5, 0, 30, 0, 30, 20, 5, 20]
    write_coco(tmp_path / "a.json", [coco_image(5)], [coco_object(5, 1), coco_object(5, 7, [half])])
    scanned = scan_dataset(coco_spec(tmp_path, void=("dog",)), None)
    assert scanned.totals.tolist() == [100]
    assert {c.key: scanned.pixels[0, i] for i, c in enumerate(scanned.classes)} == {
        "cat": 18, "background": 82,
    }  # fmt: skip
    label = read_label(scanned.spec, scanned.classes, scanned.samples[0])
    assert label.stack().sum() == 100


def test_another_answer_on_void_does_not_take_old_counts_from_the_cache(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [coco_image(5)], [coco_object(5, 1), coco_object(5, 7)])
    cache = tmp_path / "c"
    assert scan_dataset(coco_spec(tmp_path), cache).totals.tolist() == [600]
    assert scan_dataset(coco_spec(tmp_path, void=("dog",)), cache).pixels.tolist() == [[564]]


def test_images_are_found_below_the_folder_whatever_prefix_the_file_gives(tmp_path: Path) -> None:
    for path in ("im/a.png", "im/x/b.png", "im/y/c.png", "im/z/c.png"):
        write_png(tmp_path / path)
    images = [coco_image(1, "a.png"), coco_image(2, "C:\\old\\b.png"), coco_image(3, "/data/y/c.png")]
    write_coco(tmp_path / "a.json", images)
    assert names_of(tmp_path, images="im") == ["im/a.png", "im/x/b.png", "im/y/c.png"]


def test_missing_and_doubtful_images_become_problems(tmp_path: Path) -> None:
    for path in ("im/a.png", "im/y/c.png", "im/z/c.png"):
        write_png(tmp_path / path)
    images = [coco_image(1, "a.png"), coco_image(2, "c.png"), coco_image(3, "d.png"), coco_image(4, "a.png")]
    write_coco(tmp_path / "a.json", images)
    samples, problems, count = find_samples(coco_spec(tmp_path, "im"))
    assert ([sample.part for sample in samples], count) == (["1"], 4)
    assert {item.file: item.problem for item in problems} == {
        "a.png": "this image is listed again (id 4); only its first entry is used",
        "c.png": "several images are called so: im/y/c.png and im/z/c.png",
        "d.png": "the annotation file lists this image, but it is not in im",
    }


def test_no_image_at_all_is_refused_but_the_annotations_alone_can_be_opened(tmp_path: Path) -> None:
    write_png(tmp_path / "im" / "other.png")
    write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1)])
    with pytest.raises(DatasetError, match="None of the 1 image that a.json lists is in im"):
        find_samples(coco_spec(tmp_path, "im"))
    spec = coco_spec(tmp_path, "im", pairing={"rule": "none"})
    scanned = scan_dataset(spec, None)
    assert (scanned.samples[0].id, scanned.samples[0].image) == ("1.png", None)
    with pytest.raises(DatasetError, match="has no image"):
        read_display(spec, scanned.samples[0])


def test_an_image_of_another_size_is_a_problem_that_stops_nothing(tmp_path: Path) -> None:
    write_png(tmp_path / "1.png", 30, 20)
    write_png(tmp_path / "2.png")
    write_coco(tmp_path / "a.json", [coco_image(1), coco_image(2)], [coco_object(2)])
    scanned = scan_dataset(coco_spec(tmp_path, "."), None)
    assert [sample.id for sample in scanned.samples] == ["2.png"]
    assert "turned by its EXIF orientation" in scanned.problems[0].problem
    assert scanned.problems[0].file == "1.png"
    assert read_display(scanned.spec, scanned.samples[0], 15).shape == (10, 15, 3)


def test_several_files_are_splits_of_one_dataset(tmp_path: Path) -> None:
    for path in ("t/1.png", "v/2.png"):
        write_png(tmp_path / path)
    # The same names under other ids, as exports of single splits often have them.
    write_coco(tmp_path / "t.json", [coco_image(1)], [coco_object(1, 1)], {1: "cat", 2: "dog"})
    write_coco(tmp_path / "v.json", [coco_image(1, "2.png")], [coco_object(1, 1)], {1: "dog", 2: "cat"})
    spec = coco_spec(tmp_path).model_copy(
        update={
            "folders": tuple(
                coco_spec(tmp_path, folder, f"{folder}.json").folders[0] for folder in ("t", "v")
            )
        }
    )
    scanned = scan_dataset(spec, None)
    found = dict(zip([c.key for c in scanned.classes], scanned.presence.T.tolist(), strict=True))
    assert (found["cat"], found["dog"]) == ([True, False], [False, True])


def test_whatever_is_wrong_with_single_entries_is_named_and_left_out(tmp_path: Path) -> None:
    images = [
        coco_image(1), coco_image(1, "again.png"), {"id": 2, "file_name": "x.png"}, coco_image(3, "", 0, 5),
        coco_image(4, "", 10**9, 10**9), coco_image(5, "", 10**400, 5), {"file_name": "y.png"}, "nonsense",
        coco_image(6, "", -4, 5), {**coco_image(8), "file_name": 7}, coco_image(9, "", True, True),
    ]  # fmt: skip
    objects = [
        coco_object(1), coco_object(77), coco_object(1, 77), coco_object(1, 1, [[1, 2, 3, 4]]), "nonsense",
        coco_object(1, None), coco_object([1]), coco_object({}), coco_object(1, [1]), coco_object(4), None,
    ]  # fmt: skip
    write_coco(tmp_path / "a.json", images, objects)
    samples, problems, count = find_samples(coco_spec(tmp_path))
    assert ([sample.part for sample in samples], count) == (["1"], 11)
    told = "\n".join(item.problem for item in problems)
    for text in (
        "6 annotations are left out, wholly or in part: annotation 1, for example, names an image",
        "3 annotations are left out, wholly or in part: one of category 77, for example, names a category",
        "1 annotation is left out, wholly or in part: annotation 1 of 1.png, for example, has an outline",
        "has the id of an earlier one", "has no height and width", "has no id or no file name",
        "is said to have 1000000000 x 1000000000 pixels",
    ):  # fmt: skip
        assert text in told
    assert scan_dataset(coco_spec(tmp_path), None).pixels.sum() == 600


def test_ids_may_be_numbers_or_text_and_stand_in_any_order(tmp_path: Path) -> None:
    content = {
        "annotations": [coco_object("7", 2.0), coco_object(7, "2")],
        "categories": [{"id": 2, "name": "cat"}],
        "images": [coco_image(7)],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    scanned = scan_dataset(coco_spec(tmp_path), None)
    assert dict(zip([c.key for c in scanned.classes], scanned.pixels[0].tolist(), strict=True)) == {
        "cat": 36, "background": 564,
    }  # fmt: skip


def test_categories_without_or_with_equal_names_stay_apart(tmp_path: Path) -> None:
    names = {1: "cat", 2: "cat", 3: " ", 4: "_background_", 5: "Käfer"}
    write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1, id_) for id_ in names], names)
    scanned = scan_dataset(coco_spec(tmp_path), None)
    assert {c.key for c in scanned.classes} == {"cat", "cat (2)", "category 3", "background", "Käfer"}
    assert scanned.pixels[0].sum() == 4 * 36 + 564


def test_names_are_read_as_utf8(tmp_path: Path) -> None:
    content = {"images": [coco_image(1)], "categories": [{"id": 1, "name": "Käfer"}]}
    (tmp_path / "a.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    file = read_coco_file(tmp_path / "a.json", [tmp_path])
    assert file.categories["1"].key == "Käfer"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"images": []}', '{"images": {"1": {}}}'])
def test_what_is_no_coco_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DatasetError, match=r"a\.json"):
        find_samples(coco_spec(tmp_path))


def test_a_file_outside_of_the_root_is_refused(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [coco_image(1)])
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(DatasetError, match="leads out of the dataset"):
        find_samples(coco_spec(tmp_path / "set"))


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    path = write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1)])
    cache = tmp_path / "c"
    first = scan_dataset(coco_spec(tmp_path), cache)
    write_coco(path, [coco_image(1)], [coco_object(1, 1, [OTHER]), coco_object(1, 7)])
    second = scan_dataset(coco_spec(tmp_path), cache)
    assert (first.presence.sum(), second.presence.sum()) == (2, 3)
    assert first.fingerprint != second.fingerprint


def test_an_entry_that_is_gone_is_said_so(tmp_path: Path) -> None:
    path = write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1)])
    sample = find_samples(coco_spec(tmp_path))[0][0]
    write_coco(path, [coco_image(2)])
    with pytest.raises(DatasetError, match="lists no image 1 any more"):
        read_label(coco_spec(tmp_path), (), sample)


def test_left_out_files_are_left_out(tmp_path: Path) -> None:
    for number in (1, 2):
        write_png(tmp_path / f"{number}.png")
    write_coco(tmp_path / "a.json", [coco_image(1), coco_image(2), coco_image(3)])
    samples, problems, images = find_samples(coco_spec(tmp_path, ".", ignored=("2.png", "3.png")))
    assert ([sample.id for sample in samples], problems, images) == (["1.png"], [], 1)


def test_the_fingerprint_follows_what_is_drawn_not_how(tmp_path: Path) -> None:
    runs = np.zeros((20, 30), np.uint8)
    runs[2:8, 2:8] = 1
    flat = runs.T.ravel()
    lengths = np.diff([0, *np.flatnonzero(np.diff(flat)) + 1, 600]).tolist()
    prints = set()
    for number, outline in enumerate([[SQUARE], {"size": [20, 30], "counts": lengths}]):
        folder = tmp_path / str(number)
        write_coco(folder / "a.json", [coco_image(1)], [coco_object(1, 1, outline)])
        prints.add(scan_dataset(coco_spec(folder), None).fingerprint)
    assert len(prints) == 1


@pytest.mark.real_data
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools 2.0.11
def test_coco_mini_counts_as_dense_masks_of_pycocotools_do(real_data: Path) -> None:
    root, path = real_data / "coco_mini", "annotations/instances_val2017.json"
    scanned = scan_dataset(coco_spec(root, "val2017", path), None)
    assert (len(scanned.samples), scanned.images, scanned.problems) == (79, 79, ())
    columns = {item.key: place for place, item in enumerate(scanned.classes)}
    reference = ReferenceCoco(str(root / path))
    for row in range(0, 79, 6):
        dense = {key: np.zeros(scanned.sizes[row], bool) for key in columns}
        for item in reference.loadAnns(reference.getAnnIds(imgIds=int(scanned.samples[row].part))):
            dense[reference.cats[item["category_id"]]["name"]] |= reference.annToMask(item) > 0
        dense["background"] = ~np.logical_or.reduce(list(dense.values()))
        counts = {key: int(scanned.pixels[row, place]) for key, place in columns.items()}
        assert {key: int(mask.sum()) for key, mask in dense.items()} == counts


@pytest.mark.real_data
def test_taco_opens_without_its_images(real_data: Path) -> None:
    scanned = scan_dataset(coco_spec(real_data / "taco_labels", None, "annotations.json"), None)
    assert (len(scanned.samples), scanned.images, scanned.problems) == (1500, 1500, ())
    classes = [i for i, item in enumerate(scanned.classes) if item.role is ClassRole.CLASS]
    assert (scanned.presence[:, classes].any(axis=0)).sum() == 59
    assert (scanned.totals == scanned.sizes.astype(np.int64).prod(axis=1)).all()
    raw = json.loads((real_data / "taco_labels" / "annotations.json").read_text())
    names = {item["id"]: item["name"] for item in raw["categories"]}
    wanted = {(str(item["image_id"]), names[item["category_id"]]) for item in raw["annotations"]}
    found = {
        (scanned.samples[row].part, scanned.classes[column].key)
        for row, column in np.argwhere(scanned.presence)
        if column in classes
    }
    assert found == wanted


def test_the_source_proposes_names_for_what_no_one_listed() -> None:
    proposed = COCO.propose_classes(coco_spec(Path()), ["cat", "background"])
    assert proposed == (
        ClassSpec(key="cat", name="cat"),
        ClassSpec(key="background", name="background", role=ClassRole.BACKGROUND),
    )
