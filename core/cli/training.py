"""`recipes`, `train`, `runs`, `show`, `stop`, `resume`, `delete`, `predict` and `compare`."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import follow_run, print_json, read_answers, read_dataset
from core.cli.options import Classes, Dataset, Format, Group, Images, Json, Masks, Pair, Unit, Void
from core.domain.recipe_settings import apply_settings
from core.domain.training import SplitSpec, TrainRequest
from core.errors import RecipeError, RunError
from core.models.recipes import find_recipe
from core.services import comparison, training, training_reports
from core.services.training import predicting

_POLL_SECONDS = 1.0

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, as `runs` lists it")]
Runs = Annotated[list[str], typer.Argument(metavar="RUN…", help="Runs to compare; the first is the baseline")]
Recipe = Annotated[str | None, typer.Option("--recipe", help="How to train; `recipes` lists them")]
Plan = Annotated[
    Path | None,
    typer.Option("--plan", metavar="PLAN.json", help="Its settings are solved anew for each fold"),
]
Folds = Annotated[
    int | None, typer.Option("--folds", min=2, max=20, help="k of a cross-validation; without: one hold-out")
]
Holdout = Annotated[
    float, typer.Option("--holdout", min=0.01, max=0.99, help="Share held out where there are no folds")
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, or one GPU as cuda:N")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the recipe, e.g. epochs=20; repeatable"),
]
Title = Annotated[str, typer.Option("--title", help="Shown in lists; made of recipe and plan if left out")]
Follow = Annotated[bool, typer.Option("--follow", help="Say on stderr how far it is, until it is over")]
SplitSeed = Annotated[int, typer.Option("--split-seed", min=0, help="The same seed gives the same folds")]


def recipes(as_json: Json = False) -> None:
    """List the recipes of the papers."""
    if as_json:
        print_json({"recipes": training_reports.recipes_report()})
    else:
        typer.echo(training_reports.recipes_text())


def train(
    dataset: Dataset,
    recipe: Recipe = None,
    plan: Plan = None,
    folds: Folds = None,
    holdout: Holdout = 0.2,
    split_seed: SplitSeed = 0,
    group: Group = None,
    device: Device = "auto",
    settings: Settings = None,
    title: Title = "",
    follow: Follow = False,
    format_: Format = None,
    images: Images = None,
    masks: Masks = None,
    pair: Pair = None,
    classes: Classes = None,
    void: Void = None,
    unit: Unit = None,
) -> None:
    """Start a training run in the background, or one from a SPEC.json; prints its id."""
    if recipe is None:
        request = _read_spec(dataset)
    else:
        chosen = apply_settings(find_recipe(recipe), settings or ())
        answers = read_answers(format_, images, masks, pair, classes, void, unit)
        scanned, _ = read_dataset(dataset, answers, quiet=False)
        split = SplitSpec(folds=folds, holdout=holdout, seed=split_seed, group_pattern=group)
        choice = training.choose_plan(plan, scanned)
        request = training.build_request(scanned, chosen, split, choice, device, title)
    run_id = training.start(request)
    typer.echo(run_id)
    if follow:
        _follow(run_id)


def runs(as_json: Json = False) -> None:
    """List all training runs, the latest first."""
    found = training.list_training()
    if as_json:
        print_json({"runs": [training_reports.run_report(run) for run in found]})
    else:
        typer.echo(training_reports.runs_text(found))


def show(run: Run, as_json: Json = False) -> None:
    """Say how far a run is, and every figure of every epoch."""
    seen = training.watch(run)
    if as_json:
        print_json(training_reports.show_report(seen))
    else:
        typer.echo(training_reports.show_text(seen))


def stop(run: Run) -> None:
    """Stop a run after its present batch, or take it out of the queue; its checkpoint is kept."""
    training.stop(run)


def resume(run: Run, follow: Follow = False) -> None:
    """Let a run go on from its last checkpoint."""
    training.resume(run)
    if follow:
        _follow(run)


def delete(run: Run) -> None:
    """Remove a run with its checkpoints and predictions."""
    training.delete(run)


def predict(
    run: Run,
    dataset: Annotated[
        str, typer.Argument(help="A dataset with masks to compare with, or a folder of images")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write: a new or empty folder")],
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Predict masks of other images with a run's models; the folds' answers are averaged."""
    progress = follow_run(predicting.start_prediction(run, dataset, out, device), quiet=as_json)
    if progress.state != "finished":
        raise RunError(progress.message or "The prediction ended without a word; start it again.")
    if as_json:
        print_json({"folder": progress.result["folder"], "images": int(progress.result["images"])})
    else:
        typer.echo(f"{progress.result['message']}\n{progress.result['folder']}")


def compare(runs: Runs, as_json: Json = False) -> None:
    """Compare runs: the best Dice of each class, the differences of their specs, and what may be believed."""
    found = comparison.read_runs(runs)
    if as_json:
        print_json(training_reports.compare_report(found))
    else:
        typer.echo(training_reports.compare_text(found))


def _read_spec(file: str) -> TrainRequest:
    path = Path(file)
    if path.suffix.lower() != ".json":
        raise RecipeError(
            "Training needs a recipe: add --recipe NAME (`counterpoise recipes` lists them), or name a "
            "SPEC.json in the place of DATASET."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{file} cannot be read as text ({error}); check the path.") from error
    return training_reports.read_spec_file(text, file)


def _follow(run_id: str) -> None:
    """Watch a run to its end; Ctrl-C stops watching, and the run goes on."""
    said = ""
    over = False
    while not over:
        line, over = training_reports.follow_line(run_id)
        if line != said:
            said = line
            typer.echo(line, err=True)
        if not over:
            time.sleep(_POLL_SECONDS)
    state = training.watch(run_id).run.progress
    if state.state != "finished":
        sys.exit(1)
