"""Pictures that are built ahead."""

from pathlib import Path
from uuid import uuid4

import pytest

from core.domain.identity import Identity
from core.domain.review import DecisionRequest, ReviewRequest, ReviewSettings
from core.errors import AppError
from core.inference.sources import source_folder
from core.jobs.review import run_review
from core.services.reviews import deciding, prefetching
from core.services.reviews.board import Board, look
from core.services.reviews.spacing import give_spacing
from tests.services.reviews.people import ANN, BEN, RESEARCHER
from tests.services.reviews.runs import scan_eyes, write_predicted_run


@pytest.fixture
def review(tmp_path: Path) -> str:
    """Twelve cases, read by two who are blinded to the model."""
    source = write_predicted_run(scan_eyes(tmp_path / "eyes"))
    request = ReviewRequest(
        key="kept", title="Eyes", source_id=source.id, app_version="1", identity=RESEARCHER,
        settings=ReviewSettings(readers_per_case=2, hide_model=True),
    )  # fmt: skip
    arguments = {"request": request.model_dump_json()}
    return run_review(arguments, lambda *_: None, lambda: False)["review"]


def reject(board: Board, identity: Identity, position: int) -> None:
    request = DecisionRequest(token=uuid4().hex, action="reject", reason="Wrong class", seconds=1)
    deciding.decide(board.review.id, position, identity, request)
    board.follow()


def test_what_was_prepared_is_what_is_fetched(review: str) -> None:
    board = look(review, ANN)
    prefetching.prepare(board, [3, 4])
    assert prefetching.fetch(board, 3) is prefetching.fetch(board, 3)
    assert prefetching.fetch(board, 4).position == 4


def test_nobody_gets_what_was_built_for_one_who_may_see_more(review: str) -> None:
    ann, ben = look(review, ANN), look(review, BEN)
    reject(ann, ANN, 3)
    assert set(prefetching.fetch(ann, 3).layers) == {"prediction", "reference"}
    ben.follow()
    assert dict(prefetching.fetch(ben, 3).layers) == {}


def test_answering_while_pictures_are_built_does_not_unblind_others(
    review: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = look(review, ANN), look(review, BEN)
    started = []
    real = prefetching._builders.submit
    monkeypatch.setattr(prefetching._builders, "submit", lambda *ask: started.append(ask) or _Late(ask))
    prefetching.prepare(ann, [5])
    monkeypatch.setattr(prefetching._builders, "submit", real)
    reject(ann, ANN, 5)
    assert len(started) == 1
    assert dict(prefetching.fetch(ben, 5).layers) == {}


def test_a_mended_file_is_read_again(review: str) -> None:
    board = look(review, ANN)
    reject(board, ANN, 7)
    mask = source_folder("kept").path / "000007.mask.png"
    content = mask.read_bytes()
    mask.unlink()
    with pytest.raises(AppError, match="cannot be read"):
        prefetching.fetch(board, 7)
    mask.write_bytes(content)
    assert "prediction" in prefetching.fetch(board, 7).layers


def test_a_mask_that_was_exchanged_since_is_not_shown_for_the_one_that_is_decided_about(review: str) -> None:
    board = look(review, ANN)
    reject(board, ANN, 7)
    folder = source_folder("kept").path
    mask = folder / "000007.mask.png"
    mask.unlink()  # A link to the run's file, which stays as it is
    mask.write_bytes((folder / "000006.mask.png").read_bytes())
    with pytest.raises(AppError, match="not the one that the review was opened with"):
        prefetching.fetch(board, 7)


class _Late:
    """A future that begins only when somebody waits for it."""

    def __init__(self, ask: tuple[object, ...]) -> None:
        self._ask = ask

    def result(self) -> object:
        build, *arguments = self._ask
        assert callable(build)
        return build(*arguments)


def test_a_spacing_that_is_given_comes_with_the_next_pictures(review: str) -> None:
    board = look(review, ANN)
    before = prefetching.fetch(board, 3)
    assert before.spacing is None
    give_spacing(board.review, (0.5, 0.25), RESEARCHER)
    after = prefetching.fetch(board, 3)
    assert after.spacing == (0.5, 0.25)
    assert after.stamp != before.stamp  # what the browser has kept is asked for again
