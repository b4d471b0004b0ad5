from pathlib import Path

import pytest
import torch

from core.domain.training import TrainRequest
from core.errors import ModelError
from core.jobs.estimate import run_estimate
from core.runs.estimates import REQUESTS
from core.runs.folder import create_run
from core.services import training
from tests.training.sets import ask, tiny_recipe, write_discs


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def measure(*requests: TrainRequest) -> dict[str, str]:
    folder = create_run("estimate", {"requests": REQUESTS.dump_json(requests).decode()})
    return run_estimate(folder, lambda *_: None, lambda: False)


def test_what_was_measured_is_kept_under_what_was_asked(tmp_path: Path) -> None:
    request = ask(write_discs(tmp_path / "discs"))
    assert training.find_estimates([request]) is None
    measure(request)
    (found,) = training.find_estimates([request]) or []
    assert found.epochs == request.recipe.epochs
    renamed = request.model_copy(update={"title": "another", "experiment": "s1"})
    assert training.find_estimates([renamed]) == [found]
    longer = request.model_copy(update={"recipe": tiny_recipe(epochs=9)})
    assert training.find_estimates([request, longer]) is None
    assert "resnet18" in training.list_encoders()


def test_a_wrong_combination_comes_back_as_its_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="multiple of 2; 33 is none. Choose 32 or 34"):
        measure(ask(write_discs(tmp_path / "discs"), tiny_recipe(image_size=33)))
