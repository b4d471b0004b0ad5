"""Folders in the layout of `predict` that anybody may have written."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ReviewError
from core.inference.applied import open_applied


def write(path: Path, pixels: object, mode: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Masks of three classes for two images, without confidence and entropy."""
    root = tmp_path / "out"
    for name in ("a", "sub/b"):
        write(root / f"masks/{name}.png", [[0, 1, 2], [0, 0, 255]])
    (root / "classes.json").write_text(json.dumps({"names": ["none", "disc", "cup"], "head": "multiclass"}))
    return root


def test_masks_without_doubt_and_index_are_read(folder: Path) -> None:
    applied = open_applied(folder)
    assert applied.list_names() == ["a", "sub/b"]
    found = applied.read("sub/b")
    assert found.mask.pixels.tolist() == [[0, 1, 2], [0, 0, -1]]
    assert (found.confidence, found.entropy) == (None, None)


def test_the_numbers_of_a_palette_count_not_its_colours(folder: Path) -> None:
    image = Image.fromarray(np.array([[0, 2]], np.uint8)).convert("P")
    image.putpalette([9, 9, 9, 200, 0, 0, 0, 90, 0])
    image.putdata([0, 2])
    image.save(folder / "masks/a.png")
    assert open_applied(folder).read("a").mask.pixels.tolist() == [[0, 2]]


def test_confidence_and_entropy_come_along_where_they_lie_there(folder: Path) -> None:
    for part, value in (("confidence", 255), ("entropy", 51)):
        write(folder / part / "a.png", np.full((2, 3), value))
    found = open_applied(folder).read("a")
    assert found.confidence is not None
    assert found.confidence.min() == 1
    assert found.entropy is not None
    assert found.entropy.max() == pytest.approx(0.2)


def test_overlapping_classes_lie_in_a_folder_each(folder: Path) -> None:
    (folder / "classes.json").write_text(json.dumps({"names": ["x/y", "cup"], "head": "multilabel"}))
    (folder / "masks/a.png").unlink()
    write(folder / "masks/x_y/c.png", [[255, 0]])
    write(folder / "masks/cup/c.png", [[255, 255]])
    write(folder / "masks/cup/d.png", [[0, 255]])
    applied = open_applied(folder)
    assert applied.list_names() == ["b", "c", "d"]
    assert applied.read("c").mask.pixels.tolist() == [[[True, False]], [[True, True]]]
    assert applied.read("d").mask.pixels.tolist() == [[[False, False]], [[False, True]]]
    with pytest.raises(ReviewError, match="nothing else tells its size"):
        applied.read("e")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no classes": (lambda root: (root / "classes.json").unlink(), "classes.json is missing or damaged"),
    "classes that are none": (lambda root: (root / "classes.json").write_text("[1"), "missing or damaged"),
    "one name twice": (
        lambda root: (root / "classes.json").write_text('{"names": ["a", "a"], "head": "multiclass"}'),
        "or one twice",
    ),
    "a name that nobody can read": (
        lambda root: (root / "classes.json").write_text('{"names": ["a\\u0000"], "head": "multiclass"}'),
        "nobody can read",
    ),
    "more classes than numbers": (
        lambda root: (root / "classes.json").write_text(
            json.dumps({"names": [str(number) for number in range(256)], "head": "multilabel"})
        ),
        "at most 255",
    ),
    "no masks": (lambda root: (root / "masks").rename(root / "labels"), "no folder masks"),
    "half of the doubt": (lambda root: (root / "entropy").mkdir(), "give both or neither"),
    "an index without names": (lambda root: (root / "index.csv").write_text("a,b\n1,2\n"), "cannot be read"),
    "an index of nothing": (lambda root: (root / "index.csv").write_text("image\n"), "lists no predictions"),
    "an index that lists twice": (
        lambda root: (root / "index.csv").write_text("image\na\na\n"),
        "lists an image twice",
    ),
    "a mask that is missing": (
        lambda root: (root / "index.csv").write_text("image\nz\n"),
        "The prediction of z cannot be read",
    ),
    "a name that leads out": (
        lambda root: (root / "index.csv").write_text("image\n../../outside\n"),
        "cannot be read",
    ),
    "a number of no class": (lambda root: write(root / "masks/a.png", [[0, 3]]), "the number 3"),
    "a colour picture": (lambda root: write(root / "masks/a.png", [[0]], "RGB"), "a colour picture"),
    "a file that is none": (lambda root: (root / "masks/a.png").write_bytes(b"MZ"), "not an image"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_one_sentence(folder: Path, case: str) -> None:
    write(folder.parent.parent / "outside.png", [[0]])
    spoil, said = REFUSED[case]
    spoil(folder)
    with pytest.raises(ReviewError, match=said):
        applied = open_applied(folder)
        for name in applied.list_names():
            applied.read(name)


def test_a_link_out_of_the_folder_is_no_mask(folder: Path) -> None:
    (folder / "masks/a.png").unlink()
    (folder / "masks/a.png").symlink_to("/etc/hostname")
    applied = open_applied(folder)
    assert applied.list_names() == ["sub/b"]
    with pytest.raises(ReviewError, match="cannot be read"):
        applied.read("a")


def test_heat_of_another_size_is_refused(folder: Path) -> None:
    for part in ("confidence", "entropy"):
        write(folder / part / "a.png", [[1]])
    with pytest.raises(ReviewError, match="differ in size"):
        open_applied(folder).read("a")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="is not a folder"):
        open_applied(tmp_path / "none")
