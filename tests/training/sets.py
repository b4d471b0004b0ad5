"""Small sets and recipes that train in a moment."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.domain.recipe import ModelSpec, OptimiserSpec, RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import TrainRequest
from core.formats.whole import scan_dataset
from core.training.run import Assignment
from tests.data.sets import describe, save

SIZE = 32


def write_discs(root: Path, count: int = 12) -> ScannedDataset:
    """Bright discs and dark squares on grey; the square is in every third image. A void corner."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for number in range(count):
        image = rng.normal(110, 12, (SIZE, SIZE, 3))
        mask = np.zeros((SIZE, SIZE), np.uint8)
        row, column = rng.integers(8, SIZE - 8, 2)
        inside = (rows - row) ** 2 + (columns - column) ** 2 < 36
        image[inside], mask[inside] = image[inside] + 90, 1
        if number % 3 == 0:
            image[2:8, 20:28], mask[2:8, 20:28] = image[2:8, 20:28] - 80, 2
        mask[-3:, -3:] = 99
        picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
        save(picture, root / "images" / f"{number:02}.png")
        save(Image.fromarray(mask), root / "masks" / f"{number:02}.png")
    spec = describe(root, "index", ["0", "1", "2"], void=("99",), names=("background", "disc", "square"))
    return scan_dataset(spec, None)


def tiny_recipe(**changes: object) -> RecipeSpec:
    fields: dict[str, object] = {
        "id": "tiny",
        "title": "tiny",
        "model": ModelSpec(architecture="plain-unet", channels=(8, 16), in_channels=3, norm="batch"),
        "optimiser": OptimiserSpec(lr=1e-2),
        "epochs": 3,
        "batch": 4,
        "image_size": SIZE,
        "workers": 0,
        "deterministic": True,
        **changes,
    }
    return RecipeSpec.model_validate(fields)


def ask(dataset: ScannedDataset, recipe: RecipeSpec | None = None) -> TrainRequest:
    return TrainRequest(
        title="test",
        dataset=dataset.spec,
        fingerprint=dataset.fingerprint,
        recipe=recipe or tiny_recipe(),
    )


def assign(dataset: ScannedDataset, folds: int = 1, copies: int = 1) -> list[Assignment]:
    """Every fourth image is held out; with more folds another fourth each."""
    count = len(dataset.samples)
    found = []
    for fold in range(folds):
        held = np.arange(count) % 4 == fold
        whole = np.where(held, 0, copies).astype(np.int64)
        found.append(Assignment(whole, np.flatnonzero(held), np.flatnonzero(~held)))
    return found
