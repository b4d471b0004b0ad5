from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.classes import ClassRole
from core.errors import DatasetError, MaskError
from core.formats.masks.colour_masks import ColourMasks
from core.formats.masks.protocol import Tabulation
from core.formats.pixels.mask_pixels import read_mask_pixels
from tests.formats.files import blocks, build_spec, counted, named, paint, write_array, write_palette

COLOUR = ColourMasks()
LEGEND = {0: (0, 0, 0), 1: (255, 0, 0), 2: (0, 128, 255), 3: (255, 255, 255)}
BLACK_RED = named(("#000000", "none"), ("#ff0000", "lesion"))


def tabulate(tmp_path: Path, *arrays: np.ndarray, suffix: str = "png", **spec: object) -> Tabulation:
    files = [write_array(tmp_path / f"{i}.{suffix}", array) for i, array in enumerate(arrays)]
    return COLOUR.tabulate(build_spec(tmp_path, "colour", **spec), counted(*files))


def smooth(indices: np.ndarray) -> np.ndarray:
    """A mask that was turned and enlarged as if it were a photograph."""
    picture = Image.fromarray(paint(indices, LEGEND)).resize((320, 240), Image.Resampling.NEAREST)
    return np.asarray(
        picture.rotate(7, Image.Resampling.BICUBIC).resize((401, 307), Image.Resampling.BILINEAR)
    )


def test_a_palette_is_discovered_over_the_set(tmp_path: Path) -> None:
    table = tabulate(tmp_path, paint(blocks(0, 1), LEGEND), paint(blocks(0, 2), LEGEND))
    assert [item.key for item in table.classes] == ["#000000", "#0080ff", "#ff0000"]
    assert table.presence.tolist() == [[True, False, True], [True, True, False]]
    assert table.pixels.sum() == table.totals.sum() == 2 * 768
    assert not table.problems


def test_a_single_pixel_of_a_colour_is_a_class(tmp_path: Path) -> None:
    picture = paint(blocks(0, 1, shape=(200, 200)), LEGEND)
    picture[0, 0] = (1, 2, 3)
    table = tabulate(tmp_path, picture)
    assert table.pixels[0].tolist() == [19_999, 1, 20_000]


def test_of_two_colours_black_is_background(tmp_path: Path) -> None:
    roles = [item.role for item in tabulate(tmp_path, paint(blocks(0, 1), LEGEND)).classes]
    assert roles == [ClassRole.BACKGROUND, ClassRole.CLASS]


def test_given_classes_keep_order_and_new_colours_are_said(tmp_path: Path) -> None:
    classes = named(("#FF0000", "lesion"), ("#00ff00", "never"))
    table = tabulate(tmp_path, paint(blocks(0, 1), LEGEND), classes=classes)
    assert [item.name for item in table.classes] == ["lesion", "never", "class #000000"]
    assert table.pixels.tolist() == [[384, 0, 384]]
    assert "colour #000000 occurs in this file" in table.problems[0].problem


def test_void_colours_count_nowhere(tmp_path: Path) -> None:
    table = tabulate(tmp_path, paint(blocks(0, 1), LEGEND), void=("#FF0000",))
    assert [item.key for item in table.classes] == ["#000000"]
    assert table.totals.tolist() == [384]


def test_smoothed_edges_become_no_classes(tmp_path: Path) -> None:
    table = tabulate(tmp_path, smooth(blocks(0, 1, 2, 3)), smooth(blocks(3, 0)))
    assert [item.key for item in table.classes] == ["#000000", "#0080ff", "#ff0000", "#ffffff"]
    assert table.presence.tolist() == [[True] * 4, [True, False, False, True]]
    assert "between those of the classes" in table.problems[0].problem


def test_a_void_colour_alone_does_not_end_discovery(tmp_path: Path) -> None:
    table = tabulate(tmp_path, smooth(blocks(0, 1, 2)), void=("#000000",))
    assert [item.key for item in table.classes] == ["#0080ff", "#ff0000"]
    jpeg = tabulate(tmp_path, paint(blocks(0, 1, shape=(64, 64)), LEGEND), suffix="jpg", void=("#000000",))
    assert len(jpeg.classes) == 1


