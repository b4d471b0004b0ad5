"""A run's model as files for other programs."""

import importlib.util
from pathlib import Path

from core.domain.training import ExportRequest
from core.errors import TrainingError
from core.jobs.submit import start
from core.runs.folder import find_run
from core.runs.history import read_request
from core.services.balance.plans import app_version

_NEEDED = ("onnx", "onnxruntime", "onnxscript")


def start_export(
    run_id: str,
    onnx: Path | None = None,
    safetensors: Path | None = None,
    fold: int | None = None,
    class_name: str | None = None,
) -> str:
    """Write a trained model in the background; returns the id of the run that does it.

    Args:
        run_id: A training run with at least one trained fold.
        onnx: Where the ONNX file goes.
        safetensors: Where the weights with their description go.
        fold: Counted from 1; None takes the one with the best score.
        class_name: Whose best epoch is taken; None: the epoch of the best vDice.

    Raises:
        RunError: There is no such training run, or the process cannot be started.
        TrainingError: Nothing is asked for, a file has another ending, or the extra `onnx` is missing.
    """
    read_request(find_run(run_id))
    if onnx is None and safetensors is None:
        raise TrainingError("Say what to write: --onnx FILE.onnx, --safetensors FILE.safetensors, or both.")
    if onnx is not None and any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise TrainingError(
            "ONNX needs the extra “onnx”: `python -m pip install -e '.[onnx]'` in the program's folder. "
            "--safetensors works without it."
        )
    request = ExportRequest(
        run=run_id,
        onnx=_check_file(onnx, ".onnx"),
        safetensors=_check_file(safetensors, ".safetensors"),
        fold=fold,
        class_name=class_name,
        app_version=app_version(),
    )
    return start("export", request)


def _check_file(file: Path | None, ending: str) -> Path | None:
    if file is not None and file.suffix.lower() != ending:
        raise TrainingError(f"{file.name} must end in {ending}, so that other programs know what it is.")
    return None if file is None else file.expanduser().absolute()
