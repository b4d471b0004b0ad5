"""Balanced sets on disk."""

import csv
import os
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import room
from core.data.augmentation import augment
from core.data.materialise import Materialised, materialise
from core.domain.augmentation import AugmentationSpec, MaterialiseSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.errors import CancelledError, DatasetError, PlanError, WorkspaceError
from core.formats.dataset_file import read_dataset_file
from core.formats.whole import scan_dataset
from core.plans.plan import BalancePlan
from tests.data.sets import (
    describe,
    expected_shares,
    index_mask,
    make_plan,
    save,
    write_index_set,
    write_layer_set,
)

ONE = MaterialiseSpec(workers=1)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def scanned_shares(folder: Path) -> dict[str, float]:
    dataset = scan_dataset(read_dataset_file(folder / "dataset.toml"), None)
    assert not dataset.problems
    shares = dataset.presence.mean(axis=0)
    return {item.name: float(share) for item, share in zip(dataset.classes, shares, strict=True)}


@pytest.fixture
def plan(tmp_path: Path) -> BalancePlan:
    """Eight images; three copies of the first, none of the second, two of the fifth."""
    return make_plan(write_index_set(tmp_path / "set", values=(0, 40, 80, 120)), {0: 3, 1: 0, 4: 2})


def write(plan: BalancePlan, folder: Path, spec: MaterialiseSpec = ONE) -> Materialised:
    return materialise(plan, folder, spec)


def test_every_image_is_there_as_often_as_the_plan_says(plan: BalancePlan, tmp_path: Path) -> None:
    written = write(plan, tmp_path / "out")
    found = Counter(row["source_image"] for row in rows(tmp_path / "out"))
    assert found == {name: copies for name, copies in plan.copies.items() if copies}
    assert (written.images, written.duplicates, written.missing, written.problems) == (10, 3, 0, ())
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")}
    assert names == {row[side] for row in rows(tmp_path / "out") for side in ("image", "mask")}
    assert {"images/left/00.png", "images/left/00__copy2.png", "images/left/00__copy3.png"} <= names


