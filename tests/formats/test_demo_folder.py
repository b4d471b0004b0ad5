"""The demo as a folder of files."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import CancelledError, DatasetError
from core.formats.dataset_file import read_dataset_file
from core.formats.demo_folder import write_demo
from core.formats.whole import scan_dataset
from core.synthesis import FUNDUS_CLASSES, FundusSpec, draw_fundus, plan_fundus

SPEC = FundusSpec(images=6, size=96, seed=3)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "fundus"
    write_demo(folder, SPEC)
    return folder


def test_files_hold_the_drawn_pixels_under_the_patients_name(demo: Path) -> None:
    plan = plan_fundus(SPEC)
    assert sorted(digests(demo)) == sorted(
        ["dataset.toml", "demo.json"]
        + [f"{kind}/{plan.stem(index)}.png" for kind in ("images", "masks") for index in range(6)]
    )
    for index in range(6):
        image, mask = draw_fundus(plan, index)
        with Image.open(demo / "images" / f"{plan.stem(index)}.png") as picture:
            assert picture.mode == "RGB"
            assert np.array_equal(picture, image)
        with Image.open(demo / "masks" / f"{plan.stem(index)}.png") as picture:
            assert picture.mode == "P"
            assert np.array_equal(picture, mask)


def test_masks_can_be_looked_at_with_any_viewer(demo: Path) -> None:
    with Image.open(next((demo / "masks").iterdir())) as picture:
        colours = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert len(colours) >= 4
    assert np.ptp(colours, axis=0).max() > 100


def test_dataset_toml_says_how_to_read_the_folder(demo: Path) -> None:
    spec = read_dataset_file(demo / "dataset.toml")
    assert spec.root == demo
    assert spec.format == "index"
    assert spec.classes == FUNDUS_CLASSES
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("images", "masks")]


def test_read_as_a_dataset_every_image_has_its_mask_and_its_patient(demo: Path) -> None:
    dataset = scan_dataset(read_dataset_file(demo / "dataset.toml"), None)
    assert (len(dataset.samples), dataset.problems, dataset.images) == (6, (), 6)
    plan = plan_fundus(SPEC)
    patients = {plan.stem(index): f"patient_{image.patient:02d}" for index, image in enumerate(plan.images)}
    assert {sample.image.stem: sample.group for sample in dataset.samples if sample.image} == patients


@pytest.mark.parametrize("workers", [1, 3])
def test_equal_specs_give_equal_bytes_with_any_number_of_workers(
    demo: Path, tmp_path: Path, workers: int
) -> None:
    write_demo(tmp_path, SPEC, workers=workers)
    assert digests(tmp_path) == digests(demo)


def test_progress_counts_up_to_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_demo(tmp_path, SPEC, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(1, 7)]


def test_a_cancelled_demo_has_whole_files_and_cannot_be_opened_until_completed(
    demo: Path, tmp_path: Path
) -> None:
    with pytest.raises(CancelledError, match=r"stopped after 1 of 6 photographs; write it to .* again"):
        write_demo(tmp_path, SPEC, should_stop=lambda: True)
    files = digests(tmp_path)
    assert len(files) == 3
    assert "dataset.toml" not in files
    assert files.items() <= digests(demo).items()
    write_demo(tmp_path, SPEC)
    assert digests(tmp_path) == digests(demo)


def test_a_finished_demo_is_left_as_it_is(demo: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (demo / "images").iterdir()}
    write_demo(demo, SPEC)
    assert {path: path.stat().st_mtime_ns for path in (demo / "images").iterdir()} == before


def test_a_demo_of_another_spec_is_replaced_and_foreign_files_in_it_are_kept(
    demo: Path, tmp_path: Path
) -> None:
    write_demo(tmp_path, FundusSpec(images=9, size=96, seed=4))
    (tmp_path / "images" / "notes.txt").write_text("mine")
    write_demo(tmp_path, SPEC)
    files = digests(tmp_path)
    files.pop("images/notes.txt")
    assert files == digests(demo)


def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DatasetError, match="holds files that are no demo .* name a new or an empty folder"):
        write_demo(tmp_path, SPEC)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("content", ["", "{}", '{"spec": {"images": 0}}', "\x00"])
def test_a_foreign_demo_json_does_not_make_a_folder_ours(tmp_path: Path, content: str) -> None:
    (tmp_path / "demo.json").write_text(content)
    with pytest.raises(DatasetError, match="no demo of ours"):
        write_demo(tmp_path, SPEC)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "demo"
    file.write_text("mine")
    with pytest.raises(DatasetError, match="is a file; name a folder"):
        write_demo(file, SPEC)
