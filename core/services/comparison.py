"""Runs side by side: curves, the tables of S1, S2 and S3, what differs, and what may be believed."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.training import EpochRecord, MetricsRecord, TrainRequest
from core.metrics import Collapse, find_best, find_collapse, mean_over_classes, smooth
from core.runs.folder import find_run
from core.runs.history import RunHistory, read_history, read_request

VDICE = "vDice"
Figure = Literal["dice", "iou", "precision", "recall", "dice_images", "iou_images"]


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run as comparisons use it."""

    id: str
    request: TrainRequest
    history: RunHistory

    @property
    def title(self) -> str:
        """What people read."""
        return self.request.title

    @property
    def classes(self) -> tuple[str, ...]:
        """The scored classes; empty before the first fold has begun."""
        return self.history.folds[0].classes if self.history.folds else ()


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure over the epochs.

    Attributes:
        run: The run's id.
        name: A class, or `vDice`.
        folds: `(F, E)` in [0, 1], NaN where a fold has no value.
        mean: `(E,)` mean over the folds that have one, smoothed.
        low: `(E,)` the least fold, smoothed.
        high: `(E,)` the greatest fold, smoothed.
    """

    run: str
    name: str
    folds: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BestEpoch:
    """The best value of a figure: of the mean over folds, at one epoch for all folds (S1).

    Attributes:
        value: The mean over the folds at that epoch.
        epoch: Counted from 1.
        spread: Standard deviation over the folds at that epoch; None for a single fold.
        folds: How many folds have a value there.
    """

    value: float
    epoch: int
    spread: float | None
    folds: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A class whose Dice rose and then fell to nearly nothing, in one fold (counted from 1)."""

    run: str
    title: str
    name: str
    fold: int
    collapse: Collapse


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of the difference of two runs.

    Attributes:
        difference: Second less first, of the best means over the folds.
        spread: The larger standard deviation over the folds; None where a run has a single fold.
        certain: Whether the difference is larger than that spread; None where that is unknown.
        sentence: The same in words.
    """

    difference: float
    spread: float | None
    certain: bool | None
    sentence: str


def read_runs(ids: Sequence[str]) -> list[ComparedRun]:
    """The runs of some ids, in order.

    Raises:
        RunError: There is no such run, or it is not a training run.
    """
    folders = [find_run(run_id) for run_id in ids]
    return [ComparedRun(folder.id, read_request(folder), read_history(folder)) for folder in folders]


def find_classes(runs: Sequence[ComparedRun]) -> list[str]:
    """All classes of some runs, each once, in the order of the first run that has it."""
    return list(dict.fromkeys(name for run in runs for name in run.classes))


def build_curve(run: ComparedRun, name: str = VDICE, figure: Figure = "dice", window: int = 1) -> Curve:
    """One figure of the held-out part over the epochs, with the band of the folds.

    Args:
        run: The run.
        name: A class, or `VDICE`.
        figure: Which figure of the class.
        window: Epochs that are averaged (S3: 10); 1 changes nothing.
    """
    folds = _stack(run, lambda record: _pick(record.validation, name, figure))
    smoothed = np.array([smooth(fold, window) for fold in folds]).reshape(folds.shape)
    known = ~np.isnan(smoothed)
    low = np.where(known, smoothed, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, smoothed, -np.inf).max(axis=0, initial=-np.inf)
    return Curve(
        run=run.id,
        name=name,
        folds=folds,
        mean=mean_over_classes(smoothed.T),  # (F, E) -> (E,)
        low=np.where(np.isfinite(low), low, np.nan),
        high=np.where(np.isfinite(high), high, np.nan),
    )


def build_loss_curves(run: ComparedRun) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`(E,)` mean over the folds of the loss on the training part and on the held-out part."""
    train = _stack(run, lambda record: record.train.loss)
    held_out = _stack(run, lambda record: record.validation.loss)
    return mean_over_classes(train.T), mean_over_classes(held_out.T)


def find_best_epoch(run: ComparedRun, name: str = VDICE, figure: Figure = "dice") -> BestEpoch | None:
    """The best value of a figure; None before the first epoch, or where the class is nowhere."""
    folds = _stack(run, lambda record: _pick(record.validation, name, figure))
    mean = mean_over_classes(folds.T)
    best = find_best(mean)
    if best is None:
        return None
    values = folds[:, best][~np.isnan(folds[:, best])]
    spread = float(values.std(ddof=1)) if values.size > 1 else None
    return BestEpoch(float(mean[best]), best + 1, spread, int(values.size))


