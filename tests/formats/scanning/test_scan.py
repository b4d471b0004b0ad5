import os
import shutil
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.domain.classes import ClassSpec
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import CancelledError, DatasetError
from core.formats.scanning import count_pool, counting_tasks, scan_cache
from core.formats.scanning.scan import scan
from tests.formats.files import blocks, bomb_png, build_spec, named, sample, write_array


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the mask files that are decoded."""
    names: list[str] = []
    real = counting_tasks.read_mask_pixels
    monkeypatch.setattr(
        counting_tasks, "read_mask_pixels", lambda path: (names.append(path.name), real(path))[1]
    )
    return names


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three images with masks: stripes of 0 and 1, of 0 and 2, of 2."""
    folder = tmp_path / "set"
    for name, values in (("a", (0, 1)), ("b", (0, 2)), ("c", (2, 2))):
        write_array(folder / "masks" / f"{name}.png", blocks(*values))
        write_array(folder / "images" / f"{name}.jpg", blocks(9, 90))
    return folder


def pairs(*names: str) -> list[Sample]:
    return [sample(f"masks/{name}.png", image=f"images/{name}.jpg") for name in names]


def run(
    root: Path, samples: Sequence[Sample] | None = None, cache: Path | None = None, **spec: object
) -> ScannedDataset:
    return scan(build_spec(root, **spec), pairs("a", "b", "c") if samples is None else samples, (), cache)


def test_a_scan_tells_classes_presence_pixels_and_sizes(root: Path) -> None:
    found = run(root)
    assert [item.key for item in found.classes] == ["0", "1", "2"]
    assert found.presence.tolist() == [[True, True, False], [True, False, True], [False, False, True]]
    assert found.pixels is not None
    assert found.totals is not None
    assert found.sizes is not None
    assert found.pixels.sum() == found.totals.sum() == 3 * 768
    assert found.sizes.tolist() == [[24, 32]] * 3
    assert (found.images, found.overlapping, found.problems) == (3, False, ())


