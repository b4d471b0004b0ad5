"""Predictions of a dataset's images against its own masks."""

import numpy as np

from core.domain.masks import LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.domain.training import PerClass
from core.formats.whole import read_label
from core.inference.predictions import PredictionClasses
from core.metrics import compute_dice, count_overlap


def compare_with_reference(
    dataset: ScannedDataset, classes: PredictionClasses, sample: Sample, predicted: LabelMask
) -> PerClass:
    """Dice of the classes that both know by name; void pixels do not count.

    Raises:
        DatasetError: The reference is missing or broken.
    """
    spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    wanted = read_label(spec, dataset.classes, sample)
    own = {item.name: place for place, item in enumerate(dataset.classes)}
    shared = [name for name in classes.names if name in own]
    if not shared:
        return {}
    valid = np.ones(wanted.shape, np.bool_) if wanted.overlapping else np.asarray(wanted.pixels >= 0)
    counts = count_overlap(
        np.stack([predicted.region(classes.names.index(name)) for name in shared])[None],
        np.stack([wanted.region(own[name]) for name in shared])[None],
        valid[None],
    )
    scores = compute_dice(counts[0])
    return {
        name: None if np.isnan(score) else float(score) for name, score in zip(shared, scores, strict=True)
    }
