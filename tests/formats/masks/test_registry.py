from pathlib import Path

import pytest

from core.errors import DatasetError, MaskError, UnsafeFileError
from core.formats.masks.protocol import MaskFormat, MaskWriter
from core.formats.masks.registry import FORMATS, WRITERS, find_format, read_mask
from tests.formats.files import blocks, build_spec, named, paint, sample, write_array

CLASSES = named(("0", "a"), ("1", "b"))


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_keeps_the_contract(name: str, tmp_path: Path) -> None:
    mask_format: MaskFormat = find_format(name)
    assert mask_format.name == name
    assert mask_format.title
    table = mask_format.tabulate(build_spec(tmp_path, name), [])
    assert table.presence.shape == table.pixels.shape == (0, len(table.classes))
    assert mask_format.sniff([]) == 0.0


def test_index_and_per_class_masks_are_written() -> None:
    writers: list[MaskWriter] = list(WRITERS.values())
    assert [item.name for item in writers] == ["index", "binary_per_class"]


def test_a_wrong_name_lists_the_right_ones() -> None:
    with pytest.raises(DatasetError, match="'rle'; choose one of index, colour, binary, binary_per_class"):
        find_format("rle")


def test_a_sample_without_masks_is_a_sentence(tmp_path: Path) -> None:
    bare = sample("a.png")
    with pytest.raises(DatasetError, match="has no mask"):
        read_mask(build_spec(tmp_path), CLASSES, type(bare)("a", None))


def test_masks_of_different_sizes_are_not_read_together(tmp_path: Path) -> None:
    write_array(tmp_path / "b" / "a.png", blocks(0, 1))
    write_array(tmp_path / "c" / "a.png", blocks(0, 1, shape=(4, 4)))
    both = sample("b/a.png", "c/a.png", keys=("b", "c"))
    with pytest.raises(MaskError, match="its size"):
        read_mask(build_spec(tmp_path, "binary_per_class"), CLASSES, both)


def test_a_link_that_leaves_the_dataset_is_not_read(tmp_path: Path) -> None:
    write_array(tmp_path / "outside.png", blocks(0, 1))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(UnsafeFileError):
        read_mask(build_spec(tmp_path / "set"), CLASSES, sample("a.png"))


def test_a_mask_of_another_format_is_named(tmp_path: Path) -> None:
    write_array(tmp_path / "a.png", paint(blocks(0, 1), {1: (9, 0, 0)}))
    with pytest.raises(MaskError, match=r"a\.png: the mask holds colours"):
        read_mask(build_spec(tmp_path), CLASSES, sample("a.png"))


def test_a_mask_folder_that_is_named_outside_the_root_is_read(tmp_path: Path) -> None:
    write_array(tmp_path / "masks" / "a.png", blocks(0, 1))
    (tmp_path / "set").mkdir()
    spec = build_spec(tmp_path / "set", folders=({"masks": "../masks"},))
    assert read_mask(spec, CLASSES, sample("../masks/a.png")).shape == (24, 32)
