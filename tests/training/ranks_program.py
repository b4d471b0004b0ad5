"""One rank of a run of two: `python -m tests.training.ranks_program HOME [STOP_AFTER_EPOCH]`."""

import sys
from contextlib import suppress
from pathlib import Path

import torch

from core.domain.training import EpochRecord, TrainRequest
from core.errors import CancelledError
from core.formats.whole import scan_dataset
from core.training.checkpoints import RunPlace
from core.training.ranks import is_first, other_ranks
from core.training.run import train_run
from core.training.watching import Listener
from tests.training.sets import assign


def train(home: Path, stop_after: int) -> None:
    request = TrainRequest.model_validate_json((home / "request.json").read_bytes())
    dataset = scan_dataset(request.dataset, None)
    told: list[EpochRecord] = []

    def on_epoch(record: EpochRecord) -> None:
        told.append(record)
        with (home / "epochs.jsonl").open("a") as file:
            file.write(record.model_dump_json() + "\n")

    listener = Listener(lambda _: None, on_epoch, lambda: is_first() and len(told) == stop_after)
    train_run(request, dataset, assign(dataset, 2), RunPlace.of(home), lambda _: None, listener)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if is_first():
        with other_ranks(2, [sys.executable, "-m", "tests.training.ranks_program", *sys.argv[1:]]):
            try:
                train(Path(sys.argv[1]), int(sys.argv[2]))
            except CancelledError:
                sys.exit(7)
    else:
        with suppress(CancelledError):
            train(Path(sys.argv[1]), 0)
