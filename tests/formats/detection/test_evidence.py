"""A few pictures tell what a folder holds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.formats.detection.evidence import Evidence, judge, look_at
from tests.formats import trees


def _judge(folder: Path, write: Callable[[Path], None], suffix: str = "png") -> Evidence:
    for number in range(6):
        write(folder / f"{number}.{suffix}")
    return judge([look for path in sorted(folder.iterdir()) if (look := look_at(path, folder))])


def _red_jpeg(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    disc = trees.discs(path, (0, 255))
    pixels = np.stack([disc, np.zeros_like(disc), np.zeros_like(disc)], axis=2)
    Image.fromarray(pixels).resize((256, 256)).save(path)


def _many_classes(path: Path) -> None:
    trees.index(path, tuple(range(0, 150, 7)))


def _sixteen_bit(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(trees.discs(path, (0, 24, 26)).astype(np.uint16) * 1000).save(path)


@pytest.mark.parametrize(
    ("write", "suffix", "kind", "soft"),
    [
        (trees.photo, "png", "photo", False),
        (trees.photo, "jpg", "photo", False),
        (trees.grey_photo, "png", "photo", False),
        (trees.index, "png", "index", False),
        (_many_classes, "png", "index", False),
        (_sixteen_bit, "png", "index", False),
        (lambda path: trees.index(path, (1, 2)), "png", "index", False),
        (trees.binary, "gif", "binary", False),
        (lambda path: trees.binary(path, 1), "png", "binary", False),
        (trees.soft, "png", "binary", True),
        (trees.soft, "jpg", "binary", True),
        (_red_jpeg, "jpg", "binary", True),
        (trees.colour, "png", "colour", False),
    ],
)
def test_content_tells_what_pictures_are(
    write: Callable[[Path], None], suffix: str, kind: str, soft: bool, tmp_path: Path
) -> None:
    evidence = _judge(tmp_path / "x", write, suffix)
    assert (evidence.kind, evidence.soft) == (kind, soft)


def test_masks_of_one_shape_are_noticed(tmp_path: Path) -> None:
    assert _judge(tmp_path / "fov", trees.field_of_view).same_shape
    assert not _judge(tmp_path / "masks", trees.binary).same_shape


def test_files_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert look_at(tmp_path / "a.png", tmp_path) is None
    assert judge([]) == Evidence("unknown")


def test_the_white_of_1_bit_files_is_that_of_the_others(tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path in paths:
        trees.binary(path)
    Image.open(paths[0]).convert("1").save(paths[0])
    looks = [look for path in paths if (look := look_at(path, tmp_path))]
    assert judge(looks).values == (0, 255)
