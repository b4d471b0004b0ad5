"""One run, one folder: what is written there, and by whom.

`spec.json` is written once before the start; `events.jsonl` has one writer, the worker; `worker.json` says
which process that is; an empty file `cancel` asks it to stop; `result.json` appears at the end; `log.txt`
holds its output. A run that waits for its device has a file `queued`.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

from pydantic import Field, ValidationError

from core.domain.base import FrozenModel
from core.domain.events import RunEvent
from core.errors import RunError
from core.workspace.files import cut_half_line, write_atomic
from core.workspace.paths import workspace

JobKind = Literal[
    "scan", "demo", "probe", "materialise", "preview", "hashes", "duplicates",
    "intensity", "equal", "peers", "train", "estimate", "predict", "export", "review", "measure",
    "review_export", "review_bundle", "review_dataset", "review_open",
]  # fmt: skip


class RunSpec(FrozenModel):
    """The frozen input of a run; `arguments` are the kind's own, all as text."""

    kind: JobKind
    created: float = Field(description="Seconds since the epoch, UTC")
    arguments: dict[str, str] = Field(default_factory=dict)


class WorkerIdentity(FrozenModel):
    """Which process works on a run; a pid alone is reused, a pid with its start time is not."""

    pid: int
    started: float = Field(description="The process's start time, seconds since the epoch")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @property
    def log(self) -> Path:
        """What the worker printed."""
        return self.path / "log.txt"

    def read_spec(self) -> RunSpec:
        """Read the frozen input.

        Raises:
            RunError: there is no such run, or its file is damaged.
        """
        try:
            return RunSpec.model_validate_json((self.path / "spec.json").read_bytes())
        except FileNotFoundError:
            raise RunError(f"There is no run {self.id}; it may have been deleted.") from None
        except ValidationError as error:
            raise RunError(f"The run {self.id} has a damaged spec.json; start it again.") from error

    def write_worker(self, identity: WorkerIdentity) -> None:
        """Say which process works on this run."""
        write_atomic(self.path / "worker.json", identity.model_dump_json())

    def find_worker(self) -> WorkerIdentity | None:
        """The process that works, or worked, on this run."""
        try:
            return WorkerIdentity.model_validate_json((self.path / "worker.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def forget_worker(self) -> None:
        """Nobody works on this run any more."""
        (self.path / "worker.json").unlink(missing_ok=True)

    def enter_queue(self) -> None:
        """Wait for the run's device, from now on."""
        write_atomic(self.path / "queued", repr(time.time()))

    def leave_queue(self) -> None:
        """Wait no longer."""
        (self.path / "queued").unlink(missing_ok=True)

    def waits_since(self) -> float | None:
        """When this run began to wait, seconds since the epoch; None where it does not."""
        try:
            return float((self.path / "queued").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def repair_events(self) -> None:
        """Cut off a line that a killed worker left half written; only for who may append."""
        cut_half_line(self.path / "events.jsonl")

    def append(self, event: RunEvent) -> None:
        """Add one event; only the worker may, or where none lives whoever holds the queue."""
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(event.model_dump_json() + "\n")

    def read_events(self) -> list[RunEvent]:
        """All events so far; a line that is still being written is left for the next time."""
        try:
            text = (self.path / "events.jsonl").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        complete = text[: text.rfind("\n") + 1]
        return [RunEvent.model_validate_json(line) for line in complete.splitlines()]

    def ask_to_stop(self) -> None:
        """Ask the worker to stop at the next safe point."""
        write_atomic(self.path / "cancel", b"")

    def withdraw_stop(self) -> None:
        """Let the next worker go on."""
        (self.path / "cancel").unlink(missing_ok=True)

    @property
    def stop_asked(self) -> bool:
        """Whether someone asked the worker to stop."""
        return (self.path / "cancel").exists()

    def write_result(self, result: Mapping[str, str]) -> None:
        """Leave the answer; it appears whole or not at all."""
        write_atomic(self.path / "result.json", json.dumps(dict(result), indent=2))

    def read_result(self) -> dict[str, str]:
        """The answer, or an empty dict while there is none."""
        try:
            result: dict[str, str] = json.loads((self.path / "result.json").read_bytes())
        except FileNotFoundError:
            return {}
        return result


def create_run(kind: JobKind, arguments: Mapping[str, str]) -> RunFolder:
    """Make the folder of a new run, with its frozen input.

    Raises:
        WorkspaceError: the workspace cannot be written.
    """
    now = time.time()
    # To the millisecond: names are what tells which of two runs is the later one
    stamp = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}{int(now % 1 * 1000):03d}"
    folder = RunFolder(workspace().run(f"{kind}-{stamp}-{uuid4().hex[:6]}"))
    spec = RunSpec(kind=kind, created=now, arguments=dict(arguments))
    write_atomic(folder.path / "spec.json", spec.model_dump_json(indent=2))
    return folder


def find_run(run_id: str) -> RunFolder:
    """The folder of a run by its id.

    Raises:
        RunError: there is no such run.
        WorkspaceError: the id is not one that this program gives.
    """
    folder = RunFolder(workspace().run(run_id))
    folder.read_spec()
    return folder


def list_runs(kind: JobKind) -> list[RunFolder]:
    """The runs of one kind, latest first."""
    root = workspace().runs
    found = sorted(root.glob(f"{kind}-*/spec.json"), reverse=True) if root.is_dir() else []
    return [RunFolder(path.parent) for path in found]
