"""Where an export comes from: written beside the masks, so that each can be traced to its decisions."""

from typing import Any

from core.reports.reviewed import ReviewedSet, count_left_out
from core.reviews.ledger import find_head

PROVENANCE = "review.json"


def describe_review(reviewed: ReviewedSet, app_version: str) -> dict[str, Any]:
    """The review, its dataset and model by their hashes, and where the ledger ended."""
    review, spec = reviewed.review, reviewed.review.spec
    return {
        "about": "Masks that people have reviewed, written by Counterpoise.",
        "app_version": app_version,
        "written": reviewed.store.now(),
        "review": review.id,
        "title": spec.title,
        "dataset": spec.dataset,
        "dataset_hash": spec.dataset_hash,
        "model_hash": spec.model_hash,
        "ledger": str(find_head(reviewed.store.database)),
        "accepted": sum(item.state == "accepted" for item in reviewed.cases),
        "corrected": sum(item.corrected for item in reviewed.cases),
        "undecided": sum(item.state not in ("accepted", "corrected") for item in reviewed.cases),
        "left_out": dict(count_left_out(reviewed.left_out)),
    }