def test_bad_files_become_problems_and_stop_nothing(root: Path, tmp_path: Path) -> None:
    whole = (root / "masks" / "a.png").read_bytes()
    bad = {
        "empty": b"",
        "text": b"this is not an image",
        "half": whole[: len(whole) // 2],
        "bomb": bomb_png(300_000, 300_000),
    }
    for name, content in bad.items():
        (root / "masks" / f"{name}.png").write_bytes(content)
    write_array(root / "masks" / "small.png", blocks(0, 1, shape=(8, 8)))
    write_array(tmp_path / "outside.png", blocks(0, 1))
    (root / "masks" / "link.png").symlink_to(tmp_path / "outside.png")
    for name in (*bad, "small", "link"):
        shutil.copy(root / "images" / "a.jpg", root / "images" / f"{name}.jpg")
    names = ("a", *bad, "small", "link", "gone", "b", "c")
    found = run(root, pairs(*names))
    assert [item.id for item in found.samples] == [f"images/{name}.jpg" for name in ("a", "b", "c")]
    said = {problem.file: f"{problem.problem}. {problem.next_step}" for problem in found.problems}
    assert "0 bytes" in said["masks/empty.png"]
    assert "not an image" in said["masks/text.png"]
    assert "cut short" in said["masks/half.png"]
    assert "300000 x 300000" in said["masks/bomb.png"]
    assert "8 x 8 pixels, its image 32 x 24" in said["masks/small.png"]
    assert "leads out of" in said["masks/link.png"]
    assert "no such file" in said["images/gone.jpg"]
    assert all(problem.next_step for problem in found.problems)
    assert found.images == len(names)


def test_an_unreadable_image_leaves_its_sample_out(root: Path) -> None:
    (root / "images" / "b.jpg").write_text("text")
    found = run(root)
    assert [item.id for item in found.samples] == ["images/a.jpg", "images/c.jpg"]
    assert [problem.file for problem in found.problems] == ["images/b.jpg"]


def test_a_turned_image_is_recognised(root: Path) -> None:
    write_array(root / "images" / "a.jpg", blocks(0, 1, shape=(32, 24)))
    assert "EXIF" in run(root).problems[0].problem


def test_a_dataset_of_bad_files_is_an_empty_result(root: Path) -> None:
    for name in "abc":
        (root / "masks" / f"{name}.png").write_bytes(b"")
    found = run(root)
    assert (len(found.samples), len(found.problems), found.images) == (0, 3, 3)
    assert found.presence.shape == (0, 0)
    assert found.sizes is not None
    assert found.sizes.shape == (0, 2)


def test_problems_of_pairing_come_first(root: Path) -> None:
    earlier = Problem("x.png", "no image", "Add it.")
    found = scan(build_spec(root), pairs("a"), [earlier], None, images=7)
    assert found.problems == (earlier,)
    assert found.images == 7


def test_a_rescan_reads_nothing(root: Path, tmp_path: Path, reads: list[str]) -> None:
    first = run(root, cache=tmp_path / "c")
    assert sorted(reads) == ["a.png", "b.png", "c.png"]
    reads.clear()
    again = run(root, cache=tmp_path / "c")
    assert reads == []
    assert np.array_equal(first.presence, again.presence)
    assert first.fingerprint == again.fingerprint


def test_only_a_changed_file_is_read_again(root: Path, tmp_path: Path, reads: list[str]) -> None:
    run(root, cache=tmp_path / "c")
    reads.clear()
    write_array(root / "masks" / "b.png", blocks(0, 1))
    os.utime(root / "masks" / "b.png", ns=(1, 1))
    found = run(root, cache=tmp_path / "c")
    assert reads == ["b.png"]
    assert [item.key for item in found.classes] == ["0", "1", "2"]
    assert found.presence[1].tolist() == [True, True, False]


def test_roles_names_void_and_format_change_without_a_read(
    root: Path, tmp_path: Path, reads: list[str]
) -> None:
    run(root, cache=tmp_path / "c")
    reads.clear()
    classes = (ClassSpec(key="2", name="two", role="background"), ClassSpec(key="0", name="zero"))
    found = run(root, cache=tmp_path / "c", classes=classes, void=("1",))
    assert [item.name for item in found.classes] == ["two", "zero"]
    assert run(root, cache=tmp_path / "c", mask_format="binary", threshold=2.0).presence[:, 1].tolist() == [
        False,
        True,
        True,
    ]
    assert reads == []


def test_a_damaged_cache_is_built_anew(root: Path, tmp_path: Path, reads: list[str]) -> None:
    (tmp_path / "c").write_bytes(b"damaged")
    run(root, cache=tmp_path / "c")
    run(root, cache=tmp_path / "c")
    assert len(reads) == 3


def test_files_that_are_gone_leave_the_cache(root: Path, tmp_path: Path) -> None:
    run(root, cache=tmp_path / "c")
    (root / "masks" / "c.png").unlink()
    write_array(root / "masks" / "a.png", blocks(0, 3))
    run(root, cache=tmp_path / "c")
    assert sorted(scan_cache.read_cache(tmp_path / "c").counts) == ["masks/a.png", "masks/b.png"]


def test_a_union_is_kept_as_well(root: Path, tmp_path: Path, reads: list[str]) -> None:
    both = [sample("masks/a.png", "masks/b.png", keys=("x", "y"), image="images/a.jpg")]
    first = run(root, both, tmp_path / "c", mask_format="binary_per_class")
    again = run(root, both, tmp_path / "c", mask_format="binary_per_class")
    assert sorted(reads) == ["a.png", "b.png"]
    assert first.pixels is not None
    assert again.pixels is not None
    assert np.array_equal(first.pixels, again.pixels)


def test_a_cancelled_scan_keeps_what_it_has_read(root: Path, tmp_path: Path, reads: list[str]) -> None:
    with pytest.raises(CancelledError, match="goes on from there"):
        scan(build_spec(root), pairs("a", "b", "c"), (), tmp_path / "c", should_stop=lambda: len(reads) == 2)
    reads.clear()
    assert len(run(root, cache=tmp_path / "c").samples) == 3
    assert len(reads) == 1


def test_progress_counts_samples_up_to_all(root: Path, tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    spec = build_spec(root)
    scan(spec, pairs("a", "b", "c"), (), tmp_path / "c", on_progress=lambda *counts: said.append(counts))
    assert said == [(0, 3), (1, 3), (2, 3), (3, 3)]
    said.clear()
    scan(spec, pairs("a", "b", "c"), (), tmp_path / "c", on_progress=lambda *counts: said.append(counts))
    assert said == [(3, 3)]


def test_files_that_vanish_during_the_scan_are_problems(root: Path) -> None:
    def remove(done: int, _: int) -> None:
        if done == 0:
            (root / "masks" / "b.png").unlink()
            (root / "images" / "c.jpg").unlink()

    found = scan(build_spec(root), pairs("a", "b", "c"), (), None, on_progress=remove)
    assert [item.id for item in found.samples] == ["images/a.jpg"]
    assert {item.file for item in found.problems} == {"masks/b.png", "images/c.jpg"}


def test_the_fingerprint_tells_content_and_meaning_but_not_place_or_names(root: Path, tmp_path: Path) -> None:
    base = run(root, classes=named(("0", "a"), ("1", "b"), ("2", "c"))).fingerprint
    shutil.copytree(root, tmp_path / "moved")
    renamed = (
        ClassSpec(key="0", name="x", colour="#112233"),
        ClassSpec(key="1", name="y"),
        ClassSpec(key="2", name="z"),
    )
    assert run(tmp_path / "moved", classes=renamed).fingerprint == base
    assert run(root, list(reversed(pairs("a", "b", "c"))), classes=renamed).fingerprint == base
    assert run(root, classes=renamed, void=("1",)).fingerprint != base
    assert run(root, pairs("a", "b"), classes=renamed).fingerprint != base
    write_array(root / "masks" / "a.png", blocks(1, 0))
    assert run(root, classes=renamed).fingerprint != base


def test_a_relative_root_is_read_by_workers_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count_pool, "_TRIAL_SECONDS", -1.0)
    monkeypatch.setattr(count_pool, "_WORTH_SECONDS", -1.0)
    monkeypatch.setattr(count_pool._CountPool, "_count_here", lambda self, *_: time.sleep(0.01) is None)
    monkeypatch.chdir(root.parent)
    assert len(run(Path("set")).samples) == 3


def test_a_wrong_format_lists_the_right_ones(root: Path) -> None:
    with pytest.raises(DatasetError, match="choose one of index"):
        scan(build_spec(root, "label_table"), (), (), None)


def test_memory_does_not_grow_with_the_pixels_read(tmp_path: Path) -> None:
    for number in range(40):
        write_array(tmp_path / f"{number}.png", blocks(0, 1, number, shape=(512, 512)))
    samples = [sample(f"{number}.png") for number in range(40)]
    tracemalloc.start()
    try:
        scan(build_spec(tmp_path), samples, (), None, workers=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 512 * 512
