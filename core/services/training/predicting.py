"""The models of a run, asked about other images."""

from pathlib import Path

from core.domain.dataset import DatasetSpec
from core.domain.training import PredictRequest
from core.errors import AppError
from core.jobs.submit import start
from core.runs.folder import find_run
from core.runs.history import read_request
from core.services.datasets import find_kept, propose, read_path
from core.services.training.requests import choose_device


def start_prediction(run_id: str, dataset: str, folder: Path, device: str = "auto") -> str:
    """Predict images in the background; returns the id of the run that does it.

    Args:
        run_id: A training run with at least one trained fold.
        dataset: A dataset with masks, which the predictions are compared with, or a folder of images.
        folder: Where to write: new, empty, or written by an earlier prediction.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises:
        RunError: There is no such training run, or the process cannot be started.
        DatasetError: There is nothing at that place.
        TrainingError: There is no such device.
    """
    read_request(find_run(run_id))
    images = read_path(dataset)
    request = PredictRequest(
        run=run_id,
        dataset=_find_dataset(images),
        images=images,
        folder=folder.expanduser().absolute(),
        device=choose_device(device),
    )
    return start("predict", request)


def _find_dataset(place: Path) -> DatasetSpec | None:
    """The dataset at a place, by the answers kept for it or as detection reads it; None for mere images."""
    try:
        kept = find_kept(place)
        spec = kept or propose(str(place)).spec
    except AppError:
        return None
    has_masks = not spec.format.startswith("label_")
    has_images = any(pair.images for pair in spec.folders)
    return spec if has_masks and has_images else None
