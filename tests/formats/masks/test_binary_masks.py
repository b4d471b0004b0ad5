from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.classes import ClassRole
from core.errors import DatasetError
from core.formats.masks.binary_masks import BinaryMasks
from core.formats.masks.index_masks import IndexMasks
from core.formats.masks.protocol import Tabulation
from core.formats.pixels.counting import count_values
from core.formats.pixels.mask_pixels import read_mask_pixels
from tests.formats.files import blocks, build_spec, counted, named, paint, write_array

BINARY = BinaryMasks()
SOFT = blocks(0, 60, 200, 255)


def tabulate(tmp_path: Path, *arrays: np.ndarray, suffix: str = "png", **spec: object) -> Tabulation:
    files = [write_array(tmp_path / f"{place}.{suffix}", array) for place, array in enumerate(arrays)]
    return BINARY.tabulate(build_spec(tmp_path, "binary", **spec), counted(*files))


def test_a_soft_mask_is_cut_at_half_of_the_sets_range(tmp_path: Path) -> None:
    table = tabulate(tmp_path, SOFT, blocks(0, 0))
    assert [(item.key, item.name, item.role) for item in table.classes] == [
        ("0", "background", ClassRole.BACKGROUND),
        ("1", "foreground", ClassRole.CLASS),
    ]
    assert table.pixels.tolist() == [[384, 384], [768, 0]]
    assert table.presence.tolist() == [[True, True], [True, False]]
    assert table.threshold == 127.5


def test_the_noise_of_an_empty_mask_is_not_presence(tmp_path: Path) -> None:
    table = tabulate(tmp_path, SOFT, blocks(0, 3, 9, 1))
    assert table.presence[:, 1].tolist() == [True, False]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_set_of_empty_masks_invents_no_presence(tmp_path: Path, suffix: str) -> None:
    table = tabulate(tmp_path, blocks(0, 3, 9, 1), blocks(0, 0), suffix=suffix)
    assert not table.presence[:, 1].any()
    assert "only noise" in table.problems[0].problem


def test_red_on_black_jpeg_is_the_class_although_its_luma_is_low(tmp_path: Path) -> None:
    red = paint(blocks(0, 1, shape=(64, 64)), {1: (255, 0, 0)})
    table = tabulate(tmp_path, red, np.zeros_like(red), suffix="jpg")
    assert table.presence[:, 1].tolist() == [True, False]
    assert table.pixels[0, 1] == pytest.approx(2048, abs=100)


def test_the_persons_threshold_and_names_win(tmp_path: Path) -> None:
    table = tabulate(tmp_path, SOFT, threshold=50.0, classes=named(("1", "lung")))
    assert [item.name for item in table.classes] == ["background", "lung"]
    assert table.pixels.tolist() == [[192, 576]]


def test_void_background_leaves_the_class_alone(tmp_path: Path) -> None:
    table = tabulate(tmp_path, SOFT, void=("0",))
    assert [item.key for item in table.classes] == ["1"]
    assert table.totals.tolist() == [384]


def test_masks_of_another_scale_are_said(tmp_path: Path) -> None:
    problems = tabulate(tmp_path, blocks(0, 255), blocks(0, 1)).problems
    assert problems[0].file == "1.png"
    assert "only 0 and 1" in problems[0].problem


def test_other_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="'255' does not fit"):
        tabulate(tmp_path, SOFT, classes=named(("255", "lung")))


def test_an_empty_set_gives_an_empty_table(tmp_path: Path) -> None:
    assert tabulate(tmp_path).presence.shape == (0, 2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16"])
def test_reading_agrees_with_counting(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(blocks(0, 255).astype(np.uint16) if mode == "I;16" else blocks(0, 255))
    (picture if mode == "I;16" else picture.convert(mode)).save(tmp_path / "a.png")
    spec = build_spec(tmp_path, "binary")
    table = BINARY.tabulate(spec, counted(tmp_path / "a.png"))
    mask = BINARY.read(spec, table.classes, [("", read_mask_pixels(tmp_path / "a.png"))])
    assert [int(mask.region(column).sum()) for column in (0, 1)] == table.pixels[0].tolist() == [384, 384]


def test_sniffing_tells_soft_masks_from_index_masks(tmp_path: Path) -> None:
    edge = np.clip(np.arange(-2000, 2000, 4), 0, 255).astype(np.uint8)
    soft = [count_values(write_array(tmp_path / "soft.png", np.tile(edge, (20, 1))))]
    index = [count_values(write_array(tmp_path / "index.png", blocks(*range(12))))]
    assert BINARY.sniff(soft) > IndexMasks().sniff(soft)
    assert BINARY.sniff(index) < IndexMasks().sniff(index)
    assert BINARY.sniff([]) == IndexMasks().sniff([]) == 0.0
