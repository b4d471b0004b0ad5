"""`balance`."""

import time
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import print_json, read_answers, read_dataset
from core.cli.options import (
    Classes,
    ClassPattern,
    Dataset,
    Format,
    IdColumn,
    Images,
    Json,
    Masks,
    Pair,
    Separator,
    Threshold,
    Unit,
    Void,
)
from core.domain.balance import BalanceSpec, Drift, DriftKind, Method, Parametrisation, Quantity, StrengthKind
from core.domain.scan import ScannedDataset
from core.services import balance as balancing
from core.services import command_reports, commands

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
GammaCopies = Annotated[
    int | None,
    typer.Option("--gamma-copies", help="The least price of drift at which no image has more copies", min=1),
]
QuantityOption = Annotated[
    Quantity,
    typer.Option("--quantity", help="What is balanced: images with a class, its share of pixels, or both"),
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


def balance(
    dataset: Dataset,
    target: Target,
    format_: Format = None,
    images: Images = None,
    masks: Masks = None,
    pair: Pair = None,
    classes: Classes = None,
    void: Void = None,
    unit: Unit = None,
    class_pattern: ClassPattern = None,
    threshold: Threshold = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    quantity: QuantityOption = "presence",
    drift: DriftOption = "chi2",
    gamma: Gamma = None,
    gamma_relative: GammaRelative = None,
    min_ess: MinEss = None,
    gamma_copies: GammaCopies = None,
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
    check_out(out)
    strength = _drift(drift, gamma, gamma_relative, min_ess, gamma_copies)
    settings = commands.descent_settings(
        parametrisation, lr=lr, beta1=beta1, beta2=beta2, eps=eps, steps=steps
    )
    bounds = commands.bounds(size, max_copies, keep_originals)
    answers = read_answers(
        format_, images, masks, pair, classes, void, unit, class_pattern, threshold, id_column, separator
    )
    scanned, _ = read_dataset(dataset, answers, quiet=as_json)
    start = time.perf_counter()
    table = balancing.quantity_table(scanned, quantity)
    targets, pixel_targets = commands.read_target_arguments(target, quantity, scanned, table)
    spec = BalanceSpec(
        targets=targets,
        quantity=quantity,
        pixel_targets=pixel_targets,
        drift=strength,
        bounds=bounds,
        method=method,
        descent=settings,
    )
    outcome = balancing.solve(table, spec)
    _tell(scanned, outcome, time.perf_counter() - start, out, as_json)


def _tell(
    scanned: ScannedDataset, outcome: balancing.Outcome, seconds: float, out: Path | None, as_json: bool
) -> None:
    """Write the plan where it is wanted, and print what came of it."""
    if out is not None:
        commands.write_plan_file(out.absolute(), scanned, outcome)
    report = command_reports.balance_report(outcome, seconds, out.absolute() if out else None)
    if outcome.spec.quantity != "presence":
        report["all_pixels"] = balancing.compute_all_pixel_shares(scanned, outcome.whole.copies)
    print_json(report) if as_json else typer.echo(command_reports.balance_text(report))


def check_out(out: Path | None) -> None:
    """Refuse a name that the plan's three files cannot be told by."""
    if out is not None and out.suffix.lower() != ".json":
        raise typer.BadParameter(
            f"{out.name} must end in .json; the CSV and the weights are written beside it."
        )


def _drift(
    kind: DriftKind, gamma: float | None, relative: float | None, min_ess: float | None, copies: int | None
) -> Drift:
    dials: dict[StrengthKind, float | None] = {
        "raw": gamma,
        "relative": relative,
        "min_ess": min_ess,
        "max_copies": copies,
    }
    given = [(strength, value) for strength, value in dials.items() if value is not None]
    if len(given) > 1:
        raise typer.BadParameter(
            "--gamma, --gamma-relative, --min-ess and --gamma-copies set the same dial; give one of them."
        )
    return Drift(kind=kind, strength=given[0][0], value=given[0][1]) if given else Drift(kind=kind)
