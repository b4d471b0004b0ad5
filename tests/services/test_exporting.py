from pathlib import Path

import pytest

from core.errors import RunError, TrainingError
from core.runs.folder import create_run
from core.services.training import exporting
from tests.training.sets import ask, tiny_recipe, write_discs


@pytest.fixture
def run_id(tmp_path: Path) -> str:
    request = ask(write_discs(tmp_path / "discs", 4), tiny_recipe())
    return create_run("train", {"request": request.model_dump_json()}).id


def test_an_unknown_run_is_refused() -> None:
    with pytest.raises(RunError, match="no run"):
        exporting.start_export("train-20200101-000000-abcdef", onnx=Path("a.onnx"))


def test_an_export_of_nothing_is_refused(run_id: str) -> None:
    with pytest.raises(TrainingError, match="--onnx"):
        exporting.start_export(run_id)


@pytest.mark.parametrize("kind", ["onnx", "safetensors"])
def test_a_file_with_another_ending_is_refused(run_id: str, kind: str) -> None:
    with pytest.raises(TrainingError, match=f"must end in .{kind}"):
        exporting.start_export(run_id, **{kind: Path("model.bin")})


def test_without_the_extra_the_next_step_is_said(run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(TrainingError, match=r"\.\[onnx\].*--safetensors"):
        exporting.start_export(run_id, onnx=Path("model.onnx"))