def test_the_folder_scans_to_the_plans_shares(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    assert scanned_shares(tmp_path / "out") == pytest.approx(expected_shares(plan))
    counted: Counter[int] = Counter()  # and by a loop that knows nothing of this program
    files = sorted((tmp_path / "out" / "masks").rglob("*.png"))
    for file in files:
        counted.update(set(np.unique(np.array(Image.open(file))).tolist()) - {99})
    found = {str(value): count / len(files) for value, count in counted.items()}
    names = {"background": "0", "disc": "40", "vessel": "80", "spot": "120"}
    assert {name: found.get(key, 0.0) for name, key in names.items()} == pytest.approx(expected_shares(plan))


def test_masks_keep_their_values_and_palette(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    original = Image.open(tmp_path / "set/masks/left/00.png")
    copy = Image.open(tmp_path / "out/masks/left/00__copy2.png")
    assert copy.mode == original.mode == "P"
    assert copy.getpalette() == original.getpalette()
    assert set(np.unique(np.asarray(copy))) <= {0, 40, 80, 120, 99}


def test_originals_are_linked_or_copied_as_asked(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "linked")
    write(plan, tmp_path / "copied", MaterialiseSpec(workers=1, link="copy"))
    for kind in ("images", "masks"):
        source = tmp_path / "set" / kind / "left" / "00.png"
        assert source.samefile(tmp_path / "linked" / kind / "left" / "00.png")
        copied = tmp_path / "copied" / kind / "left" / "00.png"
        assert not source.samefile(copied)
        assert source.read_bytes() == copied.read_bytes()


def test_originals_are_copied_where_links_cannot_be_made(
    plan: BalancePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    write(plan, tmp_path / "out")
    source, copy = tmp_path / "set/images/left/00.png", tmp_path / "out/images/left/00.png"
    assert source.read_bytes() == copy.read_bytes()
    assert not source.samefile(copy)


def test_the_index_says_how_each_duplicate_was_made(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    table = rows(tmp_path / "out")
    assert {row["kind"] for row in table if row["copy"] == "1"} == {"original"}
    duplicates = [row for row in table if row["copy"] != "1"]
    assert len({row["seed"] for row in duplicates}) == len(duplicates) == 3
    for row in duplicates:
        source = np.asarray(Image.open(tmp_path / "set" / row["source_image"]))
        image, _ = augment(source, [], AugmentationSpec(), int(row["seed"]))
        np.testing.assert_array_equal(image, np.asarray(Image.open(tmp_path / "out" / row["image"])))


def test_two_processes_write_the_same_bytes_as_one(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "one")
    write(plan, tmp_path / "two", MaterialiseSpec(workers=2))
    for path in sorted((tmp_path / "one").rglob("*.*")):
        if path.is_file() and path.suffix != ".jsonl":
            assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_duplicates_are_of_their_sources_group(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    written = scan_dataset(read_dataset_file(tmp_path / "out" / "dataset.toml"), None)
    groups = {sample.id: sample.group for sample in written.samples}
    assert groups["images/left/00__copy3.png"] == groups["images/left/00.png"] == "left/00"
    assert len(set(groups.values())) == 7


def test_a_group_pattern_that_still_fits_is_kept(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path / "set").model_copy(update={"group_pattern": r"^\d"})
    write(make_plan(spec, {0: 2}), tmp_path / "out")
    assert read_dataset_file(tmp_path / "out" / "dataset.toml").group_pattern == r"^\d"
    by_folder = spec.model_copy(update={"group_pattern": "^images/left/0([0-3])"})
    write(make_plan(by_folder, {0: 2}), tmp_path / "other")
    assert {row["group"] for row in rows(tmp_path / "other")} >= {"0", "1", "2", "3"}


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_overlapping_masks_stay_one_file_a_class(tmp_path: Path, suffix: str) -> None:
    plan = make_plan(write_layer_set(tmp_path / "set", suffix), {0: 3, 1: 2, 3: 0})
    write(plan, tmp_path / "out")
    assert scanned_shares(tmp_path / "out") == pytest.approx(expected_shares(plan))
    assert {row["mask"].count("|") for row in rows(tmp_path / "out")} == {0, 1}
    disc = np.asarray(Image.open(tmp_path / "out/masks/disc/0__copy2.png"))
    spot = np.asarray(Image.open(tmp_path / "out/masks/spot/0__copy2.png"))
    assert not (spot.astype(bool) & ~disc.astype(bool)).any()


def write_soft_set(root: Path) -> DatasetSpec:
    """JPEG masks of a class and its background, which hold more than two values."""
    rng = np.random.default_rng(0)
    for number in range(6):
        mask = np.zeros((48, 48), np.uint8)
        if number % 3:
            mask[10:30, 12:40] = 255
        save(Image.fromarray(mask), root / "masks" / f"{number}.jpg")
        image = Image.fromarray(rng.integers(0, 255, (48, 48), np.uint8))
        save(image, root / "images" / f"{number}.jpg")
    return describe(root, "binary", ["0", "1"], names=("background", "lung"))


def test_jpeg_masks_become_png_and_mean_the_same(tmp_path: Path) -> None:
    plan = make_plan(write_soft_set(tmp_path / "set"), {0: 2, 1: 3})
    write(plan, tmp_path / "out")
    assert scanned_shares(tmp_path / "out") == pytest.approx(expected_shares(plan))
    masks = sorted((tmp_path / "out" / "masks").iterdir())
    assert {path.suffix for path in masks} == {".png"}
    assert set(np.unique(np.asarray(Image.open(masks[0])))) <= {0, 1}
    assert (tmp_path / "out/images/1__copy2.jpg").is_file()


def test_colour_masks_keep_their_colours(tmp_path: Path) -> None:
    colours = np.array([[0, 0, 0], [255, 0, 0], [0, 128, 255], [9, 200, 9]], np.uint8)
    root = tmp_path / "set"
    for number in range(5):
        save(Image.fromarray(colours[index_mask(number)]), root / "masks" / f"{number}.png")
        save(Image.new("RGB", (48, 48), (number, 9, 9)), root / "images" / f"{number}.png")
    plan = make_plan(describe(root, "colour", ["#000000", "#ff0000", "#0080ff", "#09c809"]), {4: 4})
    write(plan, tmp_path / "out")
    assert scanned_shares(tmp_path / "out") == pytest.approx(expected_shares(plan))
    copy = np.asarray(Image.open(tmp_path / "out/masks/4__copy4.png")).reshape(-1, 3)
    assert {tuple(colour) for colour in np.unique(copy, axis=0)} == {
        tuple(colour) for colour in colours[[0, 1, 2, 3]]
    }


def test_masks_of_any_name_get_that_of_their_image(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for number in range(4):
        save(Image.fromarray(index_mask(number)), root / "1st_manual" / f"{number + 21}_manual1.gif")
        save(Image.new("RGB", (48, 48)), root / "img" / f"{number + 21}_training.tif")
    spec = describe(root, "index", ["0", "1", "2", "3"]).model_copy(
        update={"folders": (FolderPair(images="img", masks="1st_manual"),), "pairing": Pairing(rule="number")}
    )
    plan = make_plan(spec, {0: 2})
    write(plan, tmp_path / "out")
    assert scanned_shares(tmp_path / "out") == pytest.approx(expected_shares(plan))
    assert (tmp_path / "out/masks/21_training__copy2.png").is_file()


def test_stopped_work_goes_on_where_it_was(plan: BalancePlan, tmp_path: Path) -> None:
    done: list[int] = []
    with pytest.raises(CancelledError, match="again to go on"):
        materialise(
            plan,
            tmp_path / "out",
            ONE,
            lambda number, _, message: done.append(number) if "Writing" in message else None,
            lambda: bool(done) and done[-1] >= 5,
        )
    assert not (tmp_path / "out" / "dataset.toml").exists()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.png")}
    assert 0 < len(kept) < 20
    write(plan, tmp_path / "out")
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    write(plan, tmp_path / "straight")
    assert (tmp_path / "out/index.csv").read_bytes() == (tmp_path / "straight/index.csv").read_bytes()


def test_a_file_that_was_lost_is_written_again(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    lost = tmp_path / "out/images/left/00__copy2.png"
    content = lost.read_bytes()
    lost.write_bytes(b"")
    with (tmp_path / "out/materialised.jsonl").open("a") as file:
        file.write('{"sample": "images/le')  # a power cut
    write(plan, tmp_path / "out")
    assert lost.read_bytes() == content


def test_a_folder_with_other_things_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(PlanError, match="no balanced set of ours"):
        write(plan, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_the_set_of_another_plan_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    write(plan, tmp_path / "out")
    other = plan.model_copy(update={"copies": dict.fromkeys(plan.copies, 1)})
    with pytest.raises(PlanError, match="another plan"):
        write(other, tmp_path / "out")
    with pytest.raises(PlanError, match="settings"):
        write(plan, tmp_path / "out", MaterialiseSpec(workers=1, link="copy"))


def test_a_folder_inside_the_dataset_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="inside the dataset"):
        write(plan, tmp_path / "set" / "balanced")


def test_a_plan_for_another_state_of_the_dataset_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    (tmp_path / "set/masks/left/03.png").unlink()
    with pytest.raises(PlanError, match=r"1 image is gone \(images/left/03.png\)"):
        write(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_plan_whose_names_were_edited_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    first, *rest = plan.copies.items()
    edited = plan.model_copy(update={"copies": {"images/none.png": first[1], **dict(rest)}})
    with pytest.raises(PlanError, match=r"1 image is new, 1 is gone \(images/none.png\)"):
        write(edited, tmp_path / "out")


def test_more_images_than_a_disk_bears_are_refused_before_they_are_named(
    plan: BalancePlan, tmp_path: Path
) -> None:
    many = dict.fromkeys(plan.copies, 10**9)
    with pytest.raises(PlanError, match="at most 10,000,000 are written"):
        write(plan.model_copy(update={"copies": many, "total": sum(many.values())}), tmp_path / "out")


def test_a_damaged_image_becomes_a_problem_and_stops_nothing(plan: BalancePlan, tmp_path: Path) -> None:
    damaged = tmp_path / "set/images/left/00.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    written = write(plan, tmp_path / "out")
    assert [problem.file for problem in written.problems] == ["images/left/00.png"]
    assert (written.images, written.missing) == (8, 2)  # the original is linked unread; its copies need it
    assert "00.png" in (tmp_path / "out/problems.csv").read_text()


def test_an_image_that_vanishes_while_writing_becomes_a_problem(plan: BalancePlan, tmp_path: Path) -> None:
    def vanish(done: int, _total: int, message: str) -> None:
        if done and "Writing" in message:
            (tmp_path / "set/images/left/07.png").unlink(missing_ok=True)

    written = materialise(plan, tmp_path / "out", ONE, vanish)
    assert [problem.file for problem in written.problems] == ["images/left/07.png"]
    assert written.missing == 1


def test_nothing_written_at_all_is_said(tmp_path: Path) -> None:
    plan = make_plan(write_index_set(tmp_path / "set", count=2), {0: 2, 1: 0})
    (tmp_path / "set/images/left/00.png").write_bytes(
        (tmp_path / "set/images/left/00.png").read_bytes()[:200]
    )
    spec = MaterialiseSpec(workers=1, layout="mmseg", link="copy")
    with pytest.raises(DatasetError, match="No image could be written"):
        materialise(plan, tmp_path / "out", spec)


def test_too_little_room_is_said_before_anything_is_written(
    plan: BalancePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage._replace(free=room._RESERVE + 1000))
    with pytest.raises(WorkspaceError, match=r"needs about .* MiB, but .* free"):
        write(plan, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.png"))


def test_the_estimate_of_room_is_not_too_small(plan: BalancePlan, tmp_path: Path) -> None:
    spec = MaterialiseSpec(workers=1, link="copy")
    asked: list[int] = []
    estimate = room.estimate_bytes

    def note(*arguments: object) -> int:
        asked.append(estimate(*arguments))  # type: ignore[arg-type]
        return asked[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "estimate_bytes", note)
        write(plan, tmp_path / "out", spec)
    written = sum(path.stat().st_size for path in (tmp_path / "out").rglob("*.png"))
    assert written <= asked[0] < 3 * written + 4096 * 20
