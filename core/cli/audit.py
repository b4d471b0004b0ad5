"""`audit verify`."""

from typing import Annotated

import typer

from core.cli.console import print_json
from core.cli.options import Json
from core.services import audit as auditing

audit = typer.Typer(help="Check the ledger of decisions.", no_args_is_help=True)


@audit.callback()
def about() -> None:
    """Check the ledger of decisions."""


@audit.command()
def verify(
    noted: Annotated[
        str,
        typer.Option("--noted", metavar="NUMBER:HASH", help="Where the ledger ended when you last noted it"),
    ] = "",
    as_json: Json = False,
) -> None:
    """Walk the ledger from its first record and name the first that is broken; exit status 1 if one is."""
    found = auditing.verify(noted)
    if as_json:
        print_json(auditing.report(found))
    elif found.fault is not None:
        typer.echo(f"Broken at record {found.fault.seq}: {found.fault.sentence}", err=True)
        typer.echo(f"The {found.records} records before it are as they were written.", err=True)
    else:
        typer.echo(f"Intact: {found.records} records are as they were written.")
        typer.echo(f"It ends with {found.last}")
        if not noted:
            typer.echo(
                "Note that line where nobody who can write to the database can write, and give it next time "
                "with --noted: only so is a ledger that was cut or written anew as a whole found."
            )
    if not found.intact:
        raise typer.Exit(1)
