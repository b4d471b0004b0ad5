import json
from pathlib import Path

import onnxruntime
import pytest
import torch
from safetensors import safe_open

from core.domain.training import ExportRequest
from core.jobs.export import run_export
from core.jobs.train import run_train
from core.runs.folder import create_run
from tests.training.sets import ask, tiny_recipe, write_discs

torch.set_num_threads(1)


def silent(_done: int, _total: int, _message: str) -> None:
    return None


@pytest.mark.parametrize("dataset_is_there", [True, False])
def test_a_run_becomes_files_for_other_programs(tmp_path: Path, dataset_is_there: bool) -> None:
    dataset = write_discs(tmp_path / "discs")
    request = ask(dataset, tiny_recipe(epochs=1))
    run = create_run("train", {"request": request.model_dump_json()})
    run_train(run, silent, lambda: False)
    if not dataset_is_there:
        (tmp_path / "discs").rename(tmp_path / "elsewhere")
    asked = ExportRequest(
        run=run.id, onnx=tmp_path / "a.onnx", safetensors=tmp_path / "a.safetensors", app_version="0.1"
    )
    result = run_export({"request": asked.model_dump_json()}, silent, lambda: False)
    assert json.loads(result["check"])["real_images"] == (4 if dataset_is_there else 0)
    assert ("No real image could be read" in result["message"]) != dataset_is_there
    session = onnxruntime.InferenceSession(result["onnx"], providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["run"] == run.id
    with safe_open(result["safetensors"], "pt") as file:
        assert json.loads(file.metadata()["model"]) == json.loads(result["description"])
