"""Equal label vectors become one row: what N images cost, K distinct vectors do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.label_table import LabelTable

_CHUNK_ROWS = 1 << 17
_HASH_TRIES = 4


def group_label_vectors(
    presence: NDArray[np.bool_] | NDArray[np.uint8], class_names: Sequence[str], sample_ids: Sequence[str]
) -> LabelTable:
    """Group N label vectors into the K distinct ones.

    Each row is packed to bits and mixed to one 64-bit word with random odd multipliers; the words are sorted
    instead of the rows, and every row is compared with the one that stands for its group, so that a collision
    cannot pass.

    Args:
        presence: `(N, C)`, non-zero where the sample holds the class.
        class_names: C names.
        sample_ids: N identifiers.

    Returns:
        The table. Rows are ordered by falling multiplicity, then lexicographically, whatever the order of
        samples.

    Raises:
        ValueError: If the lengths disagree; a fault of the caller, not of a person.

    >>> presence = np.array([[1, 0], [1, 1], [1, 0]], np.uint8)
    >>> table = group_label_vectors(presence, ["disc", "cup"], ["a", "b", "c"])
    >>> table.vectors.tolist(), table.multiplicities.tolist(), table.row_of_sample.tolist()
    ([[1, 0], [1, 1]], [2, 1], [0, 1, 0])
    """
    if presence.ndim != 2 or presence.shape != (len(sample_ids), len(class_names)):
        raise ValueError(
            f"presence has shape {presence.shape}; {len(sample_ids)} samples × {len(class_names)} classes "
            "are needed"
        )
    words = _pack_rows(presence)
    first, group, counts = _find_groups(words)
    order = _order_groups(words[first], counts)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return LabelTable(
        class_names=tuple(class_names),
        vectors=np.ascontiguousarray(presence[first[order]] != 0).view(np.uint8),
        multiplicities=counts[order].astype(np.int64),
        row_of_sample=rank[group].astype(np.intp),
        sample_ids=tuple(sample_ids),
    )


def _pack_rows(presence: NDArray[np.bool_] | NDArray[np.uint8]) -> NDArray[np.uint64]:
    """`(N, W)` words of 64 classes each, big-endian so that their order is the rows' lexicographic order."""
    count, classes = presence.shape
    words = np.zeros((count, max(-(-classes // 64), 1)), dtype=">u8")
    as_bytes = words.view(np.uint8)
    width = -(-classes // 8)
    for start in range(0, count, _CHUNK_ROWS):
        part = slice(start, start + _CHUNK_ROWS)
        as_bytes[part, :width] = np.packbits(presence[part], axis=1)
    return words.astype(np.uint64)


def _find_groups(
    words: NDArray[np.uint64],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """First sample of each group `(K,)`, group of each sample `(N,)`, samples in each group `(K,)`."""
    for seed in range(_HASH_TRIES):
        hashed = words[:, 0] if words.shape[1] == 1 else _mix(words, seed)
        _, first, group, counts = np.unique(
            hashed, return_index=True, return_inverse=True, return_counts=True
        )
        if words.shape[1] == 1 or np.array_equal(words, words[first[group]]):
            return first, group, counts
    _, first, group, counts = np.unique(
        words, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return first, group, counts


def _mix(words: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """One word per row: shift, multiply, shift, multiply (as MurmurHash3 ends), with factors from the seed.

    Products carry bits up only and shifts carry them down: both are needed for every class to reach every
    bit.
    """
    factors = np.random.default_rng(seed).integers(0, 2**63, (words.shape[1], 2), dtype=np.uint64) * 2 + 1
    mixed = np.zeros(words.shape[0], dtype=np.uint64)
    for column, pair in enumerate(factors):
        mixed ^= words[:, column]
        for factor in pair:
            mixed ^= mixed >> np.uint64(32)
            mixed *= factor
    return mixed


def _order_groups(words: NDArray[np.uint64], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Falling multiplicity, then lexicographic by label vector."""
    keys = [words[:, column] for column in range(words.shape[1] - 1, -1, -1)]
    return np.lexsort([*keys, -counts])
