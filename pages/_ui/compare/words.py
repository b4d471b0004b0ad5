"""What is said when runs are compared: verdicts, alarms, notes of the folds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from core.services import comparison
from pages._ui.words import count, counted, share

if TYPE_CHECKING:
    from core.services.comparison import Alarm, ComparedRun, Figure

FIGURES: "Final[dict[Figure, str]]" = {
    "dice": "Dice",
    "iou": "IoU",
    "precision": "Precision",
    "recall": "Recall",
    "dice_images": "Dice, mean of images",
    "iou_images": "IoU, mean of images",
}
MEANS: "Final[dict[Figure, str]]" = {
    "dice": "vDice",
    "iou": "mean IoU",
    "dice_images": "vDice, mean of images",
}
HELP: "Final[dict[Figure, str]]" = {
    "dice": "2·TP / (2·TP + FP + FN), pixels summed over all held-out images of a fold. n/a where a class is "
    "in neither mask nor prediction. vDice is the mean over the classes.",
    "iou": "TP / (TP + FP + FN), pixels summed over all held-out images of a fold.",
    "precision": "TP / (TP + FP): of what was predicted, the share that is right. n/a where nothing was.",
    "recall": "TP / (TP + FN): of what is there, the share that was found. n/a where nothing is.",
    "dice_images": "Dice of each image, then the mean over the images with the class in mask or prediction.",
    "iou_images": "IoU of each image, then the mean over the images with the class in mask or prediction.",
}
S1_HELP: Final = (
    "The best epoch of the mean over the folds, one epoch for all folds, and the value there. Spread: "
    "standard deviation over the folds at that epoch (n − 1). n/a where a class is in no held-out "
    "mask or prediction."
)
S2_HELP: Final = (
    "All figures at the epoch of the best vDice on the held-out part, means over the folds. Training "
    "figures are those of the augmented images, while the weights still change. Minutes: training and "
    "validation of all folds."
)
S3_HELP: Final = (
    "IoU at the last epoch after the moving average, means over the folds, in per cent. Variance across "
    "classes: population variance in squared percentage points; small means even."
)


def verdicts(runs: "Sequence[ComparedRun]", name: str = comparison.VDICE) -> list[str]:
    """Each further run against the first one, in a sentence."""
    found = [comparison.judge(runs[0], run, name) for run in runs[1:]]
    return [verdict.sentence for verdict in found if verdict is not None]


def certain_classes(runs: "Sequence[ComparedRun]") -> list[str]:
    """Sentences for the classes whose difference is larger than the spread of the folds."""
    sentences = []
    for name in comparison.find_classes(runs):
        for run in runs[1:]:
            verdict = comparison.judge(runs[0], run, name)
            if verdict is not None and verdict.certain:
                sentences.append(verdict.sentence)
    return sentences


def alarm(found: "Alarm") -> str:
    """A class that rose and fell, and which weights to take instead."""
    fall = found.collapse
    return (
        f"{found.name} collapsed in {found.title}, fold {found.fold}: its Dice rose to {fall.best:.3f} at "
        f"epoch {fall.best_epoch + 1} and fell to {fall.last:.3f} from epoch {fall.fallen_epoch + 1} on. "
        f"The weights of epoch {fall.best_epoch + 1} are kept; take those for this class."
    )


def fold_notes(run: "ComparedRun") -> list[str]:
    """What each fold had, and what could not be done as asked."""
    lines = []
    for fold in run.history.folds:
        added = fold.duplicates / fold.train_images if fold.train_images else 0.0
        line = (
            f"Fold {fold.fold}: {counted(fold.train_images, 'image')} and "
            f"{counted(fold.duplicates, 'duplicate')} ({share(added)} of the images) to train on, "
            f"{count(fold.validation_images)} held out, "
            f"{fold.weights}, {fold.device}"
        )
        lines.append(". ".join([line, *fold.notes]))
    return lines


def line(runs: "Sequence[ComparedRun]") -> str:
    """The state of the comparison in one line."""
    classes = comparison.find_classes(runs)
    folds = {len(run.history.folds) for run in runs}
    parts = [counted(len(runs), "run"), counted(len(classes), "class", "classes")]
    if len(folds) == 1 and (number := next(iter(folds))) > 1:
        parts.append(counted(number, "fold"))
    return " · ".join(parts)
