import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from core.domain.recipe import ModelSpec
from core.domain.training import FoldRecord, TrainRequest
from core.errors import TrainingError
from core.inference.predictions import read_classes
from core.models.building import build_model
from core.training import export_onnx as onnx_module
from core.training.checkpoints import RunPlace, find_weights, name_class, read_best, read_weights
from core.training.export import TrainedModel, describe_model, export_weights, open_trained
from core.training.export_onnx import TOLERANCE, export_onnx
from core.training.network import NormalisedNetwork
from tests.conftest import ROOT
from tests.training.sets import ask, tiny_recipe, write_discs
from tests.training.test_run import train

torch.set_num_threads(1)
SMP = ModelSpec(architecture="unet", encoder="resnet18", depth=3, decoder_channels=(32, 16, 8))


class Trained:
    """A run that has ended."""

    def __init__(self, home: Path, model: ModelSpec | None = None, folds: int = 1) -> None:
        dataset = write_discs(home / "discs")
        recipe = tiny_recipe(epochs=2, **({"model": model} if model else {}))
        self.request: TrainRequest = ask(dataset, recipe)
        self.folds: list[FoldRecord] = train(dataset, home / "run", self.request, folds).folds
        self.place = RunPlace(home / "run" / "checkpoints", home / "run" / "predictions")

    def open(self, fold: int | None = None, class_name: str | None = None) -> TrainedModel:
        classes = read_classes(self.place.predictions)
        return open_trained(self.request, classes, self.folds, self.place, fold, class_name)

    def describe(self, model: TrainedModel) -> dict[str, object]:
        return describe_model(model, self.request, "train-1", "0.1")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="module")
def plain(home: Path) -> Trained:
    return Trained(home / "plain", folds=2)


@pytest.fixture(scope="module")
def trained(home: Path) -> Iterator[Trained]:
    threads = torch.get_num_threads()
    yield Trained(home / "smp", SMP)
    torch.set_num_threads(threads)


def noise(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_the_documented_lines_load_the_weights(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained.open()
    export_weights(model, trained.describe(model), tmp_path / "model.safetensors")
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"<!-- five lines -->\n```python\n(.*?)```", text, re.DOTALL)
    assert len([line for line in lines.splitlines() if line and "import " not in line]) == 5
    images = noise(2, 3, 32, 64)
    names: dict[str, Any] = {"images": images}
    monkeypatch.chdir(tmp_path)
    with torch.inference_mode():
        exec(lines, names)  # noqa: S102  # the manual's own lines are what is tested
        wanted = NormalisedNetwork(model.built)(images)
    assert torch.allclose(names["logits"], wanted, rtol=1e-4, atol=1e-3)
    assert names["model"]["classes"] == ["background", "disc", "square"]


def test_the_files_may_be_read_by_whoever_may_read_the_folder(plain: Trained, tmp_path: Path) -> None:
    model, other = plain.open(), tmp_path / "other"
    other.touch()
    export_weights(model, plain.describe(model), tmp_path / "model.safetensors")
    assert (tmp_path / "model.safetensors").stat().st_mode == other.stat().st_mode


def test_a_hand_built_network_is_described_by_its_spec(plain: Trained, tmp_path: Path) -> None:
    model = plain.open()
    export_weights(model, plain.describe(model), tmp_path / "model.safetensors")
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        facts = json.loads(file.metadata()["model"])
    assert facts["smp"] is None
    built = build_model(ModelSpec.model_validate(facts["model"]), len(facts["classes"]), facts["bands"])
    built.network.load_state_dict(load_file(tmp_path / "model.safetensors"))


def test_the_onnx_file_answers_as_torch_does(trained: Trained, tmp_path: Path) -> None:
    model, file = trained.open(), tmp_path / "model.onnx"
    real = [np.full((32, 32, 3), 90, np.uint8)]
    check = export_onnx(model, trained.describe(model), real, file)
    assert check.any_size
    assert (check.stride, check.random_images, check.real_images) == (1, 5, 1)
    assert 0 <= check.probabilities <= TOLERANCE
    images = noise(3, 3, 41, 72)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    logits, probabilities = session.run(None, {"images": images.numpy()})
    with torch.inference_mode():
        wanted = NormalisedNetwork(model.built)(images).numpy()
    np.testing.assert_allclose(logits, wanted, atol=1e-3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["classes"]) == ["background", "disc", "square"]
    assert (facts["fingerprint"], facts["app_version"]) == (trained.request.fingerprint, "0.1")
    assert [found.version for found in onnx.load(file).opset_import if not found.domain] == [18]
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_a_file_whose_answers_differ_is_not_kept(
    plain: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_module, "TOLERANCE", -1.0)
    model, file = plain.open(), tmp_path / "model.onnx"
    file.write_bytes(b"the earlier one")
    with pytest.raises(TrainingError, match="differ from torch's"):
        export_onnx(model, plain.describe(model), [], file)
    assert file.read_bytes() == b"the earlier one"
    assert list(tmp_path.iterdir()) == [file]


def test_the_best_fold_and_the_best_epoch_of_a_class_are_found(plain: Trained) -> None:
    scores = {fold: read_best(plain.place.fold(fold))["vDice"].score for fold in (1, 2)}
    assert plain.open().fold == max(scores, key=lambda fold: scores[fold])
    assert plain.open(fold=2).fold == 2
    model = plain.open(fold=1, class_name="disc")
    kept = read_weights(find_weights(plain.place.fold(1), name_class("disc")))
    assert all(torch.equal(kept[name], tensor) for name, tensor in model.built.network.state_dict().items())


def test_what_does_not_exist_is_refused_by_name(plain: Trained) -> None:
    with pytest.raises(TrainingError, match="no fold 3; these have begun: 1, 2"):
        plain.open(fold=3)
    with pytest.raises(TrainingError, match="no class “iris”; choose one of disc, square"):
        plain.open(class_name="iris")
