"""Equal images are found by content, and unchanged files are read once."""

import json
import os

import pytest

from core.errors import CancelledError
from core.formats.hashing import hash_files


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, content in {"a": b"same", "b": b"same", "c": b"else", "d": b"longer than that"}.items():
        (folder / name).write_bytes(content)
    return folder


def test_equal_content_has_an_equal_hash(root):
    found = hash_files([root], ["a", "b", "c", "d"])
    assert found["a"] == found["b"]
    assert len(set(found.values())) == 3


def test_a_file_of_a_size_of_its_own_equals_none_and_is_not_read(root):
    assert set(hash_files([root], ["a", "b", "c", "d"], only_equal_sizes=True)) == {"a", "b", "c"}


def test_missing_empty_and_linked_away_files_are_left_out(root):
    (root / "empty").touch()
    (root.parent / "outside").write_bytes(b"same")
    (root / "link").symlink_to(root.parent / "outside")
    assert set(hash_files([root], ["a", "empty", "gone", "link"])) == {"a"}


def test_only_what_has_changed_is_read_again(root, tmp_path):
    cache, seen = tmp_path / "cache.json", []
    first = hash_files([root], ["a", "b", "c"], cache)
    (root / "b").write_bytes(b"new!")
    os.utime(root / "b", ns=(1, 1))
    second = hash_files([root], ["a", "b", "c"], cache, on_progress=lambda done, total: seen.append(total))
    assert seen == [1]
    assert second["a"] == first["a"]
    assert second["b"] != first["b"]


@pytest.mark.parametrize("content", ["", "{", '{"a": 3}', '{"a": [1, 2]}'])
def test_a_damaged_cache_is_like_none(root, tmp_path, content):
    cache = tmp_path / "cache.json"
    cache.write_text(content)
    assert hash_files([root], ["a"], cache) == hash_files([root], ["a"])
    assert list(json.loads(cache.read_text())) == ["a"]


def test_what_was_read_before_a_stop_is_kept(root, tmp_path):
    cache = tmp_path / "cache.json"
    with pytest.raises(CancelledError, match="kept"):
        hash_files([root], ["a", "b", "c"], cache, should_stop=lambda: True)
    assert len(json.loads(cache.read_text())) == 1
