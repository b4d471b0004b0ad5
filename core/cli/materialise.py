"""`materialise`."""

import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import follow_run, print_json
from core.cli.options import Json
from core.domain.augmentation import LayoutName, LinkMode, MaterialiseSpec
from core.errors import RunError
from core.services import materialise as materialising

Plan = Annotated[Path, typer.Argument(metavar="PLAN.json", help="The plan that `balance --out` has written")]
Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Where to: a new or empty folder, or one to go on with")
]
Link = Annotated[
    LinkMode,
    typer.Option(
        "--link", help="Originals as hard links (editing one edits the dataset's file), or as copies"
    ),
]
LayoutOption = Annotated[
    LayoutName, typer.Option("--layout", help="Where files lie, and how masks are stored")
]
Workers = Annotated[int, typer.Option("--workers", help="Processes that write", min=1, max=64)]


def materialise(
    plan: Plan,
    folder: Folder,
    link: Link = "hard",
    layout: LayoutOption = "plain",
    workers: Workers = 2,
    as_json: Json = False,
) -> None:
    """Write the balanced set: every image as often as the plan says, duplicates augmented."""
    begin = time.perf_counter()
    run_id = materialising.start(plan, folder, MaterialiseSpec(link=link, layout=layout, workers=workers))
    progress = follow_run(run_id, quiet=as_json)
    if progress.state != "finished":
        raise RunError(progress.message or f"The run {run_id} ended without a word; start it again.")
    report = materialising.read_report(progress)
    for problem in report.problems:
        typer.echo(f"{problem.file}: {problem.problem}", err=True)
    if as_json:
        print_json(materialising.report_object(report, time.perf_counter() - begin))
    else:
        typer.echo(f"{report.message}\n{report.folder}")
