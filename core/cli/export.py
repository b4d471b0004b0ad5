"""`export`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import follow_run, print_json
from core.cli.options import Json
from core.cli.training import Run
from core.errors import RunError
from core.services.training import exporting

Onnx = Annotated[
    Path | None, typer.Option("--onnx", metavar="FILE", help="The network with its normalisation, as ONNX")
]
Safetensors = Annotated[
    Path | None, typer.Option("--safetensors", metavar="FILE", help="Weights with their description")
]
Fold = Annotated[int | None, typer.Option("--fold", min=1, help="Which; the best if left out")]
ClassName = Annotated[
    str | None, typer.Option("--class", metavar="NAME", help="The best epoch of this class, not of vDice")
]


def export(
    run: Run,
    onnx: Onnx = None,
    safetensors: Safetensors = None,
    fold: Fold = None,
    class_name: ClassName = None,
    as_json: Json = False,
) -> None:
    """Write a run's model for other programs; an ONNX file's answers are compared with torch's first."""
    progress = follow_run(exporting.start_export(run, onnx, safetensors, fold, class_name), quiet=as_json)
    if progress.state != "finished":
        raise RunError(progress.message or "The export ended without a word; start it again.")
    result = progress.result
    files = [result[kind] for kind in ("onnx", "safetensors") if kind in result]
    if as_json:
        check = json.loads(result["check"]) if "check" in result else None
        print_json({"files": files, "model": json.loads(result["description"]), "check": check})
    else:
        typer.echo("\n".join([result["message"], *files]))
