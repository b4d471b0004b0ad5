"""Pictures whose class is their folder or stands in their name: found, scanned, broken ones set aside."""

from pathlib import Path

import pytest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FormatName
from core.domain.scan import ScannedDataset
from core.errors import CancelledError, DatasetError
from core.formats.labels import picture_headers
from core.formats.labels.picture_labels import scan_picture_labels
from core.formats.whole import find_samples, scan_dataset
from tests.formats.trees import photo


def _spec(root: Path, form: FormatName = "label_folders", **fields: object) -> DatasetSpec:
    return DatasetSpec.model_validate({"name": "pets", "root": root, "format": form, **fields})


def _folders(root: Path) -> Path:
    for split in ("train", "test"):
        for name in ("cat", "dog"):
            for number in range(2):
                photo(root / split / name / f"{number}.png")
    return root


def _labels(dataset: ScannedDataset) -> dict[str, list[str]]:
    names = [item.name for item in dataset.classes]
    rows = zip(dataset.samples, dataset.presence.tolist(), strict=True)
    return {sample.id: [names[i] for i, flag in enumerate(row) if flag] for sample, row in rows}


def test_each_picture_has_the_one_class_of_its_folder(tmp_path: Path) -> None:
    dataset = scan_dataset(_spec(_folders(tmp_path)), None)
    assert [item.name for item in dataset.classes] == ["cat", "dog"]
    assert _labels(dataset)["test/dog/1.png"] == ["dog"]
    assert all(len(found) == 1 for found in _labels(dataset).values())
    assert dataset.pixels is None
    assert not dataset.overlapping
    assert dataset.problems == ()


def test_samples_have_their_images_and_sizes(tmp_path: Path) -> None:
    dataset = scan_dataset(_spec(_folders(tmp_path)), None)
    assert [str(sample.image) for sample in dataset.samples] == [sample.id for sample in dataset.samples]
    assert dataset.sizes is not None
    assert dataset.sizes.tolist() == [[64, 64]] * 8


def test_names_say_the_class_by_a_pattern(tmp_path: Path) -> None:
    for name in ("a_cat.png", "b_cat.png", "c_dog.png"):
        photo(tmp_path / name)
    dataset = scan_dataset(_spec(tmp_path, "label_names", class_pattern="_([a-z]+)$"), None)
    assert _labels(dataset) == {"a_cat.png": ["cat"], "b_cat.png": ["cat"], "c_dog.png": ["dog"]}


def test_broken_pictures_and_those_without_a_class_are_problems_and_lose_nothing_else(tmp_path: Path) -> None:
    _folders(tmp_path)
    (tmp_path / "train" / "cat" / "empty.jpg").touch()
    (tmp_path / "train" / "cat" / "text.jpg").write_text("no picture at all")
    photo(tmp_path / "top.png")
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    dataset = scan_dataset(_spec(tmp_path), None)
    assert {item.file: item.problem for item in dataset.problems} == {
        "top.png": "this picture lies in no class folder",
        "train/cat/empty.jpg": "empty.jpg: the file is empty (0 bytes)",
        "train/cat/text.jpg": "text.jpg: this is not an image that can be read",
    }
    assert len(dataset.samples) == 8
    assert dataset.images == 11


def test_void_labels_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    _folders(tmp_path)
    photo(tmp_path / "train" / "unclear" / "9.png")
    spec = _spec(tmp_path, void=("unclear",), ignored=("train/cat/0.png",))
    dataset = scan_dataset(spec, None)
    assert [item.name for item in dataset.classes] == ["cat", "dog"]
    assert "train/cat/0.png" not in _labels(dataset)
    assert len(dataset.samples) == 7


def test_a_renamed_class_keeps_its_pictures_and_a_class_without_any_is_said(tmp_path: Path) -> None:
    classes = (ClassSpec(key="dog", name="Canis"), ClassSpec(key="cow", name="Cow"))
    dataset = scan_dataset(_spec(_folders(tmp_path), classes=classes), None)
    assert [item.name for item in dataset.classes] == ["Canis", "Cow", "cat"]
    assert dataset.presence.sum(axis=0).tolist() == [4, 0, 4]
    assert [problem.problem for problem in dataset.problems] == [
        "the class 'Cow' has no column, list, word, folder or file name 'cow'"
    ]


def test_groups_are_found_in_the_names(tmp_path: Path) -> None:
    dataset = scan_dataset(_spec(_folders(tmp_path), group_pattern="^(train|test)/"), None)
    assert {sample.group for sample in dataset.samples} == {"train", "test"}


def test_a_rescan_opens_only_pictures_that_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, cache = _spec(_folders(tmp_path / "pets")), tmp_path / "headers.json"
    first = scan_dataset(spec, cache)
    photo(tmp_path / "pets" / "train" / "cat" / "7.png")
    opened: list[str] = []
    read = picture_headers.read_size
    monkeypatch.setattr(picture_headers, "read_size", lambda path: opened.append(path.name) or read(path))
    second = scan_dataset(spec, cache)
    assert opened == ["7.png"]
    assert len(second.samples) == len(first.samples) + 1
    assert second.fingerprint != first.fingerprint


def test_a_damaged_cache_is_like_none(tmp_path: Path) -> None:
    spec, cache = _spec(_folders(tmp_path / "pets")), tmp_path / "headers.json"
    cache.write_bytes(b"PK\x03\x04 something else")
    assert len(scan_dataset(spec, cache).samples) == 8


def test_a_cancelled_scan_keeps_what_it_has_read(tmp_path: Path) -> None:
    spec, cache = _spec(_folders(tmp_path / "pets")), tmp_path / "headers.json"
    with pytest.raises(CancelledError):
        scan_dataset(spec, cache, should_stop=lambda: True)
    assert cache.exists()


def test_progress_reaches_the_number_of_pictures(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    scan_dataset(_spec(_folders(tmp_path)), None, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (8, 8)


@pytest.mark.parametrize("form", ["label_folders", "label_names"])
def test_a_folder_that_names_no_class_is_a_sentence(form: FormatName, tmp_path: Path) -> None:
    photo(tmp_path / "picture.png")
    with pytest.raises(DatasetError, match="names a class; correct the class pattern"):
        scan_picture_labels(_spec(tmp_path, form))


def test_samples_are_listed_without_a_scan(tmp_path: Path) -> None:
    samples, problems, images = find_samples(_spec(_folders(tmp_path)))
    assert (len(samples), problems, images) == (8, [], 8)
