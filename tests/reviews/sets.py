"""Reviews that the tests share."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.domain.identity import Identity, Role
from core.domain.masks import LabelMask
from core.domain.review import CaseSpec, DecisionRequest, ReviewSettings, ReviewSpec
from core.reviews.mask_files import digest_mask
from core.reviews.opening import Review, open_review
from core.reviews.store import ReviewStore
from core.workspace.database import Database

CLASSES = ("lung", "heart")
PREDICTED = LabelMask(np.eye(6, 8, dtype=np.int16) - 1, len(CLASSES))
PREDICTED_HASH = digest_mask(PREDICTED, CLASSES)


def person(name: str, role: Role = Role.READER) -> Identity:
    return Identity(id=f"id-{name}", name=name, sign_in="password", role=role)


ADMIN = person("admin", Role.ADMIN)


def make_store(database: Database, folder: Path) -> ReviewStore:
    return ReviewStore(database, folder / "reviews", "1.2.3")


def make_cases(count: int) -> list[CaseSpec]:
    return [
        CaseSpec(position=place, sample=f"case-{place}", mask_hash=PREDICTED_HASH, height=6, width=8)
        for place in range(count)
    ]


def begin(store: ReviewStore, cases: int = 3, settings: ReviewSettings | None = None) -> Review:
    spec = ReviewSpec(
        title="Lungs",
        source="run",
        source_id="run-1",
        dataset_hash="d" * 16,
        model_hash="m" * 16,
        classes=CLASSES,
        settings=settings or ReviewSettings(),
    )
    return open_review(store, spec, make_cases(cases), ADMIN)


def ask(token: str, action: str = "accept", **more: object) -> DecisionRequest:
    content = {"token": f"token-no-{token}", "action": action, "seconds": 2.5, **more}
    return DecisionRequest.model_validate(content)


def draw(*points: Sequence[int]) -> LabelMask:
    """A corrected mask: the predicted one with the class `heart` at some points."""
    pixels = PREDICTED.pixels.copy()
    for row, column in points:
        pixels[row, column] = 1
    return LabelMask(pixels, len(CLASSES))
