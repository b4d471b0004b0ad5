from pathlib import Path

import pytest
import torch

from core.domain.recipe import ModelSpec
from core.errors import CancelledError, ModelError
from core.training.estimate import TIMED, WARM, estimate_run
from tests.training.sets import ask, assign, tiny_recipe, write_discs


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def silent(_done: int, _total: int, _message: str) -> None:
    return None


def test_steps_are_timed_and_multiplied_by_epochs_and_folds(tmp_path: Path) -> None:
    dataset = write_discs(tmp_path / "discs")
    request = ask(dataset, tiny_recipe(epochs=7))
    told: list[tuple[int, int, str]] = []
    found = estimate_run(
        request, dataset, assign(dataset, folds=2),
        lambda *said: told.append(said), lambda: False,
    )  # fmt: skip
    assert (found.folds, found.epochs, found.steps) == (2, 7, 3)  # 9 images, batches of 4
    assert found.measured_steps >= TIMED
    an_epoch = 3 * found.step_seconds + 3 * found.validation_seconds
    assert found.seconds == pytest.approx(
        2 * 7 * an_epoch + 6 * found.validation_seconds + found.first_seconds, rel=0.01
    )
    assert 0 < found.memory_bytes < found.memory_total
    assert found.parameters > 1000
    assert found.weights == "random weights"
    assert (WARM + TIMED, WARM + TIMED, "Training a few steps") in told


def test_copies_and_shares_of_an_epoch_are_counted(tmp_path: Path) -> None:
    dataset = write_discs(tmp_path / "discs")
    request = ask(dataset, tiny_recipe(epoch_share=0.5))
    found = estimate_run(request, dataset, assign(dataset, copies=4), silent, lambda: False)
    assert found.steps == 5  # half of 36 items in batches of 4


def test_a_network_that_cannot_be_built_is_refused_in_a_sentence(tmp_path: Path) -> None:
    dataset = write_discs(tmp_path / "discs")
    recipe = tiny_recipe(model=ModelSpec(architecture="unet", encoder="resnet81"))
    with pytest.raises(ModelError, match="no encoder “resnet81”"):
        estimate_run(ask(dataset, recipe), dataset, assign(dataset), silent, lambda: False)


def test_an_estimate_can_be_stopped(tmp_path: Path) -> None:
    dataset = write_discs(tmp_path / "discs")
    with pytest.raises(CancelledError):
        estimate_run(ask(dataset), dataset, assign(dataset), silent, lambda: True)
