"""Reviews that several people read, for tests: opened by the job, on predictions that are written."""

from pathlib import Path

import numpy as np

from core.domain.identity import Identity
from core.domain.masks import LabelMask
from core.domain.review import DecisionRequest, ReviewRequest, ReviewSettings
from core.inference.sources import open_kept
from core.jobs.review import run_review
from core.reviews.deciding import decide
from core.reviews.opening import Review, read_case, read_review
from core.reviews.states import Decision
from core.services.reviews.stores import review_store
from tests.services.reviews.people import RESEARCHER
from tests.services.reviews.runs import scan_eyes, write_predicted_run

DOUBLE = ReviewSettings(readers_per_case=2)


def open_double(root: Path, settings: ReviewSettings = DOUBLE, count: int = 6) -> Review:
    """A review of `count` eyes: disc in all, vessel in every other one, scar in the first."""
    source = write_predicted_run(scan_eyes(root, count))
    request = ReviewRequest(
        key="k1", title="Eyes", source_id=source.id, settings=settings, identity=RESEARCHER, app_version="1"
    )
    found = run_review({"request": request.model_dump_json()}, lambda *_: None, lambda: False)
    return read_review(review_store(), found["review"])


def predicted(review: Review, position: int) -> LabelMask:
    """The model's mask."""
    return open_kept(review.spec.predictions).read_prediction(position).mask


def answer(
    review: Review,
    position: int,
    by: Identity,
    action: str = "accept",
    draw: tuple[int, int, int] | None = None,
) -> Decision:
    """Decide; `draw` gives a class, the first row and the end row that the reader fills with it."""
    store = review_store()
    mask = None
    if draw is not None:
        pixels = np.array(predicted(review, position).pixels, np.int16)
        pixels[draw[1] : draw[2]] = draw[0]
        mask, action = LabelMask(pixels, len(review.spec.classes)), "correct"
    request = DecisionRequest(
        token=f"{by.id}-{position}-{action}-{draw}",
        action=action,
        reason="wrong side" if action == "reject" else "",
        seconds=3,
        mask_seen=read_case(store, review.id, position).mask_hash,
    )
    return decide(store, review.id, position, by, request, mask)
