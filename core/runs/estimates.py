"""Estimates of training runs: what was measured before, kept in the workspace under what was asked."""

from hashlib import blake2b
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.domain.estimate import RunEstimate
from core.domain.training import TrainRequest
from core.workspace.files import write_atomic
from core.workspace.paths import workspace

_ENCODERS = "encoders.json"
_NAMES = TypeAdapter(tuple[str, ...])
REQUESTS: TypeAdapter[tuple[TrainRequest, ...]] = TypeAdapter(tuple[TrainRequest, ...])
"""What `arguments["requests"]` of an estimate holds, as JSON."""


def find_estimate(request: TrainRequest) -> RunEstimate | None:
    """A kept estimate; None where there is none, or where another version of this program wrote it."""
    try:
        return RunEstimate.model_validate_json(_path(request, "json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_estimate(request: TrainRequest, found: RunEstimate) -> None:
    """Keep what was measured."""
    write_atomic(_path(request, "json"), found.model_dump_json(indent=2))


def write_run(request: TrainRequest, run_id: str) -> None:
    """Say which run measures a request, for whoever comes back to the page."""
    write_atomic(_path(request, "run"), run_id)


def find_run_id(request: TrainRequest) -> str | None:
    """Which run measures, or measured, a request."""
    try:
        return _path(request, "run").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write_encoders(names: tuple[str, ...]) -> None:
    """Keep the names of all encoders for the page, which cannot ask torch."""
    write_atomic(workspace().home / _ENCODERS, _NAMES.dump_json(names))


def read_encoders() -> tuple[str, ...]:
    """The names of all encoders; empty before anything was measured."""
    try:
        return _NAMES.validate_json((workspace().home / _ENCODERS).read_bytes())
    except (FileNotFoundError, ValidationError):
        return ()


def _path(request: TrainRequest, ending: str) -> Path:
    """Requests that differ in names alone take equally long."""
    recipe = request.recipe.model_copy(update={"id": "any", "title": "any", "paper": "", "assumptions": ()})
    asked = request.model_copy(update={"title": "any", "experiment": "", "recipe": recipe})
    key = blake2b(asked.model_dump_json().encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return workspace().home / "estimates" / f"{key}.{ending}"
