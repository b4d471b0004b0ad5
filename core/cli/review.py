"""`review list`, `export`, `bundle`, `open`, `answers`, `merge` and `dataset`.

The command line acts as the person of the operating system, whom nobody has verified; the ledger says so.
"""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import count_up, follow_run, print_json
from core.cli.options import Json
from core.domain.review_export import BundleCases, ExportFormat, Unreviewed
from core.errors import ReviewError, RunError
from core.reviews.opening import Review
from core.runs.progress import RunProgress
from core.services.reviews import bundles, exports, new_version, opening
from core.services.single_user import local_person

review = typer.Typer(help="Write reviewed masks out, and send reviews to others.", no_args_is_help=True)

ReviewId = Annotated[str, typer.Argument(metavar="REVIEW", help="A review's id, or how it begins")]
Folder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to: a new or empty folder")]
NewFile = Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="Where to: a new file")]
Sent = Annotated[Path, typer.Argument(metavar="FILE.zip", help="What somebody has sent")]


@review.command("list")
def list_all(as_json: Json = False) -> None:
    """List all reviews, the latest first."""
    found = opening.list_reviews()
    if as_json:
        print_json({"reviews": [_describe(item) for item in found]})
        return
    for item in found:
        closed = ", closed" if item.closed else ""
        typer.echo(f"{item.id}  {item.created[:10]}  {item.spec.title}{closed}")


@review.command()
def export(
    review_id: ReviewId,
    out: Folder,
    format_: Annotated[ExportFormat, typer.Option("--format", help="What is written")] = "index",
    classes: Annotated[
        list[str] | None, typer.Option("--class", metavar="NAME", help="Only this class; repeatable")
    ] = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Undecided cases too, with their prediction")
    ] = False,
    rejected_classes: Annotated[
        bool, typer.Option("--rejected-classes", help="Cases of which a class was rejected too")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write accepted and corrected masks for other programs."""
    found = _find(review_id)
    run = exports.start_export(
        found.id, format_, out, local_person(), tuple(classes or ()), not undecided, rejected_classes
    )
    progress = _follow(run, as_json)
    if as_json:
        print_json({"folder": progress.result["folder"], "cases": int(progress.result["cases"])})
    else:
        typer.echo(f"{progress.result['message']}\n{progress.result['folder']}")


@review.command()
def bundle(
    review_id: ReviewId,
    out: NewFile,
    cases: Annotated[
        BundleCases, typer.Option("--cases", help="All cases, or those not decided yet")
    ] = "all",
    references: Annotated[
        bool, typer.Option("--references", help="The dataset's own masks go along")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="Names of image files go along")] = False,
    as_json: Json = False,
) -> None:
    """Write one file that another installation can review without model or GPU."""
    found = _find(review_id)
    progress = _follow(bundles.start_bundle(found.id, out, local_person(), cases, references, names), as_json)
    if as_json:
        print_json({"file": progress.result["file"], "cases": int(progress.result["cases"])})
    else:
        typer.echo(f"{progress.result['message']}\n{progress.result['file']}")


@review.command("open")
def open_sent(file: Sent, as_json: Json = False) -> None:
    """Open a bundle that somebody has sent, as a review of this workspace."""
    count = count_up("checking", as_json)

    def report(done: int, total: int, message: str) -> None:
        if count is not None:
            count(done, total)

    found = bundles.open_bundle(file, file.name, local_person(), report)
    if as_json:
        print_json(_describe(found))
    else:
        typer.echo(found.id)


@review.command()
def answers(review_id: ReviewId, out: NewFile, as_json: Json = False) -> None:
    """Write the decisions on a bundle into the file that goes back to its sender."""
    found = _find(review_id)
    count = bundles.save_answers(found.id, out, local_person())
    if as_json:
        print_json({"file": str(out), "decisions": count})
    else:
        typer.echo(f"{count:,} decisions.\n{out}")


@review.command()
def merge(review_id: ReviewId, file: Sent, as_json: Json = False) -> None:
    """Bring decisions on a bundle back into the review that it was made from; twice does no harm."""
    merged = bundles.merge(_find(review_id).id, file, file.name, local_person())
    if as_json:
        conflicts = [
            {"case": item.position, "sample": item.sample, "what": item.sentence} for item in merged.conflicts
        ]
        print_json({"added": merged.added, "known": merged.known, "conflicts": conflicts})
        return
    typer.echo(f"{merged.added:,} decisions added, {merged.known:,} were here already.")
    for item in merged.conflicts:
        typer.echo(f"Conflict, case {item.position} ({item.sample}): {item.sentence}")


@review.command()
def dataset(
    review_id: ReviewId,
    out: Folder,
    name: Annotated[str, typer.Option("--name", help="Title of the new dataset")] = "",
    unreviewed: Annotated[
        Unreviewed, typer.Option("--unreviewed", help="Samples without an outcome: out, or as they are")
    ] = "leave_out",
    rejected: Annotated[
        Unreviewed, typer.Option("--rejected", help="The same for rejected predictions")
    ] = "leave_out",
    as_json: Json = False,
) -> None:
    """Make a dataset whose references are the reviewed masks, ready to balance and train."""
    found = _find(review_id)
    run = new_version.start_new_dataset(found.id, out, name, local_person(), unreviewed, rejected)
    report = new_version.read_report(_follow(run, as_json))
    if as_json:
        print_json({"folder": str(report.folder), "dataset": report.dataset, "samples": report.samples})
    else:
        typer.echo(f"{report.message}\n{report.folder}")


def _find(start: str) -> Review:
    found = [item for item in opening.list_reviews() if item.id.startswith(start)]
    if len(found) != 1 or not start:
        what = "Several reviews begin" if found else "No review begins"
        raise ReviewError(f"{what} with {start!r}; `counterpoise review list` names all of them.")
    return found[0]


def _follow(run_id: str, quiet: bool) -> RunProgress:
    progress = follow_run(run_id, quiet)
    if progress.state != "finished":
        raise RunError(progress.message or f"The run {run_id} ended without a word; start it again.")
    return progress


def _describe(item: Review) -> dict[str, object]:
    return {"id": item.id, "title": item.spec.title, "created": item.created, "closed": item.closed}
