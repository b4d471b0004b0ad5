"""Pictures built before anybody asks for them, so that no key press waits for a picture to be encoded.

They are kept by what may be seen in them (`Shown.stamp`), never by who asked: readers who may see the same
share them, and one who may see less never gets them.
"""

from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from core.services.reviews.board import Board
from core.services.reviews.cases import build_pictures, find_shown
from core.services.reviews.pictures import CasePictures
from core.services.reviews.stores import review_store

_MOST_KEPT = 48  # cases, of a few hundred KB each
_THREADS = 2  # encoding a PNG leaves Python's lock

_Key = tuple[str, str, str, bool]
_built: "OrderedDict[_Key, Future[CasePictures]]" = OrderedDict()
_lock = Lock()
_builders = ThreadPoolExecutor(_THREADS, thread_name_prefix="pictures")


def prepare(board: Board, positions: Iterable[int]) -> None:
    """Begin to build the pictures of cases that will be asked for soon."""
    for position in positions:
        _start(board, position, heat=False)


def fetch(board: Board, position: int, heat: bool = False) -> CasePictures:
    """The pictures of a case, built already or now; see `build_pictures`.

    Raises:
        AppError: A file of the case is missing or damaged; the next call looks again.
    """
    key, found = _start(board, position, heat)
    try:
        return found.result()
    except BaseException:
        with _lock:
            _built.pop(key, None)
        raise


def _start(board: Board, position: int, heat: bool) -> "tuple[_Key, Future[CasePictures]]":
    shown = find_shown(board, position)  # Now: what may be seen may have changed when a builder comes to it
    key = str(review_store().folder), board.review.id, shown.stamp, heat
    with _lock:
        found = _built.get(key)
        if found is None:
            found = _built[key] = _builders.submit(build_pictures, board.review, shown, heat)
        _built.move_to_end(key)
        while len(_built) > _MOST_KEPT:
            _built.popitem(last=False)
    return key, found
