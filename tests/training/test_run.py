from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from core.domain.scan import ScannedDataset
from core.domain.training import EpochRecord, FoldRecord, StepRecord, TrainRequest
from core.errors import CancelledError
from core.inference.predictions import read_index, read_prediction
from core.training.checkpoints import LAST, RunPlace, find_weights, read_best, read_weights
from core.training.run import train_run
from core.training.watching import Listener
from tests.training.sets import ask, assign, tiny_recipe, write_discs

torch.set_num_threads(1)


@pytest.fixture
def discs(tmp_path: Path) -> ScannedDataset:
    return write_discs(tmp_path / "discs")


class Heard:
    """What a run has said."""

    def __init__(self, stop: Callable[["Heard"], bool] = lambda _: False) -> None:
        self.folds: list[FoldRecord] = []
        self.epochs: list[EpochRecord] = []
        self.steps: list[StepRecord] = []
        self.listener = Listener(self.steps.append, self.epochs.append, lambda: stop(self))


def train(
    dataset: ScannedDataset,
    home: Path,
    request: TrainRequest | None = None,
    folds: int = 1,
    stop: Callable[[Heard], bool] = lambda _: False,
) -> Heard:
    heard = Heard(stop)
    place = RunPlace(home / "checkpoints", home / "predictions")
    train_run(
        request or ask(dataset), dataset, assign(dataset, folds), place, heard.folds.append, heard.listener
    )
    return heard


def last_weights(home: Path) -> dict[str, Tensor]:
    return torch.load(home / "checkpoints" / "fold1" / LAST, weights_only=True)["state_dict"]


def test_every_epoch_of_every_fold_is_told(discs: ScannedDataset, tmp_path: Path) -> None:
    heard = train(discs, tmp_path / "run", folds=2)
    assert [(item.fold, item.epoch) for item in heard.epochs] == [(f, e) for f in (1, 2) for e in (1, 2, 3)]
    assert [item.fold for item in heard.folds] == [1, 2]
    first = heard.folds[0]
    assert (first.train_images, first.validation_images, first.head) == (9, 3, "multiclass")
    assert first.classes == ("disc", "square")
    assert set(heard.epochs[0].validation.dice) == {"disc", "square"}


def test_a_stopped_run_that_goes_on_ends_with_the_weights_of_an_unbroken_one(
    discs: ScannedDataset, tmp_path: Path
) -> None:
    whole = train(discs, tmp_path / "whole")
    with pytest.raises(CancelledError, match="Resume"):
        train(discs, tmp_path / "broken", stop=lambda heard: len(heard.epochs) == 2)
    rest = train(discs, tmp_path / "broken")
    assert [item.epoch for item in rest.epochs] == [3]
    wanted, found = last_weights(tmp_path / "whole"), last_weights(tmp_path / "broken")
    assert wanted.keys() == found.keys()
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)
    assert rest.epochs[0].validation == whole.epochs[2].validation
    assert rest.epochs[0].train == whole.epochs[2].train


def test_a_run_that_is_stopped_at_once_keeps_a_checkpoint(discs: ScannedDataset, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        train(discs, tmp_path / "run", stop=lambda _: True)
    assert (tmp_path / "run" / "checkpoints" / "fold1" / LAST).exists()
    assert len(train(discs, tmp_path / "run").epochs) == 3


def test_a_finished_fold_is_not_trained_again(discs: ScannedDataset, tmp_path: Path) -> None:
    train(discs, tmp_path / "run")
    assert train(discs, tmp_path / "run").epochs == []


def test_the_best_weights_are_those_of_the_best_epoch(discs: ScannedDataset, tmp_path: Path) -> None:
    heard = train(discs, tmp_path / "run", ask(discs, tiny_recipe(epochs=6)))
    folder = tmp_path / "run" / "checkpoints" / "fold1"
    best = read_best(folder)
    scores = [item.validation.vdice or 0.0 for item in heard.epochs]
    assert best["vDice"].epoch == int(np.argmax(scores)) + 1
    assert best["vDice"].score == max(scores)
    kept = {path.name for path in folder.glob("epoch-*.safetensors")}
    assert kept == {f"epoch-{item.epoch:04}.safetensors" for item in best.values()}
    assert read_weights(find_weights(folder)).keys() == {
        name.removeprefix("network.network.") for name in last_weights(tmp_path / "run")
    }


def test_held_out_images_are_predicted_at_their_own_size(discs: ScannedDataset, tmp_path: Path) -> None:
    train(discs, tmp_path / "run", ask(discs, tiny_recipe(epochs=30, image_size=24)))
    folder = tmp_path / "run" / "predictions"
    entries = read_index(folder)
    assert [entry.position for entry in entries] == [0, 4, 8]
    found = read_prediction(folder, 4)
    assert found.mask.shape == found.confidence.shape == found.entropy.shape == (32, 32)
    disc = [entry.dice["disc"] or 0.0 for entry in entries]
    assert np.mean(disc) > 0.4
    assert found.confidence.min() >= 0.33


def test_a_model_learns_bright_discs(discs: ScannedDataset, tmp_path: Path) -> None:
    heard = train(discs, tmp_path / "run", ask(discs, tiny_recipe(epochs=25)))
    last = heard.epochs[-1].validation
    assert (last.dice["disc"] or 0) > 0.8
    assert heard.epochs[-1].train.loss is not None
    assert heard.epochs[0].train.loss is not None
    assert heard.epochs[-1].train.loss < heard.epochs[0].train.loss
