"""`accounts`, as it is typed."""

import json

from typer.testing import CliRunner, Result

from core.cli import app
from core.domain.identity import Role
from core.errors import AccessError
from core.services import accounts

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
