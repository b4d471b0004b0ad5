"""The command line: the same services as the pages.

Exit status: 0 fine, 1 refused with a sentence on stderr, 2 wrong usage. With `--json`, one object on stdout.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.domain.balance import (
    BalanceSpec,
    Drift,
    DriftKind,
    Method,
    Parametrisation,
)
from core.domain.dataset import FormatName, PairingRule
from core.domain.proposal import Answers
from core.domain.scan import ScannedDataset
from core.errors import AppError
from core.services import balance as balancing
from core.services import commands, datasets

app = typer.Typer(
    name="counterpoise",
    help=__doc__.split("\n")[0] if __doc__ else "",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Dataset = Annotated[str, typer.Argument(help="A folder, a dataset.toml, or a label-table file")]
Format = Annotated[FormatName | None, typer.Option("--format", help="How masks store their classes")]
Images = Annotated[
    Path | None, typer.Option("--images", help="Image folder, absolute or relative to DATASET")
]
Masks = Annotated[Path | None, typer.Option("--masks", help="Mask folder, absolute or relative to DATASET")]
Pair = Annotated[PairingRule | None, typer.Option("--pair", help="How an image finds its mask")]
Classes = Annotated[Path | None, typer.Option("--classes", help="Class names: JSON, CSV or one name a line")]
Void = Annotated[
    list[str] | None, typer.Option("--void", help="A mask value that counts nowhere; repeatable")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else")]

Target = Annotated[str, typer.Option("--target", help="JSON file of class name → share, or preset:NAME")]
DriftOption = Annotated[
    DriftKind, typer.Option("--drift", help="What counts as moving away from the original")
]
Gamma = Annotated[float | None, typer.Option("--gamma", help="Price of drift: c itself", min=0)]
GammaRelative = Annotated[
    float | None,
    typer.Option("--gamma-relative", help="Price of drift, relative to the distance at the start", min=0),
]
MinEss = Annotated[
    float | None,
    typer.Option("--min-ess", help="Keep this effective sample size, share of N", min=0, max=1),
]
MethodOption = Annotated[Method, typer.Option("--method", help="Proved optimum, or gradient descent")]
Rate = Annotated[float | None, typer.Option("--lr", help="Descent: learning rate")]
Beta1 = Annotated[float | None, typer.Option("--beta1", help="Descent: Adam's β₁")]
Beta2 = Annotated[float | None, typer.Option("--beta2", help="Descent: Adam's β₂")]
Epsilon = Annotated[float | None, typer.Option("--eps", help="Descent: Adam's ε")]
Steps = Annotated[int | None, typer.Option("--steps", help="Descent: most steps")]
Form = Annotated[Parametrisation, typer.Option("--parametrisation", help="Descent: what is descended in")]
Size = Annotated[
    int | None, typer.Option("--size", help="B, images in the balanced set; if left out, as many as now")
]
MaxCopies = Annotated[int | None, typer.Option("--max-copies", help="M, most copies of one image")]
KeepOriginals = Annotated[bool, typer.Option("--keep-originals", help="Every image at least once")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write the plan here (.json), CSV and weights beside it")
]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop", is_eager=True)
    ] = False,
) -> None:
    """Balance multi-label segmentation datasets."""
    if version:
        typer.echo(balancing.app_version())
        raise typer.Exit


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it: a new or empty folder")],
    size: Annotated[int, typer.Option(help="Side of the square images in pixels")] = 512,
    images: Annotated[int, typer.Option(help="How many images")] = 115,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes", min=0)] = 0,
) -> None:
    """Write the synthetic fundus set: images, exact masks, and its own dataset.toml."""
    datasets.write_demo_folder(folder.absolute(), size, images, seed, _progress("drawing", quiet=False))
    typer.echo(str(folder.absolute()))


@app.command()
def scan(
    dataset: Dataset,
    format_: Format = None,
    images: Images = None,
    masks: Masks = None,
    pair: Pair = None,
    classes: Classes = None,
    void: Void = None,
    as_json: Json = False,
) -> None:
    """Read every mask once and say what is there."""
    answers = _answers(format_, images, masks, pair, classes, void)
    scanned, notes = _scan(dataset, answers, quiet=as_json)
    report = commands.scan_report(scanned, notes)
    _print_json(report) if as_json else typer.echo(commands.scan_text(report))


@app.command()
def balance(
    dataset: Dataset,
    target: Target,
    format_: Format = None,
    images: Images = None,
    masks: Masks = None,
    pair: Pair = None,
    classes: Classes = None,
    void: Void = None,
    drift: DriftOption = "chi2",
    gamma: Gamma = None,
    gamma_relative: GammaRelative = None,
    min_ess: MinEss = None,
    method: MethodOption = "optimum",
    lr: Rate = None,
    beta1: Beta1 = None,
    beta2: Beta2 = None,
    eps: Epsilon = None,
    steps: Steps = None,
    parametrisation: Form = "ratio",
    size: Size = None,
    max_copies: MaxCopies = None,
    keep_originals: KeepOriginals = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Find how many copies of each image bring the classes to the target."""
    _check_out(out)
    strength = _drift(drift, gamma, gamma_relative, min_ess)
    settings = commands.descent_settings(
        parametrisation, lr=lr, beta1=beta1, beta2=beta2, eps=eps, steps=steps
    )
    bounds = commands.bounds(size, max_copies, keep_originals)
    scanned, _ = _scan(dataset, _answers(format_, images, masks, pair, classes, void), quiet=as_json)
    start = time.perf_counter()
    table = balancing.label_table(scanned)
    spec = BalanceSpec(
        targets=commands.read_target_argument(target, table),
        drift=strength,
        bounds=bounds,
        method=method,
        descent=settings,
    )
    outcome = balancing.solve(table, spec)
    seconds = time.perf_counter() - start
    if out is not None:
        commands.write_plan_file(out.absolute(), scanned, outcome)
    report = commands.balance_report(outcome, seconds, out.absolute() if out else None)
    _print_json(report) if as_json else typer.echo(commands.balance_text(report))


