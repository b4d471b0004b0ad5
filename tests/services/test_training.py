import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch

from core.domain.balance import BalanceSpec, ClassTarget, Drift
from core.domain.scan import ScannedDataset
from core.domain.training import PlanChoice, SplitSpec
from core.errors import RunError, TrainingError
from core.services import training
from core.services.training import WatchedRun
from tests.training.sets import tiny_recipe, write_discs

HOLDOUT = SplitSpec(holdout=0.25)


@pytest.fixture
def discs(tmp_path: Path) -> ScannedDataset:
    return write_discs(tmp_path / "discs")


def wait(run_id: str, enough: Callable[[WatchedRun], bool], seconds: float = 120) -> WatchedRun:
    deadline = time.monotonic() + seconds
    while True:
        seen = training.watch(run_id)
        if enough(seen):
            return seen
        assert not seen.run.progress.over, (seen.run.progress.state, seen.run.progress.message)
        assert time.monotonic() < deadline, "nothing happened for two minutes"
        time.sleep(0.05)


def has_ended(seen: WatchedRun) -> bool:
    return seen.run.progress.over


def last_weights(seen: WatchedRun) -> dict[str, torch.Tensor]:
    return torch.load(seen.folder / "checkpoints" / "fold1" / "last.ckpt", weights_only=True)["state_dict"]


def start(discs: ScannedDataset, **changes: object) -> str:
    recipe = tiny_recipe(**changes)
    return training.start(training.build_request(discs, recipe, HOLDOUT, device="cpu", title="tiny"))


def test_a_killed_and_resumed_run_ends_with_the_weights_of_an_unbroken_one(discs: ScannedDataset) -> None:
    whole = start(discs, epochs=12)
    wanted = wait(whole, has_ended)
    assert wanted.run.progress.state == "finished", wanted.run.progress
    broken = start(discs, epochs=12)
    seen = wait(broken, lambda seen: len(seen.history.epochs) >= 3)
    assert seen.pid is not None
    psutil.Process(seen.pid).kill()
    killed = wait(broken, has_ended)
    assert killed.run.progress.state == "interrupted"
    assert 3 <= len(killed.history.epochs) < 12
    training.resume(broken)
    found = wait(broken, has_ended)
    assert found.run.progress.state == "finished"
    weights, others = last_weights(wanted), last_weights(found)
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    assert [item.validation for item in found.history.epochs] == [
        item.validation for item in wanted.history.epochs
    ]


def test_runs_wait_their_turn_and_the_queue_moves_by_itself(discs: ScannedDataset) -> None:
    first, second = start(discs, epochs=2), start(discs, epochs=1)
    assert training.watch(second).run.progress.state == "queued"
    assert [run.place for run in training.list_training()] == [1, 0]
    wait(first, has_ended)
    # Nobody looks at the second run but through its own files: the ending worker has started it.
    folder = training.watch(first).folder.parent / second
    deadline = time.monotonic() + 60
    while not (folder / "result.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_stopped_run_keeps_a_checkpoint_and_goes_on(discs: ScannedDataset) -> None:
    run = start(discs, epochs=200)
    wait(run, lambda seen: len(seen.history.epochs) >= 1)
    with pytest.raises(RunError, match="at work"):
        training.delete(run)
    training.stop(run)
    stopped = wait(run, has_ended)
    assert stopped.run.progress.state == "cancelled"
    assert "Resume" in stopped.run.progress.message
    assert (stopped.folder / "checkpoints" / "fold1" / "last.ckpt").exists()
    done = len(stopped.history.epochs)
    training.resume(run)
    wait(run, lambda seen: len(seen.history.epochs) > done)
    training.stop(run)
    wait(run, has_ended)
    training.delete(run)
    assert training.list_training() == []


def test_a_broken_image_ends_a_run_with_a_sentence(discs: ScannedDataset) -> None:
    file = discs.spec.root / str(discs.samples[3].image)
    file.write_bytes(file.read_bytes()[:900])
    for workers in (0, 1):
        seen = wait(start(discs, workers=workers), has_ended)
        assert seen.run.progress.state == "failed"
        assert "03.png" in seen.run.progress.message
        assert "Caught" not in seen.run.progress.message
        assert "Traceback" not in seen.run.progress.message


def test_a_dataset_that_has_changed_is_refused(discs: ScannedDataset) -> None:
    request = training.build_request(discs, tiny_recipe(), HOLDOUT, device="cpu")
    seen = wait(training.start(request.model_copy(update={"fingerprint": "another"})), has_ended)
    assert seen.run.progress.state == "failed"
    assert "has changed" in seen.run.progress.message


def plan(value: float = 0.02) -> PlanChoice:
    targets = (ClassTarget(name="disc", share=1.0), ClassTarget(name="square", share=0.6))
    return PlanChoice(name="square up", spec=BalanceSpec(targets=targets, drift=Drift(value=value)))


def test_a_plan_is_solved_anew_on_each_folds_training_part(discs: ScannedDataset) -> None:
    request = training.build_request(discs, tiny_recipe(epochs=1), SplitSpec(folds=2), plan(), device="cpu")
    seen = wait(training.start(request), has_ended)
    assert seen.run.progress.state == "finished", seen.run.progress
    assert [fold.fold for fold in seen.history.folds] == [1, 2]
    for fold in seen.history.folds:
        assert fold.validation_images == 6
        assert fold.train_items == 6  # B in proportion
        assert fold.duplicates > 0


def test_s1_queues_its_three_sets(discs: ScannedDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    del monkeypatch
    requests = training.build_s1(discs, plan(), tiny_recipe(), SplitSpec(folds=3), "cpu")
    assert [request.plan.spec.drift.value if request.plan else None for request in requests] == [
        None,
        0,
        0.02,
    ]
    assert len({request.experiment for request in requests}) == 1
    with pytest.raises(TrainingError, match="γ = 0"):
        training.build_s1(discs, plan(0), tiny_recipe(), SplitSpec(folds=3), "cpu")


def test_s2_and_s3_queue_their_models(discs: ScannedDataset) -> None:
    assert [item.recipe.id for item in training.build_s2(discs, HOLDOUT, device="cpu")] == [
        "s2-unet1", "s2-unet2", "s2-unet3", "s2-linknet", "s2-unet4",
    ]  # fmt: skip
    found = training.build_s3(discs, HOLDOUT, device="cpu")
    assert [(item.recipe.id, item.recipe.augment.does_nothing) for item in found] == [
        ("s3-unet", True),
        ("s3-unet", False),
        ("s3-efficientunet-b0", False),
        ("s3-efficientunet-b4", False),
    ]


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "cpu:1"])
def test_an_unknown_device_is_refused(device: str) -> None:
    with pytest.raises(TrainingError, match="no device"):
        training.choose_device(device)
