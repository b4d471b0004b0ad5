"""From shares to whole copies: an exact total, and no class off by more than about an image.

Largest remainder first; then single copies change places between groups wherever that brings the class counts nearer
to the optimum's. For 0/1 label vectors this is a discrepancy problem; the greedy exchange ends in a local optimum
that is good to half an image in practice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.balancing.problem import BalanceProblem
from core.errors import InfeasibleError

_POOL = 20_000
_CANDIDATES = 48
_MAX_MOVES = 5_000
_GOOD_ENOUGH = 1.0


@dataclass(frozen=True, slots=True)
class WholeCopies:
    """A balance in whole images.

    Attributes:
        copies: `(K,)` int64, copies of all images of a group together.
        shares: `(C,)` share of copies that contain each class.
        distance: L of these shares to T.
        worst_error_images: Largest difference, in images, between a class's count and `total` times its share in the
            continuous solution.
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
    """Turn `(K,)` weights into whole copies that sum to `total` (default: the problem's B) and keep its bounds.

    Raises:
        InfeasibleError: If `total` lies outside what caps and floors allow.
    """
    total = problem.total if total is None else total
    most = np.minimum(problem.most, total) if total <= problem.total else problem.most
    _check_total(problem, most, total)
    copies = _take_largest_remainders(weights * total, problem.fewest, most, total)
    wanted = problem.labels.shares(weights) * total
    copies = _exchange(problem, copies, weights * total, wanted, problem.fewest, most, reach=1)
    if _find_worst(problem, copies, wanted) > _GOOD_ENOUGH:
        copies = _exchange(problem, copies, weights * total, wanted, problem.fewest, most, reach=2)
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
            f"{total} copies cannot be shared out: the bounds allow {least} to {greatest}. Choose a size between them."
        )


def _take_largest_remainders(
    ideal: NDArray[np.float64], fewest: NDArray[np.int64], most: NDArray[np.int64], total: int
) -> NDArray[np.int64]:
    """Floors, then one more for the largest fractions, until the total is right.

    Rounding errors and sums that are off by more than the fractions are shared out in further rounds.
    """
    copies = np.clip(np.floor(ideal + 1e-9).astype(np.int64), fewest, most)
    missing = total - int(copies.sum())
    while missing != 0:
        step = 1 if missing > 0 else -1
        room = copies < most if step > 0 else copies > fewest
        order = np.argsort(-step * (ideal - copies) + np.where(room, 0.0, np.inf), kind="stable")
        taken = order[: min(abs(missing), int(np.count_nonzero(room)))]
        copies[taken] += step
        missing = total - int(copies.sum())
    return copies


def _find_worst(problem: BalanceProblem, copies: NDArray[np.int64], wanted: NDArray[np.float64]) -> float:
    return float(np.abs(problem.labels.shares(copies.astype(np.float64)) - wanted).max())


def _exchange(
    problem: BalanceProblem,
    copies: NDArray[np.int64],
    ideal: NDArray[np.float64],
    wanted: NDArray[np.float64],
    fewest: NDArray[np.int64],
    most: NDArray[np.int64],
    reach: int,
) -> NDArray[np.int64]:
    """Move single copies between groups while that lowers the squared error of the class counts.

    A group stays within `reach` copies of its ideal. Of many groups, those nearest to a half copy take part: moving
    them costs least.
    """
    pool = _choose_pool(ideal)
    labels = problem.labels.rows[pool].toarray() if pool.size * wanted.size <= 4_000_000 else None
    rows = problem.labels.rows[pool]
    lowest = np.maximum(fewest[pool], np.ceil(ideal[pool] - reach).astype(np.int64))
    highest = np.minimum(most[pool], np.floor(ideal[pool] + reach).astype(np.int64))
    copies = copies.copy()
    part = copies[pool]
    error = problem.labels.shares(copies.astype(np.float64)) - wanted
    sizes = np.asarray(rows.sum(axis=1), dtype=np.float64)
    for _ in range(_MAX_MOVES):
        score = 2.0 * (rows @ error if labels is None else labels @ error)
        move = _find_best_move(rows, score, sizes, part < highest, part > lowest)
        if move is None:
            break
        up, down = move
        part[up] += 1
        part[down] -= 1
        error += rows[[up]].toarray()[0] - rows[[down]].toarray()[0]
    copies[pool] = part
    return copies