def _check_out(out: Path | None) -> None:
    if out is not None and out.suffix.lower() != ".json":
        raise typer.BadParameter(
            f"{out.name} must end in .json; the CSV and the weights are written beside it."
        )


def _answers(
    format_: FormatName | None,
    images: Path | None,
    masks: Path | None,
    pair: PairingRule | None,
    classes: Path | None,
    void: list[str] | None,
) -> Answers:
    return Answers(
        format=format_,
        images=images,
        masks=masks,
        pairing=pair,
        classes=commands.read_class_file(classes) if classes else None,
        void=tuple(void) if void else None,
    )


def _drift(kind: DriftKind, gamma: float | None, relative: float | None, min_ess: float | None) -> Drift:
    if sum(value is not None for value in (gamma, relative, min_ess)) > 1:
        raise typer.BadParameter(
            "--gamma, --gamma-relative and --min-ess each set the same dial; give one of them."
        )
    if gamma is not None:
        return Drift(kind=kind, strength="raw", value=gamma)
    if min_ess is not None:
        return Drift(kind=kind, strength="min_ess", value=min_ess)
    return Drift(kind=kind, strength="relative", value=0.02 if relative is None else relative)


def _scan(dataset: str, answers: Answers, quiet: bool) -> tuple[ScannedDataset, tuple[str, ...]]:
    """The scan, and what a person should know of how DATASET was understood: said on stderr unless quiet."""
    spec, notes = commands.understand(dataset, answers)
    for note in () if quiet else notes:
        typer.echo(f"Note: {note}", err=True)
    return datasets.scan_now(spec, _progress("reading", quiet)), notes


def _progress(verb: str, quiet: bool) -> Callable[[int, int], None] | None:
    """A counter on stderr for people; nothing for pipes."""
    if quiet or not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        typer.echo(f"\r{verb} {done} of {total}", err=True, nl=done == total)

    return show


def _print_json(report: dict[str, Any]) -> None:
    typer.echo(json.dumps(report, ensure_ascii=False, allow_nan=False))


def main() -> None:
    """Run the command line; a refusal is one sentence on stderr and exit status 1."""
    try:
        app()
    except AppError as error:
        typer.echo(f"counterpoise: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
