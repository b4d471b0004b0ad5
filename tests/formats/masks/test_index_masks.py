from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.classes import ClassRole, ClassSpec
from core.domain.masks import LabelMask
from core.errors import DatasetError, MaskError
from core.formats.masks.index_masks import IndexMasks
from core.formats.masks.protocol import Tabulation
from core.formats.masks.tabulation import MAX_CLASSES
from core.formats.pixels.mask_pixels import read_mask_pixels
from tests.formats.files import blocks, build_spec, counted, named, paint, write_array

INDEX = IndexMasks()


def tabulate(tmp_path: Path, *arrays: np.ndarray, **spec: object) -> Tabulation:
    files = [write_array(tmp_path / f"{place}.png", array) for place, array in enumerate(arrays)]
    return INDEX.tabulate(build_spec(tmp_path, **spec), counted(*files))


def test_every_value_is_a_class_zero_included(tmp_path: Path) -> None:
    table = tabulate(tmp_path, blocks(0, 40), blocks(40, 80))
    assert [item.key for item in table.classes] == ["0", "40", "80"]
    assert {item.role for item in table.classes} == {ClassRole.CLASS}
    assert table.presence.tolist() == [[True, True, False], [False, True, True]]
    assert table.pixels.tolist() == [[384, 384, 0], [0, 384, 384]]
    assert table.totals.tolist() == [768, 768]


def test_of_exactly_two_values_zero_is_background(tmp_path: Path) -> None:
    roles = [item.role for item in tabulate(tmp_path, blocks(0, 9), blocks(0, 0)).classes]
    assert roles == [ClassRole.BACKGROUND, ClassRole.CLASS]


def test_two_values_without_zero_are_both_classes(tmp_path: Path) -> None:
    roles = [item.role for item in tabulate(tmp_path, blocks(7, 9), blocks(7, 7)).classes]
    assert roles == [ClassRole.CLASS, ClassRole.CLASS]


def test_void_counts_nowhere_and_is_not_one_of_two_values(tmp_path: Path) -> None:
    table = tabulate(tmp_path, blocks(0, 1, 255), void=("255",))
    assert [item.key for item in table.classes] == ["0", "1"]
    assert table.classes[0].role is ClassRole.BACKGROUND
    assert table.pixels.sum() == table.totals.sum() < 768


def test_a_class_with_the_role_void_is_void_too(tmp_path: Path) -> None:
    classes = (ClassSpec(key="0", name="sky"), ClassSpec(key="1", name="ignore", role="void"))
    table = tabulate(tmp_path, blocks(0, 1), classes=classes)
    assert [item.name for item in table.classes] == ["sky"]
    assert table.totals.tolist() == [384]


def test_classes_of_the_spec_come_first_and_unknown_values_are_said(tmp_path: Path) -> None:
    table = tabulate(tmp_path, blocks(1, 5), blocks(5, 5), classes=named(("3", "c"), ("1", "a")))
    assert [item.name for item in table.classes] == ["c", "a", "class 5"]
    assert table.pixels.tolist() == [[0, 384, 384], [0, 0, 768]]
    (problem,) = table.problems
    assert problem.file == "0.png"
    assert "value 5 occurs in 2 files" in problem.problem


def test_a_found_class_never_takes_a_name_that_is_taken(tmp_path: Path) -> None:
    table = tabulate(tmp_path, blocks(1, 5), classes=named(("1", "class 5")))
    assert len({item.name for item in table.classes}) == 2


def test_colour_and_soft_files_are_left_out_with_a_reason(tmp_path: Path) -> None:
    files = [
        write_array(tmp_path / "a.png", blocks(0, 1, 2)),
        write_array(tmp_path / "b.png", paint(blocks(0, 1), {1: (9, 0, 0)})),
        write_array(tmp_path / "c.tif", (blocks(0, 1, 2) / 4).astype(np.float32)),
        write_array(tmp_path / "d.png", np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)),
    ]
    table = INDEX.tabulate(build_spec(tmp_path), counted(*files))
    assert table.kept.tolist() == [0]
    assert [problem.file for problem in table.problems] == ["b.png", "c.tif", "d.png"]


def test_a_set_without_any_usable_file_gives_an_empty_table(tmp_path: Path) -> None:
    table = tabulate(tmp_path)
    assert table.presence.shape == (0, 0)
    assert not table.classes


