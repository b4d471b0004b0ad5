"""`accounts`: for a server without a browser, or without anybody who remembers an admin's password.

Whoever may start programs in this workspace may read and write its database anyway, so nobody signs in here.
"""

import sys
from typing import Annotated

import typer

from core.cli.console import print_json
from core.cli.options import Json
from core.domain.identity import Role
from core.errors import AccessError
from core.services import accounts as managing
from core.services import single_user

accounts = typer.Typer(help="Manage who may sign in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="As people type it to sign in; or the id that `list` shows")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may do")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input, one line")
]


@accounts.command()
def add(name: Name, role: RoleOption = Role.READER, password_stdin: Stdin = False) -> None:
    """Add an account; the first, an admin's, turns sign-in on."""
    made = managing.add(name, _read_password(password_stdin), role, single_user.local_person())
    typer.echo(f"{made.name} can sign in as {made.role}.")


@accounts.command("list")
def list_(as_json: Json = False) -> None:
    """Who has an account."""
    known = managing.list_accounts(single_user.local_person())
    if as_json:
        print_json({"accounts": [managing.report(item) for item in known]})
        return
    for item in known:
        state = "open" if item.active else "closed"
        how = "provider" if item.provider else "password"
        typer.echo(f"{item.id}  {item.role:<10}  {state:<6}  {how:<8}  {item.name}")
    if not known:
        typer.echo("There are no accounts; nobody signs in.")


@accounts.command()
def role(name: Name, to: Annotated[Role, typer.Argument(help="The new role", metavar="ROLE")]) -> None:
    """Give somebody another role."""
    by = single_user.local_person()
    changed = managing.change(managing.find_account(name, by).id, by, role=to)
    typer.echo(f"{changed.name} is now {changed.role}.")


@accounts.command()
def reset(name: Name, password_stdin: Stdin = False) -> None:
    """Give somebody a new password, and unlock the account; they are signed out everywhere."""
    by = single_user.local_person()
    account = managing.find_account(name, by)
    managing.reset_password(account.id, _read_password(password_stdin), by)
    typer.echo(f"{account.name} has a new password.")


@accounts.command()
def close(name: Name) -> None:
    """Let somebody in no longer; their decisions stay."""
    _set_active(name, False)


@accounts.command()
def reopen(name: Name) -> None:
    """Let somebody in again."""
    _set_active(name, True)


def _set_active(name: str, active: bool) -> None:
    by = single_user.local_person()
    changed = managing.change(managing.find_account(name, by).id, by, active=active)
    typer.echo(f"{changed.name} {'may sign in again' if active else 'is signed out and stays so'}.")


def _read_password(from_stdin: bool) -> str:
    """Never from the arguments: other users of the machine see those."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AccessError("There is no terminal to ask for the password on; give it with --password-stdin.")
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt="The same again"))
