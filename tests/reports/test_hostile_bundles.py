"""Files that come from anybody: one clear sentence each, nothing left behind, nothing outside."""

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import AppError
from core.reports.sources import open_source
from core.reviews.opening import Review, list_reviews
from core.reviews.reading import read_decisions
from core.reviews.records import hash_body
from core.services.reviews import bundles
from core.services.reviews.stores import review_store
from tests.reports.sets import RUTH, answer, bundle, open_eyes, repaint
from tests.reports.zips import Parts, edit_manifest, read_parts, replace, write_parts


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """A good bundle of two cases."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(folder / "home"))
        _, review = open_eyes(folder, 2)
        return read_parts(bundle(review, folder / "out.zip"))


def picture(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def promise(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def find_mask(parts: Parts) -> str:
    return next(name for name in parts if name.startswith("masks/000000/"))


def swap_image(content: bytes) -> Callable[[Parts], None]:
    return lambda parts: replace(parts, "images/000000.png", content)


def swap_mask(content: bytes) -> Callable[[Parts], None]:
    return lambda parts: replace(parts, find_mask(parts), content)


def set_in_case(key: str, value: object) -> Callable[[Parts], None]:
    def change(manifest: dict) -> None:
        manifest["cases"][0]["case"][key] = value

    return lambda parts: edit_manifest(parts, change)


def set_in_manifest(key: str, value: object) -> Callable[[Parts], None]:
    return lambda parts: edit_manifest(parts, lambda manifest: manifest.update({key: value}))


def list_elsewhere(parts: Parts) -> None:
    """A manifest that lists a file outside; the archive itself is clean."""

    def change(manifest: dict) -> None:
        manifest["files"]["../../outside.png"] = manifest["files"]["images/000000.png"]

    edit_manifest(parts, change)


CHANGES: dict[str, tuple[Callable[[Parts], None], str]] = {
    "no manifest": (lambda parts: parts.pop("manifest.json"), "manifest.json is missing"),
    "a manifest that is no JSON": (lambda parts: parts.update({"manifest.json": b"{"}), "cannot be read"),
    "a manifest that is a list": (lambda parts: parts.update({"manifest.json": b"[]"}), "this program"),
    "a manifest as deep as the sea": (
        lambda parts: parts.update({"manifest.json": b"[" * 100_000}), "cannot be read"
    ),
    "a manifest of a later version": (set_in_manifest("schema_version", 2), "newer version"),
    "a manifest with another key": (set_in_manifest("run", "rm -rf"), "this program writes"),
    "a manifest whose id is a path": (set_in_manifest("bundle", "../../../tmp/x"), "this program writes"),
    "a manifest without cases": (set_in_manifest("cases", []), "this program writes"),
    "a manifest that lists a file elsewhere": (list_elsewhere, "that no bundle has"),
    "a missing image": (lambda parts: parts.pop("images/000000.png"), "is missing"),
    "a stray file": (lambda parts: parts.update({"images/000009.png": picture(3, 3)}), "to no case"),
    "a program": (lambda parts: parts.update({"run.py": b"import os"}), "belongs to no case"),
    "changed bytes": (lambda parts: parts.update({"images/000000.png": picture(32, 24)}), "not the file"),
    "an image of another size": (swap_image(picture(31, 24)), "not what the manifest says"),
    "an image that is none": (swap_image(b"MZ" + b"\0" * 99), "not an image"),
    "an image that is cut short": (swap_image(picture(32, 24)[:50]), "damaged or cut short"),
    "an image that promises gigapixels": (swap_image(promise(60_000, 60_000)), "megapixels"),
    "a JPEG in PNG's clothes": (lambda parts: _as_jpeg(parts), "not what the manifest says"),
    "a mask of another size": (swap_mask(picture(64, 24)), "its case asks for"),
    "a mask that is another one": (swap_mask(picture(32, 24)), "not the one that its name promises"),
    "a mask that promises gigapixels": (swap_mask(promise(60_000, 60_000)), "megapixels"),
    "a case of another size": (set_in_case("height", 25), "not what the manifest says"),
    "a case of a terabyte": (set_in_case("height", 10**9), "megapixels"),
    "a case at a negative place": (set_in_case("position", -1), "this program writes"),
    "two cases at one place": (set_in_case("position", 1), "one position"),
    "a case with NUL in its name": (set_in_case("sample", "a\0b"), "this program writes"),
}  # fmt: skip


def _as_jpeg(parts: Parts) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((24, 32), np.uint8)).save(buffer, "JPEG")
    replace(parts, "images/000000.png", buffer.getvalue())


def refuse(file: Path, workspace: Path) -> str:
    """What is said when a file is opened; nothing may be left in the workspace, nor beside it."""
    beside = set(file.parent.iterdir())
    with pytest.raises(AppError) as caught:
        bundles.open_bundle(file, file.name, RUTH)
    assert list_reviews(review_store()) == []
    assert list((workspace / "bundles").glob("*")) == []
    assert set(file.parent.iterdir()) == beside
    said = str(caught.value)
    assert file.name in said or "promises" in said
    assert said.endswith(".")
    assert len(said) < 500
    return said


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_bundle_is_refused_in_one_sentence(
    what: str, parts: Parts, tmp_path: Path, workspace: Path
) -> None:
    change, expected = CHANGES[what]
    changed = dict(parts)
    change(changed)
    assert expected in refuse(write_parts(tmp_path / "bad.zip", changed), workspace)


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "/etc/evil.png", "images/../../evil.png", "C:\\evil.png", "images\\evil.png",
     "images//a.png", "a\0b.png", "images/"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(
    name: str, parts: Parts, tmp_path: Path, workspace: Path
) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    with zipfile.ZipFile(file, "a") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"evil")
    assert "could lead out of its folder" in refuse(file, workspace)
    assert not list(tmp_path.rglob("evil*"))


def test_a_link_is_refused(parts: Parts, tmp_path: Path, workspace: Path) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    with zipfile.ZipFile(file, "a") as archive:
        info = zipfile.ZipInfo("images/000007.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "is a link" in refuse(file, workspace)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(parts: Parts, tmp_path: Path, workspace: Path) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("IMAGES/000000.PNG", b"other")
    assert "twice" in refuse(file, workspace)


def test_a_zip_bomb_is_refused_unread(parts: Parts, tmp_path: Path, workspace: Path) -> None:
    """Entries that share their packed bytes, after Fifield, A better zip bomb, WOOT 2019."""
    file = write_parts(tmp_path / "bad.zip", parts)
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        start = archive.start_dir
    entry = content[start : start + 46]
    entry_length = 46 + sum(struct.unpack("<HHH", entry[28:34]))
    directory = content[start : content.rindex(b"PK\x05\x06")]
    first = bytes(content[start : start + entry_length])
    again = b"".join(_rename(first, number) for number in range(300))
    count = struct.unpack("<H", content[-12:-10])[0] + 300
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(directory) + len(again), start, 0)
    file.write_bytes(bytes(content[:start]) + bytes(directory) + again + tail)
    assert "bomb" in refuse(file, workspace)


def _rename(entry: bytes, number: int) -> bytes:
    """The same packed bytes under another name of the same length."""
    length = struct.unpack("<H", entry[28:30])[0]
    name = f"{number:0{length}}".encode()[:length]
    packed = entry[:20] + struct.pack("<I", 1 << 16) + entry[24:]
    return packed[:46] + name + packed[46 + length :]


def test_an_entry_that_promises_more_than_deflate_can_is_refused(
    parts: Parts, tmp_path: Path, workspace: Path
) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        start = archive.start_dir
    content[start + 24 : start + 28] = struct.pack("<I", (1 << 32) - 2)
    file.write_bytes(bytes(content))
    assert "bomb" in refuse(file, workspace)


def test_a_huge_manifest_is_refused(parts: Parts, tmp_path: Path, workspace: Path) -> None:
    changed = dict(parts) | {"manifest.json": b" " * (65 << 20)}
    assert "more than the" in refuse(write_parts(tmp_path / "bad.zip", changed), workspace)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_bundle_is_refused(share: float, parts: Parts, tmp_path: Path, workspace: Path) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    assert "cut short" in refuse(file, workspace)


def test_flipped_bits_are_refused(parts: Parts, tmp_path: Path, workspace: Path) -> None:
    file = write_parts(tmp_path / "bad.zip", parts)
    content = bytearray(file.read_bytes())
    for place in range(60, 200):
        content[place] ^= 0xFF
    file.write_bytes(bytes(content))
    refuse(file, workspace)


def test_another_bundle_under_a_known_id_is_refused(parts: Parts, tmp_path: Path) -> None:
    file = write_parts(tmp_path / "good.zip", parts)
    bundles.open_bundle(file, file.name, RUTH)
    changed = dict(parts)
    edit_manifest(changed, lambda manifest: manifest["spec"].update(title="Other"))
    with pytest.raises(AppError, match="with another content"):
        bundles.open_bundle(write_parts(tmp_path / "bad.zip", changed), "bad.zip", RUTH)


@pytest.fixture
def answers(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Review, Parts]:
    """A review at home, and good answers to its bundle with one correction."""
    _, home = open_eyes(tmp_path, 2)
    file = bundle(home, tmp_path / "out.zip")
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "away"))
    away = bundles.open_bundle(file, file.name, RUTH)
    answer(away, 0, "correct", correction=repaint(open_source(away.spec).read_prediction(0).mask))
    answer(away, 1)
    bundles.save_answers(away.id, tmp_path / "back.zip", RUTH)
    monkeypatch.setenv("COUNTERPOISE_HOME", str(workspace))
    return home, read_parts(tmp_path / "back.zip")


def _edit_body(key: str, value: object) -> Callable[[Parts], None]:
    """A record with another content and its right hash."""

    def change(manifest: dict) -> None:
        record = manifest["records"][-1]
        body = json.loads(record["body"])
        body[key] = value
        record["body"] = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        record["hash"] = hash_body(record["body"])

    return lambda parts: edit_manifest(parts, change)


def _break_hash(parts: Parts) -> None:
    edit_manifest(parts, lambda manifest: manifest["records"][-1].update(hash="0" * 64))


ANSWERS: dict[str, tuple[Callable[[Parts], None], str]] = {
    "a record with a wrong hash": (_break_hash, "was changed after it was written"),
    "a record about another review": (_edit_body("review", "f" * 32), "about another review"),
    "a record about another model": (_edit_body("model_hash", "f" * 32), "another dataset or another model"),
    "a record about a case that is not there": (_edit_body("position", 77), "does not have"),
    "a record about an unknown class": (_edit_body("class_name", "lung"), "no class"),
    "a record about another mask": (_edit_body("mask_before", "f" * 64), "never had"),
    "a rejection without a reason": (_edit_body("action", "reject"), "no decision that can be made"),
    "a correction without its mask": (_edit_body("action", "correct"), "comes with a mask"),
    "a reader that nobody can be": (
        _edit_body(
            "reader", {"id": "a", "name": "a\0", "role": "reader", "sign_in": "local", "verified": True}
        ),
        "nobody can be called",
    ),
    "a missing mask": (lambda parts: parts.pop(find_mask(parts)), "is missing"),
    "a mask of another size": (swap_mask(picture(64, 24)), "its case asks for"),
    "another mask under its name": (swap_mask(picture(32, 24)), "not the one that its name promises"),
    "a mask that promises gigapixels": (swap_mask(promise(60_000, 60_000)), "megapixels"),
    "a stray file": (lambda parts: parts.update({"images/000000.png": picture(3, 3)}), "belongs to no case"),
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERS)
def test_changed_answers_are_refused_whole(what: str, answers: tuple[Review, Parts], tmp_path: Path) -> None:
    home, parts = answers
    change, expected = ANSWERS[what]
    change(parts)
    with pytest.raises(AppError) as caught:
        bundles.merge(home.id, write_parts(tmp_path / "bad.zip", parts), "bad.zip", RUTH)
    assert expected in str(caught.value)
    assert read_decisions(review_store(), home.id) == []


def test_untouched_answers_are_taken(answers: tuple[Review, Parts], tmp_path: Path) -> None:
    home, parts = answers
    assert bundles.merge(home.id, write_parts(tmp_path / "good.zip", parts), "good.zip", RUTH).added == 2
