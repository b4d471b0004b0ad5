import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.formats.pixels.counting import ValueCounts, count_values
from core.formats.scanning.counting_tasks import (
    CountResult,
    CountTask,
    choose_size,
    pack_results,
    run_task,
    unpack_results,
)
from tests.formats.files import blocks, paint, write_array, write_palette


def same(one: ValueCounts | str | None, other: ValueCounts | str | None) -> bool:
    if not isinstance(one, ValueCounts) or not isinstance(other, ValueCounts):
        return one == other
    pairs = ((getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(ValueCounts))
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


def all_kinds(folder: Path) -> list[Path]:
    Image.fromarray(blocks(0, 255)).convert("1").save(folder / "bits.png")
    return [
        write_array(folder / "grey.png", blocks(0, 3)),
        write_palette(folder / "palette.png", blocks(0, 1, 2), [0, 0, 0, 9, 9, 9, 200, 0, 1]),
        write_array(folder / "colour.jpg", paint(blocks(0, 1), {1: (200, 30, 0)})),
        write_array(folder / "soft.tif", (blocks(0, 1, 2) / 2).astype(np.float32)),
        folder / "bits.png",
    ]


def test_results_of_every_kind_travel_unchanged(tmp_path: Path) -> None:
    counts = tuple(count_values(file) for file in all_kinds(tmp_path))
    sent = [
        CountResult((24, 32), counts, counts[0]),
        CountResult("no size", ("broken: ünreadable",)),
        CountResult(None, ()),
    ]
    for one, other in zip(sent, unpack_results(pack_results(sent)), strict=True):
        assert one.size == other.size
        assert same(one.union, other.union)
        assert all(same(a, b) for a, b in zip(one.masks, other.masks, strict=True))


def test_no_results_travel_too() -> None:
    assert unpack_results(pack_results([])) == []


def test_arrays_that_do_not_fit_together_are_noticed(tmp_path: Path) -> None:
    arrays = pack_results([CountResult(None, (count_values(write_array(tmp_path / "a.png", blocks(0, 3))),))])
    with pytest.raises(ValueError, match="do not fit"):
        unpack_results({**arrays, "values": arrays["values"][:-1]})


def test_a_task_reads_image_masks_and_union(tmp_path: Path) -> None:
    image = write_array(tmp_path / "a.jpg", blocks(0, 9))
    masks = [write_array(tmp_path / "a.png", blocks(0, 5)), write_array(tmp_path / "b.png", blocks(7, 0))]
    result = run_task(CountTask(str(image), None, tuple(map(str, masks)), True))
    assert result.size == (24, 32)
    assert result.union is not None
    assert result.union.values.tolist() == [5, 7]


def test_faults_are_results(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("text")
    result = run_task(CountTask(str(tmp_path / "gone.jpg"), None, (str(tmp_path / "a.png"),), True))
    assert isinstance(result.size, str)
    assert isinstance(result.masks[0], str)
    assert "not an image" in result.masks[0]
    assert result.union is None


def test_the_size_of_masks_is_the_images_or_the_most_frequent() -> None:
    assert choose_size((3, 4), [(1, 1)]) == (3, 4)
    assert choose_size(None, [(1, 1), (2, 2), (2, 2)]) == (2, 2)
    assert choose_size("broken", []) is None
