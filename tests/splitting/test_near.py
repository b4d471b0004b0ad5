"""Near duplicates among hashes, against all pairs compared one by one."""

from itertools import combinations

import numpy as np
import pytest

from core.errors import CancelledError
from core.splitting import find_near_pairs

COUNT = 700  # several blocks


@pytest.fixture
def hashes() -> tuple[np.ndarray, np.ndarray]:
    """Random hashes, some of them copies of others with a few bits turned."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 2**63, COUNT, dtype=np.uint64)
    fine = rng.integers(0, 2**63, (COUNT, 4), dtype=np.uint64)
    for copy in range(0, COUNT, 7):
        source = int(rng.integers(COUNT))
        coarse[copy] = coarse[source] ^ np.uint64(rng.integers(2**10))
        fine[copy] = fine[source] ^ rng.integers(0, 2**8, 4, dtype=np.uint64)
    return coarse, fine


def brute_force(coarse: np.ndarray, fine: np.ndarray, groups: np.ndarray) -> list[tuple[int, int, int]]:
    found = []
    for a, b in combinations(range(len(coarse)), 2):
        near = (int(coarse[a]) ^ int(coarse[b])).bit_count() <= 6
        distance = sum((int(x) ^ int(y)).bit_count() for x, y in zip(fine[a], fine[b], strict=True))
        if near and distance <= 16 and groups[a] != groups[b]:
            found.append((distance, a, b))
    return sorted(found)


def as_list(found) -> list[tuple[int, int, int]]:
    return [(d, a, b) for (a, b), d in zip(found.pairs.tolist(), found.distances.tolist(), strict=True)]


def test_all_pairs_that_agree_in_both_hashes_are_found_the_nearest_first(hashes) -> None:
    groups = np.arange(COUNT) % 350  # some pairs are of one group
    found = find_near_pairs(*hashes, groups, 6, 16, 10_000)
    expected = brute_force(*hashes, groups)
    assert len(expected) > 20
    assert as_list(found) == expected
    assert found.limit == 16


def test_of_too_many_pairs_the_nearest_are_kept_and_the_limit_says_so(hashes) -> None:
    found = find_near_pairs(*hashes, np.arange(COUNT), 6, 16, 30)
    expected = brute_force(*hashes, np.arange(COUNT))
    assert found.limit < 16
    assert 0 < len(found.pairs) <= 30
    assert as_list(found) == [item for item in expected if item[0] <= found.limit]


def test_images_of_one_group_are_no_pair() -> None:
    same = np.zeros(4, np.uint64), np.zeros((4, 4), np.uint64)
    assert find_near_pairs(*same, np.zeros(4, np.intp), 12, 64, 100).pairs.size == 0


def test_no_images_give_no_pairs() -> None:
    empty = np.zeros(0, np.uint64), np.zeros((0, 4), np.uint64)
    assert find_near_pairs(*empty, np.zeros(0, np.intp), 12, 64, 100).pairs.shape == (0, 2)


def test_whoever_follows_the_search_can_end_it(hashes) -> None:
    def stop(done: int, total: int) -> None:
        assert (done, total) == (256, COUNT)
        raise CancelledError("enough")

    with pytest.raises(CancelledError, match="enough"):
        find_near_pairs(*hashes, np.arange(COUNT), 6, 16, 100, stop)
