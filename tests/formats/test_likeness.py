"""Perceptual hashes: copies are near, other images are far, medical ones included."""

import io
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.likeness import LIMITS
from core.domain.scan import Sample
from core.errors import CancelledError
from core.formats.likeness import COARSE_LIMIT, hash_picture, read_likeness
from core.formats.pixels.images import read_display
from core.splitting import find_near_pairs

SAVED_AGAIN = LIMITS["saved again"]


def scene(seed: int) -> Image.Image:
    """Blurred discs: contrast at several scales, as photographs have it."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (160, 120), tuple(rng.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y, r = rng.integers((0, 0, 6), (160, 120, 30)).tolist()
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(rng.integers(0, 256, 3).tolist()))
    return image.filter(ImageFilter.GaussianBlur(1))


def as_jpeg(image: Image.Image) -> Image.Image:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=50)
    return Image.open(content)


CHANGES = {
    "a JPEG": as_jpeg,
    "smaller": lambda image: image.resize((80, 60)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "grey": lambda image: image.convert("L").convert("RGB"),
}


def bits(image: Image.Image) -> int:
    return int(hash_picture(np.asarray(image.convert("RGB")))[0], 16)


def distances(one: Image.Image, other: Image.Image) -> tuple[int, int]:
    """Of the short and the long hash."""
    differing = bits(one) ^ bits(other)
    return (differing >> 256).bit_count(), (differing & (2**256 - 1)).bit_count()


@pytest.mark.parametrize("change", CHANGES)
def test_an_image_saved_again_is_near(change: str) -> None:
    for seed in range(5):
        coarse, fine = distances(scene(seed), CHANGES[change](scene(seed)))
        assert coarse <= COARSE_LIMIT
        assert fine <= SAVED_AGAIN


def test_other_images_are_far() -> None:
    assert min(distances(scene(0), scene(seed))[1] for seed in range(1, 12)) > LIMITS["next frame"]


@pytest.fixture
def spec(tmp_path: Path) -> DatasetSpec:
    (tmp_path / "images").mkdir()
    for seed in range(4):
        scene(seed).save(tmp_path / f"images/{seed}.png")
    as_jpeg(scene(1)).save(tmp_path / "images/again.jpg")
    Image.new("RGB", (64, 64), (90, 90, 90)).save(tmp_path / "images/flat.png")
    (tmp_path / "images/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    return DatasetSpec(name="s", root=tmp_path, format="index", folders=(FolderPair(masks="masks"),))


def samples(spec: DatasetSpec) -> list[Sample]:
    found = sorted(path.name for path in (spec.root / "images").iterdir())
    return [Sample(name, PurePosixPath("images") / name) for name in found]


def read(spec: DatasetSpec, cache: Path | None = None, seen: list[int] | None = None):
    note = (lambda done, total: seen.append(total)) if seen is not None else (lambda *_: None)
    return read_likeness(spec, samples(spec), cache, note, lambda: False)


def test_flat_and_broken_images_are_left_out_and_counted(spec: DatasetSpec) -> None:
    found = read(spec)
    names = [samples(spec)[place].id for place in found.positions]
    assert names == ["0.png", "1.png", "2.png", "3.png", "again.jpg"]
    assert (found.flat, found.unread, found.slices) == (1, 1, 0)
    near = find_near_pairs(found.coarse, found.fine, np.arange(5), COARSE_LIMIT, SAVED_AGAIN, 99)
    assert near.pairs.tolist() == [[1, 4]]


def test_only_images_that_changed_are_read_again(spec: DatasetSpec, tmp_path: Path) -> None:
    cache = tmp_path / "hashes.json"
    first = read(spec, cache)
    scene(9).save(spec.root / "images/2.png")
    seen: list[int] = []
    again = read(spec, cache, seen)
    assert set(seen) == {2}  # the changed one, and the one that never could be read
    assert (again.fine != first.fine).any(axis=1).tolist() == [False, False, True, False, False]
    cache.write_text("{")
    assert (read(spec, cache).fine == again.fine).all()


def test_a_cancelled_search_keeps_what_it_has_read(spec: DatasetSpec, tmp_path: Path) -> None:
    cache = tmp_path / "hashes.json"
    with pytest.raises(CancelledError, match="kept for the next time"):
        read_likeness(spec, samples(spec), cache, lambda *_: None, lambda: True)
    seen: list[int] = []
    read(spec, cache, seen)
    assert set(seen) == {6}


def test_slices_of_one_file_are_not_compared(spec: DatasetSpec) -> None:
    slices = [Sample(f"v#{i}", PurePosixPath("images/0.png"), part=str(i)) for i in range(3)]
    found = read_likeness(spec, slices, None, lambda *_: None, lambda: False)
    assert (found.positions.size, found.slices) == (0, 3)


@pytest.mark.real_data
@pytest.mark.parametrize(
    "pattern",
    [
        "montgomery_lungs/**/cxr/*.png",
        "drive/**/images/*.tif",
        "origa_disc_cup/**/images/*.png",
        "camvid/train/*.png",
        "dronedeploy/**/image-chips/*.png",
    ],
)
def test_no_two_different_images_of_a_real_set_are_taken_for_one_saved_again(
    real_data: Path, pattern: str
) -> None:
    found = [hash_picture(read_display(path, 256))[0] for path in sorted(real_data.glob(pattern))[:60]]
    words = np.frombuffer(bytes.fromhex("".join(found)), np.uint64).reshape(len(found), 5)
    assert len(found) > 7
    near = find_near_pairs(words[:, 0], words[:, 1:], np.arange(len(found)), COARSE_LIMIT, SAVED_AGAIN, 1_000)
    assert near.pairs.size == 0


@pytest.mark.real_data
def test_neighbouring_frames_of_a_video_are_found_with_the_widest_limit(real_data: Path) -> None:
    frames = sorted((real_data / "camvid/val").glob("*.png"))
    found = [hash_picture(read_display(path, 256))[0] for path in frames]
    words = np.frombuffer(bytes.fromhex("".join(found)), np.uint64).reshape(len(found), 5)
    near = find_near_pairs(
        words[:, 0], words[:, 1:], np.arange(len(found)), COARSE_LIMIT, LIMITS["next frame"], 1_000
    )
    assert len(near.pairs) >= 3
