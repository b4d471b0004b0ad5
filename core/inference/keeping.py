"""Keeping what a training run has predicted for a review: the masks, and what they belong to."""

from collections.abc import Callable
from pathlib import Path

from core.data.naming import name_copies
from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.errors import CancelledError, ReviewError
from core.inference.predictions import PredictionEntry, read_classes, read_index, write_classes
from core.inference.sources import KeptPredictions, PredictionSource, SourceFolder, SourceSample, link_classes
from core.runs.folder import RunFolder
from core.runs.history import read_request

Told = Callable[[int, int], None]
"""Told (samples done, samples in all)."""
StopAsked = Callable[[], bool]


def keep_run(
    folder: SourceFolder, run: RunFolder, dataset: ScannedDataset, tell: Told, should_stop: StopAsked
) -> KeptPredictions:
    """Keep the held-out samples that a training run has predicted.

    Args:
        folder: Where to; new.
        run: The training run.
        dataset: The one that it trained on, as it was.
        tell: Told how far.
        should_stop: Asked before each sample.

    Raises:
        ReviewError: Nothing is predicted yet, or a file is missing.
        CancelledError: `should_stop` said so.
        WorkspaceError: The workspace cannot be written.
    """
    predicted = run.path / "predictions"
    entries = read_index(predicted)
    if not entries:
        raise ReviewError("This run has predicted nothing yet; wait until a fold of it has ended.")
    classes = read_classes(predicted)
    stems = name_copies(dataset.spec, dataset.samples, {sample.id: 1 for sample in dataset.samples})
    kept = []
    for done, entry in enumerate(entries):
        check_stop(should_stop)
        tell(done, len(entries))
        _link(folder, predicted, entry.position)
        kept.append(_describe(dataset, entry, stems[dataset.samples[entry.position].id, 1]))
    write_classes(folder.path, classes)
    source = PredictionSource(
        run=run.id,
        title=read_request(run).title,
        classes=link_classes(classes, dataset.classes),
        dataset=as_scanned(dataset),
        dataset_classes=dataset.classes,
        samples=tuple(kept),
    )
    folder.write(source)
    return KeptPredictions(folder, source)


def check_stop(should_stop: StopAsked) -> None:
    """Stop where somebody asked for it."""
    if should_stop():
        raise CancelledError("Stopped; no review was opened.")


def as_scanned(dataset: ScannedDataset) -> DatasetSpec:
    """The answers with the threshold of the whole set: one mask alone cannot know where to cut."""
    return dataset.spec.model_copy(update={"threshold": dataset.threshold})


def find_spacing(dataset: ScannedDataset, position: int) -> tuple[float, float] | None:
    """Millimetres between rows and columns; None where the files do not say."""
    if dataset.spacings is None:
        return None
    rows, columns = (float(value) for value in dataset.spacings[position][:2])
    return (rows, columns) if rows > 0 and columns > 0 else None  # NaN is not


def _describe(dataset: ScannedDataset, entry: PredictionEntry, stem: str) -> SourceSample:
    sample = dataset.samples[entry.position]
    return SourceSample(
        position=entry.position,
        name=sample.id,
        stem=stem,
        sample=sample,
        group=sample.group,
        fold=entry.fold,
        height=entry.height,
        width=entry.width,
        confidence=entry.confidence,
        dice=entry.dice,
        spacing=find_spacing(dataset, entry.position),
    )


def _link(folder: SourceFolder, predicted: Path, position: int) -> None:
    layers = (predicted / f"{position:06}.mask.npz").exists()
    for ending in (".mask.npz" if layers else ".mask.png", ".sure.png", ".entropy.png"):
        name = f"{position:06}{ending}"
        folder.take_over(predicted / name, name)
