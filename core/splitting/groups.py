"""Which samples belong together, from everything that ties them: a patient, a flight, an equal file."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components


def join_groups(count: int, *ties: Sequence[str], pairs: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """Number the groups that remain once all ties are taken together.

    Two samples are in one group if a tie gives both the same text, or if a chain of such pairs leads from
    the one to the other.

    Args:
        count: N samples.
        ties: Each `(N,)` texts; the empty text ties to nothing.
        pairs: `(P, 2)` positions that are tied as well.

    Returns:
        `(N,)` group of each sample, numbered from 0 in the order of first occurrence.

    Raises:
        ValueError: If a tie has not one text a sample; a fault of the caller.

    >>> join_groups(4, ["eye 1", "eye 1", "", ""], ["", "same", "same", ""]).tolist()
    [0, 0, 0, 1]
    """
    links = [_link(tie, count) for tie in ties]
    if pairs is not None:
        links.append((pairs[:, 0], pairs[:, 1]))
    here = np.concatenate([np.zeros(0, dtype=np.intp), *(tied for tied, _ in links)])
    there = np.concatenate([np.zeros(0, dtype=np.intp), *(heads for _, heads in links)])
    graph = sparse.coo_array((np.ones(here.size), (here, there)), shape=(count, count)).tocsr()
    _, component = connected_components(graph, directed=False)
    return _number_by_first(component)


def _link(tie: Sequence[str], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The samples that are tied, and for each of them the first that has the same text."""
    if len(tie) != count:
        raise ValueError(f"a tie holds {len(tie)} texts; {count} samples need one each")
    first: dict[str, int] = {}
    tied = [place for place, text in enumerate(tie) if text]
    heads = [first.setdefault(tie[place], place) for place in tied]
    return np.asarray(tied, dtype=np.intp), np.asarray(heads, dtype=np.intp)


def _number_by_first(labels: NDArray[np.int32]) -> NDArray[np.intp]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.intp)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[inverse]