def s1_table(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """S1's table: a line a class and one of vDice; for each run the best Dice, its epoch and its spread."""
    lines = []
    for name in (*find_classes(runs), VDICE):
        line: dict[str, Any] = {"class": name}
        for run in runs:
            best = find_best_epoch(run, name)
            line[f"{run.title} · best"] = math.nan if best is None else best.value
            line[f"{run.title} · epoch"] = None if best is None else best.epoch
            line[f"{run.title} · spread"] = None if best is None else best.spread
        lines.append(line)
    return pd.DataFrame(lines)


def s2_table(runs: Sequence[ComparedRun]) -> pd.DataFrame:
    """S2's table: a line a run, its figures on training and held-out parts at the epoch of the best vDice."""
    lines = []
    for run in runs:
        best = find_best_epoch(run)
        line: dict[str, Any] = {"model": run.title, "loss function": run.request.recipe.loss.title}
        for part in ("train", "validation"):
            records = [] if best is None else [_part(item, part) for item in _at_epoch(run, best.epoch)]
            line |= {
                f"{part} accuracy": _mean(item.accuracy for item in records),
                f"{part} IoU": _mean(item.mean_iou for item in records),
                f"{part} Dice": _mean(item.vdice for item in records),
                f"{part} loss": _mean(item.loss for item in records),
            }
        line |= {"epoch": None if best is None else best.epoch, "epochs": _count_epochs(run)}
        lines.append(line | {"minutes": _count_seconds(run) / 60})
    return pd.DataFrame(lines)


def s3_table(runs: Sequence[ComparedRun], window: int = 10) -> pd.DataFrame:
    """S3's table: a line a run, mean IoU, IoU per class and its variance across classes, all in per cent.

    Values are those of the last epoch after a moving average, means over the folds.

    Args:
        runs: The runs.
        window: Epochs of the moving average.
    """
    lines = []
    for run in runs:
        ious = {name: _last(build_curve(run, name, "iou", window).mean) for name in find_classes(runs)}
        values = np.array(list(ious.values()))
        known = values[~np.isnan(values)]
        lines.append(
            {
                "model": run.title,
                "mean IoU, %": 100 * known.mean() if known.size else math.nan,
                "variance across classes, points²": float((100 * known).var()) if known.size else math.nan,
                **{f"{name}, %": 100 * value for name, value in ious.items()},
                "epochs": _count_epochs(run),
                "minutes": _count_seconds(run) / 60,
            }
        )
    return pd.DataFrame(lines)


def find_differences(requests: Mapping[str, TrainRequest]) -> pd.DataFrame:
    """What differs between the specs of runs: a line a setting, a column a run; equal settings left out."""
    flat = {title: _flatten(request.model_dump(mode="json")) for title, request in requests.items()}
    keys = dict.fromkeys(key for content in flat.values() for key in content)
    left_out = ("title", "experiment")
    lines = [
        {"setting": key, **{title: content.get(key, "") for title, content in flat.items()}}
        for key in keys
        if key not in left_out and len({str(content.get(key, "")) for content in flat.values()}) > 1
    ]
    return pd.DataFrame(lines, columns=["setting", *flat])


def judge(first: ComparedRun, second: ComparedRun, name: str = VDICE) -> Verdict | None:
    """Whether the difference of two runs is larger than the spread of their folds; None without values."""
    one, other = find_best_epoch(first, name), find_best_epoch(second, name)
    if one is None or other is None:
        return None
    difference = other.value - one.value
    points = f"{abs(100 * difference):.1f} points {'higher' if difference >= 0 else 'lower'}"
    said = f"{second.title} is {points} than {first.title} in {name}"
    spreads = [item.spread for item in (one, other) if item.spread is not None]
    if len(spreads) < 2:
        alone = f"{said}. With a single fold nobody can say whether that is luck."
        return Verdict(difference, None, None, alone)
    spread = max(spreads)
    certain = abs(difference) > spread
    how = "more" if certain else "no more"
    sentence = f"{said}, which is {how} than the spread of the folds ({100 * spread:.1f} points)."
    return Verdict(difference, spread, certain, sentence)


def find_alarms(runs: Sequence[ComparedRun]) -> list[Alarm]:
    """Classes that collapsed in a fold: take the weights of their best epoch instead of the last ones."""
    return [
        Alarm(run.id, run.title, name, place, collapse)
        for run in runs
        for name in run.classes
        for place, fold in enumerate(build_curve(run, name).folds, start=1)
        if (collapse := find_collapse(fold)) is not None
    ]


def history_table(run: ComparedRun) -> pd.DataFrame:
    """Every figure of every epoch and fold: a line each, for a CSV file."""
    lines = []
    for record in run.history.epochs:
        line: dict[str, Any] = {"run": run.title, "fold": record.fold, "epoch": record.epoch, "lr": record.lr}
        for part in ("train", "validation"):
            figures = _part(record, part)
            line |= {f"{part} {key}": value for key, value in _flatten(figures.model_dump()).items()}
        lines.append(line | {"seconds": record.seconds, "images per second": record.images_per_second})
    return pd.DataFrame(lines)


def _pick(record: MetricsRecord, name: str, figure: Figure) -> float | None:
    if name != VDICE:
        values: dict[str, float | None] = getattr(record, figure)
        return values.get(name)
    return {"dice": record.vdice, "dice_images": record.vdice_images, "iou": record.mean_iou}.get(figure)


def _stack(run: ComparedRun, read: Callable[[EpochRecord], float | None]) -> NDArray[np.float64]:
    """`(F, E)` values by fold and epoch; NaN where there is none."""
    records = run.history.epochs
    if not records:
        return np.zeros((0, 0))
    folds = max(record.fold for record in records)
    epochs = max(record.epoch for record in records)
    values = np.full((folds, epochs), np.nan)
    for record in records:
        found = read(record)
        values[record.fold - 1, record.epoch - 1] = math.nan if found is None else found
    return values


def _at_epoch(run: ComparedRun, epoch: int) -> list[EpochRecord]:
    return [record for record in run.history.epochs if record.epoch == epoch]


def _part(record: EpochRecord, part: str) -> MetricsRecord:
    return record.train if part == "train" else record.validation


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else math.nan


def _last(curve: NDArray[np.float64]) -> float:
    known = curve[~np.isnan(curve)]
    return float(known[-1]) if known.size else math.nan


def _count_epochs(run: ComparedRun) -> int:
    return max((record.epoch for record in run.history.epochs), default=0)


def _count_seconds(run: ComparedRun) -> float:
    return sum(record.seconds for record in run.history.epochs)


def _flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields as dotted names."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
