"""Checkpoints of one fold: the last whole state, and the weights of the best epochs.

    last.ckpt               everything that going on needs: weights, optimiser, schedule, loops
    epoch-0007.safetensors  weights of an epoch that is the best for something
    best.json               for what: vDice, and each class

A file stays as long as it is the best for something. All are written under a temporary name first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from core.domain.base import FrozenModel
from core.errors import TrainingError
from core.workspace.files import replacing, write_atomic

VDICE = "vDice"
LAST = "last.ckpt"


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Where a run keeps its things.

    Attributes:
        checkpoints: One folder a fold.
        predictions: Of the held-out parts of all folds.
    """

    checkpoints: Path
    predictions: Path

    @classmethod
    def of(cls, run: Path) -> "RunPlace":
        """The places in a run's folder."""
        return cls(run / "checkpoints", run / "predictions")

    def fold(self, number: int) -> Path:
        """The checkpoints of one fold, counted from 1."""
        return self.checkpoints / f"fold{number}"


class Best(FrozenModel):
    """The best epoch for one figure."""

    epoch: int = Field(ge=1)
    score: float


_BEST = TypeAdapter(dict[str, Best])


class BestEpochs:
    """The weights of the best epochs of one fold.

    Args:
        folder: The fold's folder of checkpoints.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._best = read_best(folder)

    def offer(self, epoch: int, scores: Mapping[str, float | None], model: nn.Module) -> None:
        """Keep the weights of an epoch if it is the best so far for anything; of equals the first.

        Args:
            epoch: Counted from 1.
            scores: vDice and the Dice of each class, under `VDICE` and `class:NAME`; None is never the best.
            model: Its weights are written.

        Raises:
            WorkspaceError: The folder cannot be written.
        """
        better = {
            name: Best(epoch=epoch, score=score)
            for name, score in scores.items()
            if score is not None and (name not in self._best or score > self._best[name].score)
        }
        if not better:
            return
        write_weights(_weights_file(self._folder, epoch), model)
        self._best |= better
        write_atomic(self._folder / "best.json", _BEST.dump_json(self._best))
        kept = {_weights_file(self._folder, item.epoch) for item in self._best.values()}
        for file in self._folder.glob("epoch-*.safetensors"):
            if file not in kept:
                file.unlink()


def name_class(name: str) -> str:
    """The name under which the best epoch of a class is kept; no class can be called vDice by it."""
    return f"class:{name}"


def read_best(folder: Path) -> dict[str, Best]:
    """The best epochs of a fold; empty before the first."""
    try:
        return _BEST.validate_json((folder / "best.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def find_weights(folder: Path, what: str = VDICE) -> Path:
    """The weights of the best epoch for a figure.

    Raises:
        TrainingError: There are none yet.
    """
    best = read_best(folder).get(what)
    path = None if best is None else _weights_file(folder, best.epoch)
    if path is None or not path.exists():
        raise TrainingError(f"{folder} holds no weights for {what} yet; let the first epoch end.")
    return path


def write_weights(path: Path, model: nn.Module) -> None:
    """Write the weights of a model as safetensors.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(save(weights))  # not save_file, whose files only their owner may read


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read weights; nothing in the file is ever executed."""
    return load_file(path)


def _weights_file(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:04}.safetensors"
