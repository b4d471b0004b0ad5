"""Which samples two states of a dataset share, and which of them have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SampleChanges:
    """Ids, each list in the order of its own state (`changed`: of the later one)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def compute_sample_changes(
    before_ids: Sequence[str],
    before: NDArray[np.unsignedinteger],
    after_ids: Sequence[str],
    after: NDArray[np.unsignedinteger],
) -> SampleChanges:
    """What became of the samples.

    Args:
        before_ids: Ids of the earlier state, each once.
        before: `(N,)` hash of what each of them held.
        after_ids: Ids of the later state.
        after: `(M,)` their hashes.

    >>> old, new = np.array([1, 2], np.uint32), np.array([3, 4], np.uint32)
    >>> compute_sample_changes(["a", "b"], old, ["b", "c"], new)
    SampleChanges(added=('c',), removed=('a',), changed=('b',))
    """
    known = dict(zip(before_ids, before.tolist(), strict=True))
    added, changed = [], []
    for name, digest in zip(after_ids, after.tolist(), strict=True):
        held = known.pop(name, None)
        if held is None:
            added.append(name)
        elif held != digest:
            changed.append(name)
    return SampleChanges(tuple(added), tuple(known), tuple(changed))


def digest_labels(presence: NDArray[np.bool_], keys: Sequence[str]) -> NDArray[np.uint64]:
    """A hash of the classes that each row holds, whatever their order.

    Every class has a fixed random number; a row is the exclusive or of those it holds (Zobrist, A new hashing
    method with application for game playing, 1970).

    Args:
        presence: `(N, C)` bool.
        keys: The C class keys.

    Returns:
        `(N,)` uint64; 0 for a row without a class.
    """
    digests = np.zeros(presence.shape[0], dtype=np.uint64)
    for column, key in enumerate(keys):
        number = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        digests[presence[:, column]] ^= np.uint64(int.from_bytes(number, "big"))
    return digests
