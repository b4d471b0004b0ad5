"""Training through Counterpoise against a bare PyTorch loop, in one process after the other.

    python -m benchmarks.training [--images 160] [--size 128] [--batch 8] [--epochs 4] [--encoder resnet18]

Both train the same network from the same weights on the same images, already at training size, with the
same augmentation of duplicates, through as many loader processes. The bare loop only steps: it counts no
overlap, watches nothing and keeps nothing. An epoch is timed from its first batch asked for to its last
step; the first epoch of each warms up and does not count. The loader's share is the part of the bare loop's
time that it waits for a batch.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from core.data.copies import describe_source
from core.data.resized import ResizedStore
from core.domain.recipe import LossSpec, LossTerm, ModelSpec, OptimiserSpec, RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import EpochRecord
from core.formats.dataset_file import read_dataset_file
from core.formats.demo_folder import write_demo
from core.formats.whole import scan_dataset
from core.losses import build_loss
from core.synthesis import FundusSpec
from core.training.fit import FoldParts, build_training_loader, fit_fold, prepare_model
from core.training.heads import HeadLayout, build_targets, choose_head
from core.training.module import build_optimiser
from core.training.network import NormalisedNetwork
from core.training.watching import Listener


def make_recipe(arguments: argparse.Namespace) -> RecipeSpec:
    return RecipeSpec(
        id="benchmark",
        title="benchmark",
        model=ModelSpec(architecture="unet", encoder=arguments.encoder, in_channels=3),
        loss=LossSpec(terms=(LossTerm(kind="focal"),)),
        optimiser=OptimiserSpec(lr=1e-3),
        epochs=arguments.epochs,
        batch=arguments.batch,
        image_size=arguments.size,
        workers=arguments.workers,
    )


def train_bare(
    recipe: RecipeSpec, layout: HeadLayout, store: ResizedStore, parts: FoldParts, device: str
) -> tuple[list[float], float]:
    """Seconds of each epoch after the first, and the share of them that the loop waits for the loader."""
    built = prepare_model(recipe, layout, 3)
    network = NormalisedNetwork(built, recipe.channels_last).to(device).train()
    loss = build_loss(recipe.loss, layout.head, len(layout.channels), parts.pixels).to(device)
    optimiser = build_optimiser(recipe.optimiser, network)
    loader = build_training_loader(recipe, store, parts)
    seconds, waited = [], 0.0
    bf16 = device.startswith("cuda") and torch.cuda.is_bf16_supported()
    for epoch in range(recipe.epochs):
        cast(Any, loader.sampler).set_epoch(epoch)
        start = asked = time.perf_counter()
        for images, masks, _ in loader:
            if epoch:
                waited += time.perf_counter() - asked
            with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=bf16):
                logits = network(images.to(device, non_blocking=True))
                targets = build_targets(layout, masks.to(device, non_blocking=True))
                value = loss(logits, targets.values, targets.valid)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            asked = time.perf_counter()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        if epoch:
            seconds.append(time.perf_counter() - start)
    return seconds, waited / sum(seconds)


def train_ours(
    recipe: RecipeSpec, layout: HeadLayout, store: ResizedStore, parts: FoldParts, device: str, folder: Path
) -> list[float]:
    """Seconds of training of each epoch after the first, as the run itself says."""
    heard: list[EpochRecord] = []
    listener = Listener(lambda _: None, heard.append, lambda: False)
    built = prepare_model(recipe, layout, 3)
    fit_fold(recipe, layout, built, store, parts, folder / "fold1", device, listener)
    items = int(parts.copies.sum())
    return [items / record.images_per_second for record in heard[1:]]


def prepare(folder: Path, arguments: argparse.Namespace) -> tuple[ScannedDataset, ResizedStore]:
    write_demo(folder / "demo", FundusSpec(size=max(arguments.size, 96), images=arguments.images))
    dataset = scan_dataset(read_dataset_file(folder / "demo" / "dataset.toml"), None)
    store = ResizedStore(folder / "store", describe_source(dataset), dataset.samples, arguments.size, 3)
    for position in range(len(store)):
        store.read(position)
    return dataset, store


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=115)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--encoder", default="resnet18")
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    recipe = make_recipe(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset, store = prepare(folder, arguments)
        layout = choose_head(dataset.classes, dataset.overlapping)
        held = np.arange(len(store)) % 10 == 0
        train = np.flatnonzero(~held)
        pixels = np.ones(len(layout.channels), dtype=np.int64)
        copies = np.full(train.size, 2, dtype=np.int64)
        parts = FoldParts(1, 1, train, copies, np.flatnonzero(held), pixels)
        bare, waited = train_bare(recipe, layout, store, parts, arguments.device)
        ours = train_ours(recipe, layout, store, parts, arguments.device, folder)
        again, _ = train_bare(recipe, layout, store, parts, arguments.device)
        items = int(copies.sum())
        best = min(*bare, *again)
        print(
            f"bare loop: {items / best:.1f} images/s (runs {items / min(bare):.1f}, {items / min(again):.1f})"
        )
        print(f"counterpoise: {items / min(ours):.1f} images/s, ratio {best / min(ours):.3f}")
        print(f"the bare loop waits for its loader {100 * waited:.1f} % of the time")


if __name__ == "__main__":
    main()
