"""From shares to whole copies: an exact total, and no class off by more than about an image.

The running sum is rounded first; then single copies change places between groups wherever that brings the
class counts nearer to the optimum's. For 0/1 label vectors this is a discrepancy problem; the greedy exchange
ends in a local optimum that is good to half an image in practice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem
from core.errors import InfeasibleError

_POOL = 20_000
_CANDIDATES = 48
_MAX_MOVES = 5_000
_LEAST_GAIN = 1e-9
_ROUNDING_NOISE = 1e-9
_GOOD_ENOUGH = 1.0


@dataclass(frozen=True, slots=True)
class WholeCopies:
    """A balance in whole images.

    Attributes:
        copies: `(K,)` int64, copies of all images of a group together.
        shares: `(C,)` share of copies that contain each class.
        distance: L of these shares to T.
        worst_error_images: Largest difference, in images, between a class's count and `total` times its share
            in the continuous solution.
        total: Sum of the copies.
        duplicates: Copies beyond the first of an image, Σ max(x−1, 0).
        dropped: Images with no copy.
        max_copies: Most copies of one image.
        ess: `(Σx)²/Σx²` over images, as a share of N.
    """

    copies: NDArray[np.int64]
    shares: NDArray[np.float64]
    distance: float
    worst_error_images: float
    total: int
    duplicates: int
    dropped: int
    max_copies: int
    ess: float


def round_copies(
    problem: BalanceProblem, weights: NDArray[np.float64], total: int | None = None
) -> WholeCopies:
    """Turn `(K,)` weights into whole copies that keep the problem's bounds.

    Args:
        problem: The problem that the weights answer.
        weights: `(K,)` shares of the groups.
        total: Sum of the copies, exactly; the problem's B by default.

    Raises:
        InfeasibleError: If `total` lies outside what caps and floors allow.
    """
    total = problem.total if total is None else total
    most = np.minimum(problem.most, total) if total <= problem.total else problem.most
    _check_total(problem, most, total)
    ideal = weights * total
    wanted = problem.labels.shares(ideal)
    copies = _round_running_sum(ideal, problem.fewest, most, total)
    for reach in (0, 1):  # between floor and ceiling first; one copy beyond only where that is not enough
        lowest = np.maximum(np.floor(ideal).astype(np.int64) - reach, problem.fewest)
        highest = np.minimum(np.ceil(ideal).astype(np.int64) + reach, most)
        copies = _exchange(problem, copies, ideal, lowest, highest)
        if _find_worst(problem, copies, wanted) <= _GOOD_ENOUGH:
            break
    return describe_copies(problem, copies, wanted)


def describe_copies(
    problem: BalanceProblem, copies: NDArray[np.int64], wanted: NDArray[np.float64]
) -> WholeCopies:
    """The numbers of a whole balance, when the copies of a group are spread evenly over its images.

    Args:
        problem: The problem that the copies answer.
        copies: `(K,)` whole copies of each group, at least one in all.
        wanted: `(C,)` images that should contain each class.
    """
    counts = problem.labels.shares(copies.astype(np.float64))
    total = int(copies.sum())
    images = problem.multiplicities
    each, extra = np.divmod(copies, images)
    squares = float((extra * (each + 1.0) ** 2 + (images - extra) * each.astype(np.float64) ** 2).sum())
    return WholeCopies(
        copies=copies,
        shares=counts / total,
        distance=problem.compute_distance(counts / total),
        worst_error_images=float(np.abs(counts - wanted).max()),
        total=total,
        duplicates=int(np.maximum(copies - images, 0).sum()),
        dropped=int(np.maximum(images - copies, 0).sum()),
        max_copies=int((each + (extra > 0)).max()),
        ess=total**2 / squares / problem.images,
    )


def _check_total(problem: BalanceProblem, most: NDArray[np.int64], total: int) -> None:
    least, greatest = max(int(problem.fewest.sum()), 1), int(most.sum())
    if not least <= total <= greatest:
        raise InfeasibleError(
            f"{total} copies cannot be shared out: the bounds allow {least} to {greatest}. Choose a size "
            "between them."
        )


def _round_running_sum(
    ideal: NDArray[np.float64], fewest: NDArray[np.int64], most: NDArray[np.int64], total: int
) -> NDArray[np.int64]:
    """Round the running sum, so that what one group loses its neighbour gains.

    Neighbours in a label table are alike, so the class counts start nearly right. Each group gets its floor
    or its ceiling; sums that rounding has pushed outside the bounds are put right by largest remainder.
    """
    floors = np.floor(ideal + _ROUNDING_NOISE)
    fractions = np.maximum(ideal - floors, 0.0)
    steps = np.floor(np.cumsum(fractions) + 0.5)
    copies = np.clip((floors + np.diff(steps, prepend=0.0)).astype(np.int64), fewest, most)
    missing = total - int(copies.sum())
    while missing != 0:
        step = 1 if missing > 0 else -1
        room = copies < most if step > 0 else copies > fewest
        order = np.argsort(np.where(room, -step * (ideal - copies), np.inf), kind="stable")
        copies[order[: min(abs(missing), int(np.count_nonzero(room)))]] += step
        missing = total - int(copies.sum())
    return copies


def _find_worst(problem: BalanceProblem, copies: NDArray[np.int64], wanted: NDArray[np.float64]) -> float:
    return float(np.abs(problem.labels.shares(copies.astype(np.float64)) - wanted).max())


def _exchange(
    problem: BalanceProblem,
    copies: NDArray[np.int64],
    ideal: NDArray[np.float64],
    lowest: NDArray[np.int64],
    highest: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Move single copies between groups while that lowers the squared error of the class counts."""
    pool = _choose_pool(ideal, lowest, highest)
    rows = problem.labels.rows[pool]
    sizes = np.asarray(rows.power(2).sum(axis=1), dtype=np.float64)
    lowest, highest, part = lowest[pool], highest[pool], copies[pool]
    error = problem.labels.shares(copies - ideal)
    for _ in range(_MAX_MOVES):
        pull = 2.0 * np.asarray(rows @ error)
        up = _take_lowest(np.where(part < highest, sizes + pull, np.inf))
        down = _take_lowest(np.where(part > lowest, sizes - pull, np.inf))
        if not (up.size and down.size):
            break
        vectors_up, vectors_down = rows[up].toarray(), rows[down].toarray()
        change = (
            (sizes[up] + pull[up])[:, None] + (sizes[down] - pull[down]) - 2.0 * vectors_up @ vectors_down.T
        )
        best_up, best_down = np.unravel_index(np.argmin(change), change.shape)
        if change[best_up, best_down] > -_LEAST_GAIN:
            break
        part[up[best_up]] += 1
        part[down[best_down]] -= 1
        error += vectors_up[best_up] - vectors_down[best_down]
    copies = copies.copy()
    copies[pool] = part
    return copies


def _choose_pool(
    ideal: NDArray[np.float64], lowest: NDArray[np.int64], highest: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Groups that can move; of very many, those nearest to a half copy: cheapest to round either way."""
    free = np.flatnonzero(highest > lowest)
    if free.size <= _POOL:
        return free
    off_half = np.abs(ideal[free] - np.floor(ideal[free]) - 0.5)
    return np.sort(free[np.argsort(off_half, kind="stable")[:_POOL]])


def _take_lowest(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the few lowest finite values, in a fixed order."""
    count = min(_CANDIDATES, values.size)
    taken = np.argpartition(values, count - 1)[:count] if count else np.zeros(0, dtype=np.intp)
    return np.sort(taken[np.isfinite(values[taken])])