def test_jpeg_masks_show_their_palette_only(tmp_path: Path) -> None:
    arrays = [paint(blocks(*stripes, shape=(128, 192)), LEGEND) for stripes in ((0, 1), (0, 2), (0, 0))]
    table = tabulate(tmp_path, *arrays, suffix="jpg")
    assert len(table.classes) == 3
    assert table.presence.sum(axis=1).tolist() == [2, 2, 1]


def test_a_given_palette_takes_the_nearest_of_lossy_colours(tmp_path: Path) -> None:
    table = tabulate(tmp_path, paint(blocks(0, 1, shape=(64, 64)), LEGEND), suffix="jpg", classes=BLACK_RED)
    assert [item.name for item in table.classes] == ["none", "lesion"]
    assert table.presence.tolist() == [[True, True]]
    assert table.pixels[0] == pytest.approx([2048, 2048], abs=130)


def test_a_photograph_gives_few_classes_and_a_problem(tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    table = tabulate(tmp_path, photo)
    assert len(table.classes) <= 64
    assert table.problems


def test_palette_files_count_by_their_colours(tmp_path: Path) -> None:
    files = [
        write_palette(tmp_path / "a.png", blocks(0, 1), [0, 0, 0, 255, 0, 0]),
        write_palette(tmp_path / "b.png", blocks(0, 1), [255, 0, 0, 0, 0, 0]),
        write_array(tmp_path / "c.png", paint(blocks(0, 1), LEGEND)),
        write_array(tmp_path / "d.png", blocks(0, 0)),
    ]
    table = COLOUR.tabulate(build_spec(tmp_path, "colour"), counted(*files))
    assert table.pixels.tolist() == [[384, 384], [384, 384], [384, 384], [768, 0]]


def test_numbers_beyond_grey_are_no_colours(tmp_path: Path) -> None:
    files = [write_array(tmp_path / "a.png", blocks(0, 4000, dtype=np.uint16))]
    table = COLOUR.tabulate(build_spec(tmp_path, "colour"), counted(*files))
    assert table.kept.size == 0
    assert "numbers up to 4000" in table.problems[0].problem


@pytest.mark.parametrize("key", ["red", "#12345", "#12345g", "ff0000"])
def test_a_key_that_is_no_colour_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(DatasetError, match="is no colour"):
        tabulate(tmp_path, paint(blocks(0, 1), LEGEND), classes=named((key, "a")))


def test_reading_agrees_with_counting(tmp_path: Path) -> None:
    for place, array in enumerate((paint(blocks(0, 1, 2), LEGEND), smooth(blocks(0, 1, 2, 3)))):
        table = tabulate(tmp_path, array)
        pixels = read_mask_pixels(tmp_path / "0.png")
        mask = COLOUR.read(build_spec(tmp_path, "colour"), table.classes, [("", pixels)])
        regions = [int(mask.region(column).sum()) for column in range(len(table.classes))]
        # The rarest of a crowd of colours are counted as a number only, and so for no class.
        assert regions == pytest.approx(table.pixels[0].tolist(), rel=0.02 * place)


def test_reading_leaves_void_and_strange_colours_out(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", paint(blocks(0, 1, 2, 3), LEGEND))
    spec = build_spec(tmp_path, "colour", void=("#ffffff",))
    mask = COLOUR.read(spec, BLACK_RED, [("", read_mask_pixels(file))])
    assert mask.pixels[0, [0, 10, 18, 30]].tolist() == [0, 1, -1, -1]


def test_reading_deep_numbers_is_refused(tmp_path: Path) -> None:
    file = write_array(tmp_path / "a.png", blocks(0, 4000, dtype=np.uint16))
    with pytest.raises(MaskError, match="not colours"):
        COLOUR.read(build_spec(tmp_path, "colour"), BLACK_RED, [("", read_mask_pixels(file))])
