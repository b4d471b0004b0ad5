"""`audit verify`."""

from typing import Annotated

import typer

from core.cli.console import print_json
from core.cli.options import Json
from core.reviews.ledger import Verification
from core.services import audit as auditing

audit = typer.Typer(help="Check the ledger of decisions.", no_args_is_help=True)
_ADVICE = (
    "Note that line where nobody who can write to the database can write, and give it next time with "
    "--noted: only so is a ledger that was cut or written anew as a whole found."
)


@audit.callback()
def about() -> None:
    """Check the ledger of decisions."""


@audit.command()
def verify(
    noted: Annotated[
        str, typer.Option("--noted", metavar="NUMBER:HASH", help="Where the ledger ended when last noted")
    ] = "",
    as_json: Json = False,
) -> None:
    """Name the first broken record, and each corrected mask that was changed; exit status 1 if any is."""
    found = auditing.verify(noted)
    masks, faults = auditing.verify_masks()
    if as_json:
        print_json(auditing.report(found, masks, faults))
    else:
        _say_ledger(found, advice="" if noted else _ADVICE)
        _say_masks(masks, faults)
    if faults or not found.intact:
        raise typer.Exit(1)


def _say_ledger(found: Verification, advice: str) -> None:
    if found.fault is not None:
        typer.echo(f"Broken at record {found.fault.seq}: {found.fault.sentence}", err=True)
        which = "before it " if found.fault.seq > found.records else ""
        typer.echo(f"The {found.records} records {which}are as they were written.", err=True)
        return
    typer.echo(f"Intact: {found.records} records are as they were written.")
    typer.echo(f"It ends with {found.last}")
    if advice:
        typer.echo(advice)


def _say_masks(masks: int, faults: list[auditing.MaskFault]) -> None:
    for fault in faults:
        typer.echo(f"The mask of record {fault.record}: {fault.sentence}", err=True)
    if masks and not faults:
        typer.echo(f"Corrected masks: all {masks} are as they were saved.")
