"""`renew`."""

import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli.balance import Out, check_out
from core.cli.console import count_up, print_json
from core.cli.options import Json
from core.services import balance as balancing
from core.services import command_reports, commands, datasets

Plan = Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan that `balance --out` has written")]


def renew(plan: Plan, out: Out = None, as_json: Json = False) -> None:
    """Solve an earlier plan's target, γ, size and caps anew, on its dataset as it is now."""
    check_out(out)
    earlier = balancing.read_plan(plan)
    answers = datasets.find_kept(earlier.dataset.root) or earlier.dataset.spec
    scanned = datasets.scan_now(answers, count_up("reading", quiet=as_json))
    start = time.perf_counter()
    outcome, notes = balancing.solve_anew(earlier, scanned)
    seconds = time.perf_counter() - start
    if out is not None:
        commands.write_plan_file(out.absolute(), scanned, outcome)
    report = command_reports.balance_report(outcome, seconds, out.absolute() if out else None)
    if as_json:
        print_json({**report, "notes": list(notes)})
    else:
        typer.echo("\n".join([command_reports.balance_text(report), *notes]))
