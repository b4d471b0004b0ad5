from pathlib import Path

import numpy as np
import pytest

from core.domain.masks import LabelMask
from core.errors import RunError
from core.inference.predictions import (
    Prediction,
    PredictionClasses,
    PredictionEntry,
    read_index,
    read_prediction,
    write_classes,
    write_index,
    write_prediction,
)

RNG = np.random.default_rng(0)
CLASSES = PredictionClasses(names=("background", "disc", "spot"), head="multiclass")


def make(mask: LabelMask) -> Prediction:
    height, width = mask.shape
    sure, entropy = RNG.random((2, height, width), dtype=np.float32)
    return Prediction(mask, sure, entropy)


@pytest.mark.parametrize("overlapping", [False, True])
def test_a_prediction_is_read_as_it_was_written(tmp_path: Path, overlapping: bool) -> None:
    pixels = RNG.random((3, 9, 7)) < 0.4 if overlapping else RNG.integers(-1, 3, (9, 7)).astype(np.int16)
    prediction = make(LabelMask(pixels, 3))
    write_classes(tmp_path, CLASSES)
    write_prediction(tmp_path, 12, prediction)
    found = read_prediction(tmp_path, 12)
    assert np.array_equal(found.mask.pixels, pixels)
    assert found.confidence == pytest.approx(prediction.confidence, abs=0.5 / 255 + 1e-6)
    assert found.entropy == pytest.approx(prediction.entropy, abs=0.5 / 255 + 1e-6)


def test_the_index_keeps_absent_classes_absent(tmp_path: Path) -> None:
    entry = PredictionEntry("a,b/ü.png", 3, 1, 9, 7, 0.5, 0.25, {"disc": 0.75, "spot": None})
    write_index(tmp_path, [entry], ["disc", "spot"])
    assert read_index(tmp_path) == [entry]


def test_a_folder_without_predictions_says_so(tmp_path: Path) -> None:
    assert read_index(tmp_path) == []
    with pytest.raises(RunError, match="no predictions"):
        read_prediction(tmp_path, 0)


def test_a_damaged_prediction_is_a_sentence(tmp_path: Path) -> None:
    write_classes(tmp_path, CLASSES)
    write_prediction(tmp_path, 1, make(LabelMask(np.zeros((4, 4), np.int16), 3)))
    (tmp_path / "000001.mask.png").write_bytes(b"no picture")
    with pytest.raises(RunError, match="cannot be read"):
        read_prediction(tmp_path, 1)
