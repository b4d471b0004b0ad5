import logging
import math
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.domain.scan import ScannedDataset
from core.errors import CancelledError
from core.training import sinks
from core.training.sinks import describe_scalars, flatten_request, open_sinks
from tests.training.sets import ask, tiny_recipe, write_discs
from tests.training.test_run import train

torch.set_num_threads(1)


@pytest.fixture
def discs(tmp_path: Path) -> ScannedDataset:
    return write_discs(tmp_path / "discs")


def read_events(folder: Path) -> dict[str, list[tuple[int, float]]]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return {
        name: [(found.step, found.value) for found in events.Scalars(name)]
        for name in events.Tags()["scalars"]
    }


def test_every_epoch_is_in_the_event_files(discs: ScannedDataset, tmp_path: Path) -> None:
    heard = train(discs, tmp_path / "run", folds=2)
    for fold in (1, 2):
        found = read_events(tmp_path / "run" / "tensorboard" / f"fold{fold}")
        assert {"loss/train", "vDice/validation", "Dice/disc", "IoU/disc", "learning rate"} <= found.keys()
        records = [record for record in heard.epochs if record.fold == fold]
        for record in records:
            for name, value in describe_scalars(record).items():
                step, kept = found[name][record.epoch - 1]
                assert step == record.epoch
                assert math.isclose(kept, value, rel_tol=1e-6)


def test_a_run_that_goes_on_shows_each_epoch_once(discs: ScannedDataset, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        train(discs, tmp_path / "run", stop=lambda heard: len(heard.epochs) == 2)
    folder = tmp_path / "run" / "checkpoints" / "fold1"
    killed = sinks.TensorBoardSink(tmp_path / "run" / "tensorboard" / "fold1")
    killed.begin(2)  # it wrote epoch 3, and died before the checkpoint
    lost = train(discs, tmp_path / "other").epochs[2]
    killed.write(lost.model_copy(update={"lr": 0.5}))
    killed.close(finished=False)
    train(discs, tmp_path / "run")
    found = read_events(tmp_path / "run" / "tensorboard" / "fold1")
    assert [step for step, _ in found["loss/train"]] == [1, 2, 3]
    assert found["learning rate"][2][1] != 0.5
    assert folder.exists()


def test_settings_have_dotted_names_and_bounded_lengths(discs: ScannedDataset) -> None:
    flat = flatten_request(ask(discs, tiny_recipe(assumptions=("x" * 2000,))))
    assert flat["recipe.model.architecture"] == "plain-unet"
    assert flat["recipe.epochs"] == "3"
    assert flat["recipe.model.channels"] == "[8, 16]"
    assert max(map(len, flat.values())) == 500


def test_without_mlflow_a_named_server_is_one_sentence(
    discs: ScannedDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sinks.importlib.util, "find_spec", lambda _name: None)
    folder = tmp_path / "run" / "checkpoints" / "fold1"
    assert len(open_sinks(ask(discs), folder, {})) == 1
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        assert len(open_sinks(ask(discs), folder, {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"})) == 1
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "pip install" in caplog.text


def test_a_server_that_is_away_stops_no_run(
    discs: ScannedDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert len(train(discs, tmp_path / "run").epochs) == 3
    assert caplog.text.count("MLflow at http://127.0.0.1:1 failed") == 1


def test_a_fold_that_goes_on_stays_one_run_of_mlflow(
    discs: ScannedDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    uri = (tmp_path / "mlruns").as_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    with pytest.raises(CancelledError):
        train(discs, tmp_path / "run", stop=lambda heard: len(heard.epochs) == 2)
    train(discs, tmp_path / "run")
    client = mlflow.MlflowClient(uri)
    (experiment,) = [found for found in client.search_experiments() if found.name == discs.spec.name]
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["recipe.epochs"] == "3"
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "vDice/validation")]
    assert steps == [1, 2, 3]


def test_mlflow_refuses_no_name() -> None:
    assert sinks._clean("Dice/hard exudates (β=0.5)") == "Dice/hard exudates _β_0.5_"