def test_a_crowd_of_values_is_capped_and_said(tmp_path: Path) -> None:
    arrays = [np.arange(start, start + 900, dtype=np.uint16).reshape(30, 30) for start in (0, 900)]
    table = tabulate(tmp_path, *arrays)
    assert len(table.classes) == MAX_CLASSES
    assert "1800 different values" in table.problems[0].problem


def test_jpeg_masks_are_warned_of_once(tmp_path: Path) -> None:
    files = [write_array(tmp_path / f"{place}.jpg", blocks(0, 2)) for place in range(3)]
    problems = INDEX.tabulate(build_spec(tmp_path, classes=named(("0", "a"))), counted(*files)).problems
    assert sum("3 masks are compressed with loss" in problem.problem for problem in problems) == 1


def test_a_key_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="'disc' is no pixel value"):
        tabulate(tmp_path, blocks(0, 1), classes=named(("disc", "disc")))


def test_reading_gives_positions_and_void(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", blocks(80, 0, 255, 7))
    spec = build_spec(tmp_path, void=("255",))
    mask = INDEX.read(spec, named(("0", "a"), ("80", "b")), [("", read_mask_pixels(file))])
    assert mask.pixels[0, [0, 10, 18, 30]].tolist() == [1, 0, -1, -1]


def test_reading_colours_is_refused(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", paint(blocks(0, 1), {1: (9, 0, 0)}))
    with pytest.raises(MaskError, match="colours"):
        INDEX.read(build_spec(tmp_path), named(("0", "a")), [("", read_mask_pixels(file))])


@pytest.mark.parametrize("indices", [(None, None), (4, 9), (0, 300)])
def test_what_is_written_is_read_back(tmp_path: Path, indices: tuple[int | None, int | None]) -> None:
    classes = tuple(ClassSpec(key=str(i or n), name=f"c{n}", index=i) for n, i in enumerate(indices))
    if indices[0] == 0:
        classes = (ClassSpec(key="0", name="c0", index=0), classes[1])
    mask = LabelMask(blocks(0, 1, -1, dtype=np.int16), 2)
    (path,) = INDEX.write(tmp_path / "out", "a", mask, classes)
    void = "65535" if indices[1] == 300 else "255"
    again = INDEX.read(build_spec(tmp_path, void=(void,)), classes, [("", read_mask_pixels(path))])
    assert np.array_equal(again.pixels, mask.pixels)
    with Image.open(path) as image:
        assert str(np.asarray(image).max()) == void


def test_two_classes_are_never_written_as_one_number(tmp_path: Path) -> None:
    classes = (ClassSpec(key="0", name="a", index=3), ClassSpec(key="1", name="b", index=3))
    with pytest.raises(DatasetError, match="not distinct"):
        INDEX.write(tmp_path, "a", LabelMask(blocks(0, 1, dtype=np.int16), 2), classes)


def _jpegs(folder: Path, *values: int) -> list[Path]:
    area = blocks(*values, shape=(64, 96))
    return [write_array(folder / f"{place}.jpg", area, quality=75) for place in range(3)]


def test_jpeg_masks_of_clear_levels_count_by_the_nearest(tmp_path: Path) -> None:
    table = INDEX.tabulate(build_spec(tmp_path), counted(*_jpegs(tmp_path, 0, 128, 255)))
    assert [item.key for item in table.classes] == ["0", "128", "255"]
    assert "the nearest of the levels 0, 128, 255" in table.problems[0].problem


def test_jpeg_masks_are_read_as_they_are_counted(tmp_path: Path) -> None:
    spec = build_spec(tmp_path)
    files = _jpegs(tmp_path, 0, 128, 255)
    table = INDEX.tabulate(spec, counted(*files))
    mask = INDEX.read(spec, table.classes, [("", read_mask_pixels(files[0]))])
    assert np.bincount(mask.pixels.ravel(), minlength=3).tolist() == table.pixels[0].tolist()


def test_noise_of_jpeg_masks_makes_no_classes(tmp_path: Path) -> None:
    table = INDEX.tabulate(build_spec(tmp_path), counted(*_jpegs(tmp_path, 0, 10, 20, 30)))
    assert (len(table.classes), table.kept.size) == (0, 0)
    assert "cannot be told from the noise" in table.problems[0].problem
