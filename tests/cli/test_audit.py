"""`audit verify`, as it is typed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from core.cli import app
from core.errors import ReviewError
from core.reviews.deciding import decide
from core.services.reviews.stores import review_store
from core.workspace.database import workspace_database
from tests.reviews.sets import ask, begin, draw, person


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def decided(workspace: Path) -> None:
    """A ledger of four records."""
    assert workspace
    review = begin(review_store())
    for number in range(2):
        decide(review_store(), review.id, number, person("ann"), ask(str(number)))
    decide(review_store(), review.id, 2, person("ann"), ask("corrected", "correct"), draw((1, 2)))


@pytest.mark.usefixtures("decided")
def test_an_intact_ledger_ends_with_what_may_be_noted() -> None:
    said = run("audit", "verify")
    assert said.exit_code == 0
    assert "Intact: 4 records" in said.stdout
    report = json.loads(run("audit", "verify", "--json").stdout)
    note = f"{report['last']['seq']}:{report['last']['hash']}"
    assert note in said.stdout
    assert run("audit", "verify", "--noted", note).exit_code == 0
    assert "all 1 are as they were saved" in said.stdout


@pytest.mark.usefixtures("decided")
def test_a_record_broken_by_hand_is_named_with_exit_status_1() -> None:
    with workspace_database().writing() as session:
        session.execute(text("DROP TRIGGER ledger_no_update"))
        session.execute(text("UPDATE ledger SET body = replace(body, 'accept', 'reject') WHERE seq = 3"))
    said = run("audit", "verify")
    assert said.exit_code == 1
    assert "Broken at record 3" in said.stderr
    report = run("audit", "verify", "--json")
    assert report.exit_code == 1
    assert json.loads(report.stdout)["fault"]["seq"] == 3
    assert json.loads(report.stdout)["records"] == 2


@pytest.mark.usefixtures("decided")
def test_a_ledger_that_was_written_anew_is_found_by_the_note_alone() -> None:
    assert run("audit", "verify", "--noted", f"2:{'0' * 64}").exit_code == 1
    assert run("audit", "verify", "--noted", f"99:{'0' * 64}").exit_code == 1
    wrong = run("audit", "verify", "--noted", "two")
    assert isinstance(wrong.exception, ReviewError)


def test_a_workspace_without_reviews_has_an_intact_ledger() -> None:
    assert "Intact: 0 records" in run("audit", "verify").stdout


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("deed", ["changed", "removed"])
def test_a_corrected_mask_that_is_no_longer_what_was_saved_is_named(workspace: Path, deed: str) -> None:
    mask = next((workspace / "reviews").rglob("*.png"))
    if deed == "changed":
        content = bytearray(mask.read_bytes())
        content[-20] ^= 1
        mask.write_bytes(bytes(content))
    else:
        mask.unlink()
    said = run("audit", "verify")
    assert said.exit_code == 1
    assert "The mask of record 4" in said.stderr
    report = json.loads(run("audit", "verify", "--json").stdout)
    assert (report["intact"], report["fault"], report["mask_faults"][0]["seq"]) == (False, None, 4)
