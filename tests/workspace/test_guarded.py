import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import AppError, DatasetError, MaskError, UnsafeFileError
from core.workspace.guarded import check_readable, decode_image, open_image
from tests.formats.files import blocks, bomb_png, write_array

FORMATS = ("PNG", "TIFF", "GIF", "BMP", "JPEG", "WEBP")


def encode(image_format: str) -> bytes:
    buffer = BytesIO()
    Image.fromarray(blocks(0, 90, 200)).save(buffer, image_format)
    return buffer.getvalue()


ENCODED = {name: encode(name) for name in FORMATS}


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_format_opens_under_any_suffix(tmp_path: Path, image_format: str) -> None:
    path = tmp_path / "mask.dat"
    path.write_bytes(ENCODED[image_format])
    assert open_image(path, tmp_path).size == (32, 24)


def test_a_bomb_is_refused_from_its_header(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb_png(200_000, 200_000))
    with pytest.raises(UnsafeFileError, match=r"bomb\.png: its header promises 200000 x 200000"):
        open_image(path)


def test_the_limit_is_our_own_and_pillows_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert decode_image(ENCODED["PNG"], "large.png").size == (32, 24)
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "BMP", "WEBP"])
def test_a_truncated_file_is_said_to_be_damaged(image_format: str) -> None:
    data = ENCODED[image_format]
    with pytest.raises(MaskError, match="cut short"):
        decode_image(data[: len(data) * 2 // 3], "half.img")


def test_a_text_file_named_png_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("not an image at all")
    with pytest.raises(MaskError, match=r"notes\.png: this is not an image"):
        open_image(path)


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    for root in (None, tmp_path):
        with pytest.raises(DatasetError, match="0 bytes"):
            open_image(path, root)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(FORMATS),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_bytes_give_an_image_or_an_app_error(name: str, edits: list[tuple[float, int]]) -> None:
    data = bytearray(ENCODED[name])
    for place, value in edits:
        data[int(place * len(data))] = value
    with suppress(AppError):  # any other error fails the test
        assert decode_image(bytes(data), "fuzz.img").width > 0


def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    write_array(tmp_path / "secret.png", blocks(1))
    root.mkdir()
    (root / "mask.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(UnsafeFileError, match="leads out of"):
        check_readable(root / "mask.png", root)


def test_a_linked_folder_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    write_array(tmp_path / "elsewhere" / "mask.png", blocks(1))
    root.mkdir()
    (root / "masks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFileError, match="leads out of"):
        check_readable(root / "masks" / "mask.png", root)


def test_a_link_inside_the_root_is_read(tmp_path: Path) -> None:
    write_array(tmp_path / "a.png", blocks(1))
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    check_readable(tmp_path / "b.png", tmp_path)


def test_a_root_that_is_itself_a_link_is_fine(tmp_path: Path) -> None:
    write_array(tmp_path / "real" / "a.png", blocks(1))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    check_readable(tmp_path / "link" / "a.png", tmp_path / "link")


def test_a_pipe_is_refused_before_it_can_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mask.png")
    with pytest.raises(UnsafeFileError, match="no ordinary file"):
        check_readable(tmp_path / "mask.png", tmp_path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        check_readable(tmp_path / "gone.png", tmp_path)


def test_a_file_without_permission_is_said_to_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_array(tmp_path / "a.png", blocks(1))
    # Taking the permission away would do for everyone but root, who may read everything.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(DatasetError, match="permission"):
        check_readable(path, tmp_path)


def test_memory_that_there_is_not_is_an_unsafe_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", refuse)
    with pytest.raises(UnsafeFileError, match="more memory"):
        decode_image(ENCODED["PNG"], "huge.png")


def test_pixels_come_back_as_they_were() -> None:
    assert np.array_equal(np.asarray(decode_image(ENCODED["PNG"], "a.png")), blocks(0, 90, 200))
