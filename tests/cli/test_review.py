"""`counterpoise review …`, with real background workers."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import app
from core.errors import ReviewError
from core.services.reviews.opening import read_review
from core.services.reviews.outputs import list_outputs
from core.services.single_user import local_person
from tests.reports.sets import answer, open_eyes


def run(*words: str) -> dict:
    result = CliRunner().invoke(app, ["review", *words, "--json"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.output)


def test_a_review_goes_out_comes_back_and_becomes_a_dataset(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, review = open_eyes(tmp_path, 3)
    sent = run("bundle", review.id[:6], "--out", str(tmp_path / "out.zip"))
    assert sent == {"file": str(tmp_path / "out.zip"), "cases": 3}

    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "away"))
    away = run("open", str(tmp_path / "out.zip"))["id"]
    for place in range(3):
        answer(read_review(away), place, reader=local_person())
    assert run("answers", away, "--out", str(tmp_path / "back.zip"))["decisions"] == 3

    monkeypatch.setenv("COUNTERPOISE_HOME", str(workspace))
    merged = run("merge", review.id, str(tmp_path / "back.zip"))
    assert merged == {"added": 3, "known": 0, "conflicts": []}
    made = run("dataset", review.id, "--out", str(tmp_path / "new"))
    assert made["samples"] == {"accepted": 3}
    written = run("export", review.id, "--format", "index", "--out", str(tmp_path / "masks"))
    assert written["cases"] == 3
    assert len(list((tmp_path / "masks/masks").iterdir())) == 3
    outputs = list_outputs(review.id)
    assert [item.kind for item in outputs] == ["export", "dataset", "bundle"]
    assert not any(item.lost for item in outputs)


def test_a_review_that_nobody_knows_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="No review begins with 'abc'"):
        run("export", "abc", "--out", str(tmp_path / "out"))
