from pathlib import Path

import numpy as np
import pytest

from core.formats.pixels.counting import count_values
from core.formats.scanning.scan_cache import ScanCache, name_union, read_cache, write_cache
from tests.formats.files import blocks, write_array


@pytest.fixture
def cache(tmp_path: Path) -> ScanCache:
    counts = count_values(write_array(tmp_path / "a.png", blocks(0, 3)))
    return ScanCache({"m/ä.png": ((10, 2**61), counts)}, {"i/a.png": ((5, 6), (24, 32))}, {"u": counts})


def test_what_is_written_is_read_back(tmp_path: Path, cache: ScanCache) -> None:
    write_cache(tmp_path / "sub" / "scan.cache", cache)
    again = read_cache(tmp_path / "sub" / "scan.cache")
    found = again.find_counts("m/ä.png", (10, 2**61))
    assert found is not None
    assert found.values.tolist() == [0, 3]
    assert again.find_size("i/a.png", (5, 6)) == (24, 32)
    assert list(again.unions) == ["u"]


def test_a_changed_file_is_not_found(cache: ScanCache) -> None:
    assert cache.find_counts("m/ä.png", (11, 2**61)) is None
    assert cache.find_counts("m/b.png", (10, 2**61)) is None
    assert cache.find_size("i/a.png", (5, 7)) is None


def test_a_damaged_cache_is_like_none(tmp_path: Path, cache: ScanCache) -> None:
    path = tmp_path / "scan.cache"
    write_cache(path, cache)
    whole = path.read_bytes()
    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 255
    for damaged in (b"", b"not an archive", whole[: len(whole) // 2], bytes(middle)):
        path.write_bytes(damaged)
        assert read_cache(path) == ScanCache()


def test_a_cache_of_other_arrays_is_like_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", names=np.zeros(3))
    assert read_cache(tmp_path / "other.npz") == ScanCache()


def test_no_cache_is_empty(tmp_path: Path) -> None:
    assert read_cache(None) == read_cache(tmp_path / "none") == ScanCache()


def test_a_union_is_another_when_any_file_changes() -> None:
    masks = [("k", "a.png", (1, 2)), ("l", "b.png", (3, 4))]
    same = name_union(("i.png", (5, 6)), masks)
    assert same == name_union(("i.png", (5, 6)), masks[::-1])
    assert same != name_union(("i.png", (5, 7)), masks)
    assert same != name_union(("i.png", (5, 6)), [masks[0], ("l", "b.png", (3, 5))])
