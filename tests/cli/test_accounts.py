"""`accounts` and `audit`, as they are typed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from core.cli import app
from core.domain.identity import Role
from core.errors import AccessError, ReviewError
from core.reviews.deciding import decide
from core.services import accounts
from core.services.reviews.stores import review_store
from core.workspace.database import workspace_database
from tests.reviews.sets import ask, begin, person

PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test
OTHER = "quite other words"


def run(*arguments: str, password: str = PASSWORD) -> Result:
    return CliRunner().invoke(app, list(arguments), input=f"{password}\n")


def test_the_first_account_is_made_without_a_browser_and_turns_sign_in_on() -> None:
    assert "no accounts" in run("accounts", "list").stdout
    refused = run("accounts", "add", "Ann", "--password-stdin")
    assert isinstance(refused.exception, AccessError)
    assert (
        "Root can sign in as admin"
        in run("accounts", "add", "Root", "--role", "admin", "--password-stdin").stdout
    )
    assert accounts.find_mode(oidc=False) == "accounts"
    assert accounts.sign_in("root", PASSWORD).identity.role is Role.ADMIN


def test_roles_and_passwords_are_given_and_accounts_closed() -> None:
    run("accounts", "add", "Root", "--role", "admin", "--password-stdin")
    run("accounts", "add", "Ann", "--password-stdin")
    assert "Ann is now researcher" in run("accounts", "role", "Ann", "researcher").stdout
    assert "new password" in run("accounts", "reset", "Ann", "--password-stdin", password=OTHER).stdout
    assert accounts.sign_in("Ann", OTHER).identity.role is Role.RESEARCHER
    run("accounts", "close", "Ann")
    listed = json.loads(run("accounts", "list", "--json").stdout)["accounts"]
    assert [(item["name"], item["role"], item["active"]) for item in listed] == [
        ("Ann", "researcher", False),
        ("Root", "admin", True),
    ]
    assert "hash" not in json.dumps(listed)
    assert "may sign in again" in run("accounts", "reopen", "Ann").stdout


def test_a_name_that_nobody_has_and_a_missing_terminal_are_said() -> None:
    run("accounts", "add", "Root", "--role", "admin", "--password-stdin")
    assert "no account 'Nobody'" in str(run("accounts", "role", "Nobody", "reader").exception)
    assert "--password-stdin" in str(run("accounts", "reset", "Root").exception)
    assert "last admin" in str(run("accounts", "close", "Root").exception)


@pytest.fixture
def decided(workspace: Path) -> None:
    """A ledger of four records."""
    assert workspace
    review = begin(review_store())
    for number in range(3):
        decide(review_store(), review.id, number, person("ann"), ask(str(number)))


@pytest.mark.usefixtures("decided")
def test_an_intact_ledger_ends_with_what_may_be_noted() -> None:
    said = run("audit", "verify")
    assert said.exit_code == 0
    assert "Intact: 4 records" in said.stdout
    report = json.loads(run("audit", "verify", "--json").stdout)
    note = f"{report['last']['seq']}:{report['last']['hash']}"
    assert note in said.stdout
    assert run("audit", "verify", "--noted", note).exit_code == 0


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
