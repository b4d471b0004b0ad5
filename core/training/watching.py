"""What a running fit says, keeps, and when it stops: the callback of one fold."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import lightning
import psutil
import torch
from torch import Tensor

from core.domain.training import EpochRecord, MetricsRecord, StepRecord
from core.errors import CancelledError
from core.training.checkpoints import LAST, VDICE, BestEpochs, name_class
from core.training.figures import PassFigures
from core.training.module import SegmentationModule
from core.training.sinks import Sink
from core.workspace.files import replacing

_SPEAK_SECONDS = 0.5

Stage = Literal["preparing", "training", "validating", "predicting"]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of a run.

    Attributes:
        on_step: Told the latest step, about twice a second.
        on_epoch: Told the end of each epoch.
        should_stop: Asked between batches.
    """

    on_step: Callable[[StepRecord], None]
    on_epoch: Callable[[EpochRecord], None]
    should_stop: Callable[[], bool]


class Watcher(lightning.Callback):
    """Speaks for one fold, keeps its checkpoints, and ends it when it is asked to.

    Args:
        listener: Who hears of it.
        folder: Checkpoints.
        fold: Counted from 1.
        folds: Folds of the run.
        device: The device in words.
        sinks: What else keeps the figures of each epoch.
    """

    def __init__(
        self,
        listener: Listener,
        folder: Path,
        fold: int,
        folds: int,
        device: str,
        sinks: Sequence[Sink] = (),
    ) -> None:
        self._listener = listener
        self._folder = folder
        self._fold, self._folds = fold, folds
        self._device = device
        self._sinks = sinks
        self._best = BestEpochs(folder)
        self._spoken = 0.0
        self._epoch_start = self._train_end = time.monotonic()
        self._items = 0
        self._rate = 0.0
        self._stale = 0  # epochs without a gain
        self._best_vdice = -1.0
        self._fold_start = time.monotonic()
        self._first_epoch = 0

    def state_dict(self) -> dict[str, Any]:
        """What early stopping must remember."""
        return {"stale": self._stale, "best": self._best_vdice}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._stale, self._best_vdice = int(state_dict["stale"]), float(state_dict["best"])

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Keep a checkpoint before the first step, so that there is always one."""
        self._first_epoch = trainer.current_epoch
        for sink in self._sinks if trainer.is_global_zero else ():
            sink.begin(self._first_epoch)
        if trainer.ckpt_path is None:  # not whether the file is there: another rank may just have written it
            self._save(trainer)

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Begin to measure."""
        self._epoch_start = time.monotonic()
        self._items = 0
        self._rate = trainer.optimizers[0].param_groups[0]["lr"]
        if pl_module.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(pl_module.device)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Say how far it is; end if somebody asks."""
        self._items += len(batch[0]) * trainer.world_size
        self._train_end = time.monotonic()
        self._look(trainer, pl_module, "training", batch_idx + 1, outputs["loss"])

    def on_validation_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Say that it validates; end if somebody asks."""
        self._look(trainer, pl_module, "validating", int(trainer.num_training_batches), None)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        """Sum up, keep what is best, and write the checkpoint that going on begins with."""
        module: SegmentationModule = pl_module
        train, validation = _sum_up(module.training_figures), _sum_up(module.validation_figures)
        module.rate.take(validation.vdice)
        if trainer.is_global_zero:
            scores = {VDICE: validation.vdice, **{name_class(k): v for k, v in validation.dice.items()}}
            self._best.offer(trainer.current_epoch + 1, scores, module.network.network)
            record = self._record(trainer, module, train, validation)
            self._listener.on_epoch(record)
            for sink in self._sinks:
                sink.write(record)
        self._count_stale(trainer, module, validation.vdice)
        self._save(trainer)

    def on_fit_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Let the sinks go."""
        self._close_sinks(trainer, finished=True)

    def on_exception(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """Let the sinks go."""
        self._close_sinks(trainer, finished=False)

    def _close_sinks(self, trainer: lightning.Trainer, finished: bool) -> None:
        for sink in self._sinks if trainer.is_global_zero else ():
            sink.close(finished)

    def _record(
        self,
        trainer: lightning.Trainer,
        module: SegmentationModule,
        train: MetricsRecord,
        validation: MetricsRecord,
    ) -> EpochRecord:
        training_seconds = max(self._train_end - self._epoch_start, 1e-9)
        return EpochRecord(
            fold=self._fold,
            epoch=trainer.current_epoch + 1,
            epochs=module.recipe.epochs,
            train=train,
            validation=validation,
            lr=self._rate,
            seconds=time.monotonic() - self._epoch_start,
            images_per_second=self._items / training_seconds,
            memory_bytes=measure_memory(module.device),
            time=time.time(),
        )

    def _count_stale(
        self, trainer: lightning.Trainer, module: SegmentationModule, vdice: float | None
    ) -> None:
        gained = vdice is not None and vdice > self._best_vdice
        self._best_vdice = max(self._best_vdice, vdice or 0.0) if gained else self._best_vdice
        self._stale = 0 if gained else self._stale + 1
        patience = module.recipe.early_stopping
        if patience is not None and self._stale >= patience:
            trainer.should_stop = True

    def _save(self, trainer: lightning.Trainer) -> None:
        """Every rank must take part; only the first writes."""
        if not trainer.is_global_zero:
            trainer.save_checkpoint(self._folder / LAST)
            return
        with replacing(self._folder / LAST) as temporary:
            trainer.save_checkpoint(temporary)

    def _look(
        self,
        trainer: lightning.Trainer,
        module: SegmentationModule,
        stage: Stage,
        step: int,
        loss: Tensor | None,
    ) -> None:
        if self._must_stop(trainer, stage):
            raise CancelledError(
                "Stopped. The last checkpoint is kept; Resume goes on from the end of the last epoch."
            )
        now = time.monotonic()
        if not trainer.is_global_zero or now - self._spoken < _SPEAK_SECONDS:
            return
        self._spoken = now
        steps = max(int(trainer.num_training_batches), 1)
        self._listener.on_step(
            StepRecord(
                fold=self._fold,
                folds=self._folds,
                epoch=trainer.current_epoch + 1,
                epochs=module.recipe.epochs,
                step=step,
                steps=steps,
                stage=stage,
                images_per_second=self._items / max(now - self._epoch_start, 1e-9),
                loss=None if loss is None else float(loss),
                lr=self._rate,
                memory_bytes=measure_memory(module.device),
                device=self._device,
                eta=self._estimate(trainer, module, step / steps, now),
                time=time.time(),
            )
        )

    def _must_stop(self, trainer: lightning.Trainer, stage: Stage) -> bool:
        """One decision for all ranks: one that stopped alone would leave the others waiting for it."""
        if trainer.world_size == 1:
            return self._listener.should_stop()
        if stage != "training":
            return False  # ranks may validate unequally many batches; the next epoch's first one asks
        return bool(trainer.strategy.reduce_boolean_decision(self._listener.should_stop(), all=False))

    def _estimate(
        self, trainer: lightning.Trainer, module: SegmentationModule, part: float, now: float
    ) -> float | None:
        """Seconds to the end of the run, as if all folds took as long as this one; None at the start."""
        done = trainer.current_epoch - self._first_epoch + part
        if done < 0.02:
            return None
        per_epoch = (now - self._fold_start) / done
        left = module.recipe.epochs - trainer.current_epoch - part
        return float(per_epoch * (left + (self._folds - self._fold) * module.recipe.epochs))


def _sum_up(figures: PassFigures | None) -> MetricsRecord:
    if figures is None:
        raise RuntimeError("a pass has ended that never began")
    return figures.sum_up()


def measure_memory(device: torch.device) -> int:
    """Bytes: the peak of this epoch on a GPU; the process's resident memory on a CPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return int(psutil.Process().memory_info().rss)
