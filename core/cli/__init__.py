"""The command line: the same services as the pages.

Exit status: 0 fine, 1 refused with a sentence on stderr, 2 wrong usage. With `--json`, one object on stdout.
"""

import sys
import warnings
from typing import Annotated

import typer

from core.cli.accounts import accounts
from core.cli.audit import audit
from core.cli.balance import balance
from core.cli.dataset import demo, scan
from core.cli.export import export
from core.cli.materialise import materialise
from core.cli.renew import renew
from core.cli.review import review
from core.cli.split import split
from core.cli.training import compare, delete, predict, recipes, resume, runs, show, stop, train
from core.cli.window import desktop, open_app
from core.errors import AppError
from core.services import balance as balancing

app = typer.Typer(
    name="counterpoise",
    help=__doc__.split("\n")[0] if __doc__ else "",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop", is_eager=True)
    ] = False,
) -> None:
    """Balance multi-label segmentation datasets, train on them, and compare the runs."""
    if version:
        typer.echo(balancing.app_version())
        raise typer.Exit


def main() -> None:
    """Run the command line; a refusal is one sentence on stderr and exit status 1."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # what they warn of, problems say better
    try:
        app()
    except AppError as error:
        typer.echo(f"counterpoise: {error}", err=True)
        sys.exit(1)


app.callback(invoke_without_command=True)(root)
for command in (
    demo, scan, balance, renew, split, materialise,
    recipes, train, runs, show, stop, resume, delete, predict, export, compare, desktop,
):  # fmt: skip
    app.command()(command)
app.command("app")(open_app)
app.add_typer(accounts, name="accounts")
app.add_typer(audit, name="audit")
app.add_typer(review, name="review")
