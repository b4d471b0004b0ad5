"""Figures for other tools: TensorBoard's event files in every run's folder, and MLflow where it is asked for.

    RUN/tensorboard/foldK/    loss, vDice, Dice and IoU of each class, learning rate, images a second

A step is an epoch. MLflow is on when `MLFLOW_TRACKING_URI` is set and the extra `mlflow` is installed;
whatever becomes of its server, the run goes on.
"""

import importlib.util
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from torch.utils.tensorboard import SummaryWriter

from core.domain.training import EpochRecord, TrainRequest

URI = "MLFLOW_TRACKING_URI"
_TAG = "counterpoise.fold"
_LONGEST = 500  # characters of a parameter; servers refuse much longer ones
_AT_ONCE = 100  # parameters a request; servers refuse more
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}  # seconds, times
_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Something that keeps the figures of one fold; used by the first rank alone."""

    def begin(self, epochs_done: int) -> None:
        """Before the first step; a run that goes on has epochs behind it."""

    def write(self, record: EpochRecord) -> None:
        """At the end of each epoch."""

    def close(self, finished: bool) -> None:
        """At the end of the fold, or where it was stopped."""


def open_sinks(request: TrainRequest, folder: Path, environment: Mapping[str, str]) -> list[Sink]:
    """The sinks of one fold; nothing is written yet.

    Args:
        request: What was asked.
        folder: The fold's checkpoints, `RUN/checkpoints/foldK`.
        environment: Where MLflow's server is named.
    """
    run = folder.parent.parent
    sinks: list[Sink] = [TensorBoardSink(run / "tensorboard" / folder.name)]
    if uri := environment.get(URI):
        if importlib.util.find_spec("mlflow") is None:
            _log.warning(
                "%s is set, but MLflow is not installed, so nothing is sent there; "
                "`python -m pip install -e '.[mlflow]'` installs it.",
                URI,
            )
        else:
            sinks.append(MlflowSink(uri, request, f"{run.name}/{folder.name}"))
    return sinks


def describe_scalars(record: EpochRecord) -> dict[str, float]:
    """The figures of an epoch by the names that sinks show; those that do not exist are left out.

    Dice and IoU of the classes are those of the validation part, from counts summed over its images.
    """
    train, validation = record.train, record.validation
    found = {
        "loss/train": train.loss,
        "loss/validation": validation.loss,
        "vDice/train": train.vdice,
        "vDice/validation": validation.vdice,
        **{f"Dice/{name}": value for name, value in validation.dice.items()},
        **{f"IoU/{name}": value for name, value in validation.iou.items()},
        "learning rate": record.lr,
        "images per second": record.images_per_second,
    }
    return {name: value for name, value in found.items() if value is not None}


def flatten_request(request: TrainRequest) -> dict[str, str]:
    """Every setting of a run by its dotted name, lists as JSON, long ones cut."""
    return _flatten(request.model_dump(mode="json"), "")


class TensorBoardSink:
    """Event files of one fold.

    Args:
        folder: Where to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: SummaryWriter | None = None  # opened late: it does not cross to other processes

    def begin(self, epochs_done: int) -> None:
        """Open a file; epochs that a killed run wrote and now repeats are not shown twice."""
        first = epochs_done + 1
        self._writer = SummaryWriter(str(self._folder), purge_step=first if self._folder.exists() else None)

    def write(self, record: EpochRecord) -> None:
        """Write one epoch, on disk at once: a killed run has said all it knew."""
        if self._writer is None:
            return
        for name, value in describe_scalars(record).items():
            self._writer.add_scalar(name, value, record.epoch)
        self._writer.flush()

    def close(self, finished: bool) -> None:
        """Close the file."""
        del finished
        if self._writer is not None:
            self._writer.close()


class MlflowSink:
    """One fold as one run of an MLflow server; a fold that goes on is found again by its tag.

    Args:
        uri: Where figures go to.
        request: Its settings become parameters, the dataset's name the experiment.
        name: Of the fold, unique among all runs.
    """

    def __init__(self, uri: str, request: TrainRequest, name: str) -> None:
        self._uri, self._request, self._name = uri, request, name
        self._client: Any = None  # None, too, once the server has failed
        self._run = ""

    def begin(self, epochs_done: int) -> None:
        """Find the fold's run, or make it."""
        del epochs_done
        for name, value in {**_PATIENCE, "MLFLOW_DISABLE_TELEMETRY": "true"}.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient  # seconds to load, and an extra

        def connect() -> None:
            self._client = MlflowClient(self._uri)
            self._run = self._find_run() or self._make_run()

        self._try(connect)

    def write(self, record: EpochRecord) -> None:
        """Send one epoch."""
        if self._client is None:
            return
        from mlflow.entities import Metric

        time = round(record.time * 1000)
        metrics = [
            Metric(_clean(name), value, time, record.epoch)
            for name, value in describe_scalars(record).items()
        ]
        self._try(lambda: self._client.log_batch(self._run, metrics=metrics))

    def close(self, finished: bool) -> None:
        """Say how it ended."""
        if self._client is not None:
            state = "FINISHED" if finished else "KILLED"
            self._try(lambda: self._client.set_terminated(self._run, state))

    def _find_experiment(self) -> str:
        name = self._request.dataset.name
        found = self._client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self._client.create_experiment(name))

    def _find_run(self) -> str | None:
        found = self._client.search_runs([self._find_experiment()], f"tags.`{_TAG}` = '{self._name}'")
        if not found:
            return None
        run = str(found[0].info.run_id)
        self._client.update_run(run, status="RUNNING")
        return run

    def _make_run(self) -> str:
        from mlflow.entities import Param

        title = f"{self._request.title} · {self._name}"
        made = self._client.create_run(self._find_experiment(), tags={_TAG: self._name}, run_name=title)
        settings = [Param(_clean(key), value) for key, value in flatten_request(self._request).items()]
        for start in range(0, len(settings), _AT_ONCE):
            self._client.log_batch(made.info.run_id, params=settings[start : start + _AT_ONCE])
        return str(made.info.run_id)

    def _try(self, step: Callable[[], None]) -> None:
        """Do a step; what goes wrong is said once, and nothing is sent from then on."""
        from mlflow.exceptions import MlflowException

        try:
            step()
        except (MlflowException, OSError) as error:
            self._client = None
            reason = " ".join(str(error).split())[:200]
            _log.warning(
                "MLflow at %s failed, so nothing more of %s is sent: %s", self._uri, self._name, reason
            )


def _flatten(fields: Mapping[str, Any], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in fields.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat |= _flatten(value, f"{name}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            flat[name] = text[:_LONGEST]
    return flat


def _clean(name: str) -> str:
    """A name with nothing in it that MLflow refuses."""
    return re.sub(r"[^/\w.\- ]", "_", name)
