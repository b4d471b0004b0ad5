"""The worker: one process, one run. Started as `python -m core.jobs.worker RUN_DIR`, never imported."""

import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from core.domain.events import RunEvent
from core.errors import AppError, CancelledError
from core.jobs.demo import run_demo
from core.jobs.duplicates import run_duplicates
from core.jobs.equal import run_equal
from core.jobs.estimate import run_estimate
from core.jobs.export import run_export
from core.jobs.hashes import run_hashes
from core.jobs.intensity import run_intensity
from core.jobs.materialise import run_materialise
from core.jobs.measure import run_measure
from core.jobs.peers import run_peers
from core.jobs.predict import run_predict
from core.jobs.preview import run_preview
from core.jobs.probe import run_probe
from core.jobs.queue import start_waiting
from core.jobs.review import run_review
from core.jobs.review_export import (
    run_review_bundle,
    run_review_dataset,
    run_review_export,
    run_review_open,
)
from core.jobs.scan import run_scan
from core.jobs.train import run_train
from core.runs.folder import JobKind, RunFolder

Report = Callable[[int, int, str], None]
StopAsked = Callable[[], bool]
JOBS: dict[JobKind, Callable[[Mapping[str, str], Report, StopAsked], dict[str, str]]] = {
    "scan": run_scan,
    "demo": run_demo,
    "probe": run_probe,
    "materialise": run_materialise,
    "preview": run_preview,
    "intensity": run_intensity,
    "equal": run_equal,
    "hashes": run_hashes,
    "duplicates": run_duplicates,
    "peers": run_peers,
    "predict": run_predict,
    "export": run_export,
    "review": run_review,
    "measure": run_measure,
    "review_export": run_review_export,
    "review_bundle": run_review_bundle,
    "review_dataset": run_review_dataset,
    "review_open": run_review_open,
}
# Jobs that keep more in their folder than a result.
FOLDER_JOBS: dict[JobKind, Callable[[RunFolder, Report, StopAsked], dict[str, str]]] = {
    "train": run_train,
    "estimate": run_estimate,
}

# Pages look a few times a second; a line per file would make a log of millions.
_REPORT_SECONDS = 0.2


class Reporter:
    """Writes events, progress no more often than pages look."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._last = 0.0
        self.done = 0
        self.total = 0

    def report(self, done: int, total: int, message: str) -> None:
        """Say how far the work is."""
        now = time.time()
        self.done, self.total = done, total
        if now - self._last >= _REPORT_SECONDS or 0 < done == total:
            self._last = now
            self.say("progress", message)

    def say(self, kind: str, message: str) -> None:
        """Write one event."""
        event = {
            "time": time.time(),
            "kind": kind,
            "done": self.done,
            "total": self.total,
            "message": message,
        }
        self._folder.append(RunEvent.model_validate(event))


def work(folder: RunFolder) -> int:
    """Do one run to its end, whatever that is; returns the exit code."""
    reporter = Reporter(folder)
    asked = False

    def note_signal(_number: int, _frame: object) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, note_signal)
    try:
        spec = folder.read_spec()
        folder.repair_events()
        reporter.say("started", "")
        job = FOLDER_JOBS.get(spec.kind)

        def stop() -> bool:
            return asked or folder.stop_asked

        result = (
            JOBS[spec.kind](spec.arguments, reporter.report, stop)
            if job is None
            else job(folder, reporter.report, stop)
        )
        folder.write_result(result)
        reporter.done = reporter.total
        reporter.say("finished", result.get("message", ""))
    except CancelledError as stopped:
        reporter.say("cancelled", str(stopped))
        return 1
    except AppError as error:
        reporter.say("failed", str(error))
        return 1
    except Exception as error:  # the edge of the process: whatever happens, the page must hear of it
        traceback.print_exc()
        reporter.say(
            "failed", f"Something unexpected stopped the work ({type(error).__name__}); the log has it."
        )
        return 1
    return 0


def main(folder: RunFolder) -> int:
    """Do one run, then let the next one that waits for the device begin; returns the exit code."""
    code = work(folder)
    start_waiting(ending=folder.id)
    return code


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1]))))
