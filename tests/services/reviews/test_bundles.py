"""Uploads on their way to the job that opens them."""

import io
import os
import time
from pathlib import Path

import pytest

from core.domain.review_export import OpenBundleRequest
from core.runs.folder import RunFolder
from core.services.reviews import bundles
from tests.services.reviews.people import RESEARCHER

DAY = 86_400


def age(place: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(place, (then, then))


def test_an_upload_removes_what_killed_workers_left_days_ago(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[RunFolder] = []
    monkeypatch.setattr("core.jobs.submit.submit", started.append)
    for folder in ("incoming", "bundles/.half-opened", "bundles/opened"):
        (workspace / folder).mkdir(parents=True)
    old, young = workspace / "incoming/old.zip", workspace / "incoming/young.zip"
    for place in (old, young, workspace / "bundles/.half-opened/manifest.json"):
        place.write_bytes(b"x")
    for place in (old, workspace / "bundles/.half-opened", workspace / "bundles/opened"):
        age(place, 2 * DAY)
    age(young, DAY / 2)
    bundles.start_opening(io.BytesIO(b"zip"), "sent.zip", RESEARCHER)
    request = OpenBundleRequest.model_validate_json(started[0].read_spec().arguments["request"])
    assert {path.name for path in (workspace / "incoming").iterdir()} == {"young.zip", request.file.name}
    assert request.file.read_bytes() == b"zip"
    assert [path.name for path in (workspace / "bundles").iterdir()] == ["opened"]
