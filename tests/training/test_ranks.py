import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.domain.training import EpochRecord
from core.inference.predictions import read_index
from core.training.checkpoints import LAST
from core.training.ranks import other_ranks, own_rank, world_size
from tests.training.sets import ask, tiny_recipe, write_discs

STOPPED = 7


def run_two_ranks(home: Path, stop_after: int = -1) -> int:
    """Two processes on the CPU, joined as GPUs would be."""
    command = [sys.executable, "-m", "tests.training.ranks_program", str(home), str(stop_after)]
    return subprocess.run(command, timeout=180, check=False).returncode


def read_epochs(home: Path) -> list[EpochRecord]:
    lines = (home / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
    return [EpochRecord.model_validate_json(line) for line in lines]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of two folds, asked for; 15 images cannot be shared out evenly."""
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "home"))
    request = ask(write_discs(tmp_path / "discs", 15), tiny_recipe(epochs=2))
    (tmp_path / "request.json").write_text(request.model_dump_json(), encoding="utf-8")
    return tmp_path


def test_two_ranks_stop_together_go_on_and_count_every_held_out_image_once(home: Path) -> None:
    assert run_two_ranks(home, stop_after=1) == STOPPED
    assert (home / "checkpoints" / "fold1" / LAST).exists()
    assert run_two_ranks(home) == 0
    told = read_epochs(home)
    assert [(item.fold, item.epoch) for item in told] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    entries = read_index(home / "predictions")
    assert sorted(entry.position for entry in entries) == sorted({entry.position for entry in entries})
    checkpoint = torch.load(home / "checkpoints" / "fold2" / LAST, weights_only=True)
    assert checkpoint["epoch"] == 1


def test_one_process_changes_nothing() -> None:
    before = dict(os.environ)
    with other_ranks(1, ["false"]):
        assert (own_rank(), world_size()) == (0, 1)
    assert dict(os.environ) == before


def test_the_environment_is_as_before_once_the_ranks_have_ended() -> None:
    before = dict(os.environ)
    with other_ranks(2, [sys.executable, "-c", ""]):
        assert (own_rank(), world_size()) == (0, 2)
    assert dict(os.environ) == before
