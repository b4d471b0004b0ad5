"""Between the console and the services: answers from options, a counter, JSON."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from core.domain.dataset import DatasetSpec, FormatName, PairingRule, SampleUnit
from core.domain.proposal import Answers
from core.domain.scan import ScannedDataset
from core.runs.progress import RunProgress
from core.services import commands, datasets, runs

_POLL_SECONDS = 0.1


def read_answers(
    format_: FormatName | None,
    images: Path | None,
    masks: Path | None,
    pair: PairingRule | None,
    classes: Path | None,
    void: list[str] | None,
    unit: SampleUnit | None,
    class_pattern: str | None = None,
    threshold: float | None = None,
    id_column: str | None = None,
    separator: str | None = None,
) -> Answers:
    """The answers that a person gave with options.

    Raises:
        DatasetError: the class file cannot be read.
    """
    return Answers(
        format=format_,
        images=images,
        masks=masks,
        pairing=pair,
        classes=commands.read_class_file(classes) if classes else None,
        void=tuple(void) if void else None,
        unit=unit,
        class_pattern=class_pattern,
        threshold=threshold,
        id_column=id_column,
        separator=separator,
    )


def read_dataset(
    dataset: str,
    answers: Answers,
    quiet: bool,
    correct: Callable[[DatasetSpec], DatasetSpec] = lambda spec: spec,
) -> tuple[ScannedDataset, tuple[str, ...]]:
    """The scan, and what a person should know of how DATASET was understood: said on stderr unless quiet.

    Args:
        dataset: As a person named it.
        answers: Those given with options.
        quiet: Whether nothing may be printed.
        correct: What is said of single files once the dataset is understood.
    """
    spec, notes = commands.understand(dataset, answers)
    spec = correct(spec)
    for note in () if quiet else notes:
        typer.echo(f"Note: {note}", err=True)
    return datasets.scan_now(spec, count_up("reading", quiet)), notes


def count_up(verb: str, quiet: bool) -> Callable[[int, int], None] | None:
    """A counter on stderr for people; nothing for pipes."""
    if quiet or not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        typer.echo(f"\r{verb} {done} of {total}", err=True, nl=done == total)

    return show


def print_json(report: dict[str, Any]) -> None:
    """One object on stdout, and nothing else."""
    typer.echo(json.dumps(report, ensure_ascii=False, allow_nan=False))


def follow_run(run_id: str, quiet: bool) -> RunProgress:
    """Watch a run to its end; Ctrl-C asks it to stop, what is done is kept."""
    shown = not quiet and sys.stderr.isatty()
    while True:
        try:
            progress = runs.watch(run_id)
            if shown and progress.total:
                line = f"\r{progress.message}: {progress.done} of {progress.total}"
                typer.echo(line, err=True, nl=progress.over)
            if progress.over:
                return progress
            time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            typer.echo("\nStopping …", err=True)
            runs.cancel(run_id)
