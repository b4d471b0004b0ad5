"""The tables of S1, S2 and S3, what differs between specs, and every figure for a file."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.training import EpochRecord, MetricsRecord, TrainRequest
from core.services.comparison.compared import VDICE, ComparedRun, find_classes
from core.services.comparison.curves import build_curve, find_best_epoch


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
    parents = {key.rpartition(".")[0] for key in keys}  # their fields speak for them
    left_out = {"title", "experiment", *parents}
    lines = [
        {"setting": key, **{title: _spell(content.get(key, "")) for title, content in flat.items()}}
        for key in keys
        if key not in left_out and len({str(content.get(key, "")) for content in flat.values()}) > 1
    ]
    return pd.DataFrame(lines, columns=["setting", *flat])


def _spell(value: object) -> object:
    return "; ".join(str(item) for item in value) if isinstance(value, list) else value


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
