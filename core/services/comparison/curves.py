"""Figures over the epochs, folds stacked, and the best epoch of their mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics import find_best, mean_over_classes, smooth
from core.services.comparison.compared import VDICE, ComparedRun, Figure


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


def build_curve(run: ComparedRun, name: str = VDICE, figure: Figure = "dice", window: int = 1) -> Curve:
    """One figure of the held-out part over the epochs, with the band of the folds.

    Args:
        run: The run.
        name: A class, or `VDICE`.
        figure: Which figure of the class.
        window: Epochs that are averaged (S3: 10); 1 changes nothing.
    """
    folds = _stack(run, name, figure)
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
    train, held_out = run.losses
    return mean_over_classes(train.T), mean_over_classes(held_out.T)


def find_best_epoch(run: ComparedRun, name: str = VDICE, figure: Figure = "dice") -> BestEpoch | None:
    """The best value of a figure; None before the first epoch, or where the class is nowhere."""
    folds = _stack(run, name, figure)
    mean = mean_over_classes(folds.T)
    best = find_best(mean)
    if best is None:
        return None
    values = folds[:, best][~np.isnan(folds[:, best])]
    spread = float(values.std(ddof=1)) if values.size > 1 else None
    return BestEpoch(float(mean[best]), best + 1, spread, int(values.size))


def _stack(run: ComparedRun, name: str, figure: Figure) -> NDArray[np.float64]:
    """`(F, E)` values by fold and epoch; NaN where there is none."""
    known = run.stacked.get((figure, name))
    return np.full(run.shape, np.nan) if known is None else known
