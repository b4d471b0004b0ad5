"""What went wrong in a training run, as one sentence with the next step."""

import errno
import re

import torch

from core.domain.recipe import RecipeSpec
from core.errors import AppError, TrainingError

_GIGABYTE = 1e9
# torch puts the trace of a loader process before the error that ended it.
_FROM_LOADER = re.compile(r"^Caught \w+ in DataLoader worker process \d+\.")


def explain_failure(error: BaseException, recipe: RecipeSpec, device: str) -> AppError | None:
    """A sentence for errors that have a known cause; None for all others.

    Args:
        error: What ended the training.
        recipe: What was trained.
        device: Where.
    """
    if isinstance(error, AppError):
        return type(error)(_cut_trace(str(error)))
    if isinstance(error, torch.OutOfMemoryError):
        return TrainingError(_say_memory(recipe, device))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return TrainingError(
            "The disk is full. Make room (the Settings page shows what the workspace holds), then press "
            "Resume: the run goes on from its last checkpoint."
        )
    text = str(error)
    if "DataLoader worker" in text and "killed" in text:
        return TrainingError(
            "A process that loads images was killed, most likely for want of memory. Set workers to "
            f"{recipe.workers // 2}, or choose a smaller image size, and start again."
        )
    if "Expected more than 1 value per channel" in text:
        return TrainingError(
            "Batch normalisation cannot learn from a single image; choose a batch of 2 or more."
        )
    if "not enough memory" in text or isinstance(error, MemoryError):
        return TrainingError(
            f"The machine's memory is too small for a batch of {recipe.batch} at {recipe.input_size} pixels. "
            f"{_say_smaller(recipe)}"
        )
    return None


def _cut_trace(text: str) -> str:
    if not _FROM_LOADER.match(text):
        return text
    last = text.strip().splitlines()[-1]
    return last.partition(": ")[2] or last


def _say_memory(recipe: RecipeSpec, device: str) -> str:
    number = int(device.partition(":")[2] or 0)
    total = torch.cuda.get_device_properties(number).total_memory if torch.cuda.is_available() else 0
    room = f"{total / _GIGABYTE:.1f} GB of GPU memory" if total else "the GPU's memory"
    what = f"A batch of {recipe.batch} at {recipe.input_size} pixels"
    return f"{what} does not fit in {room}. {_say_smaller(recipe)}"


def _say_smaller(recipe: RecipeSpec) -> str:
    if recipe.batch == 1:
        return "Choose a smaller image size or a lighter encoder."
    half = recipe.batch // 2
    return f"Try a batch of {half}, or {half} with accumulate={2 * recipe.accumulate} for the same steps."
