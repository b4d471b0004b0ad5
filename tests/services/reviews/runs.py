"""Finished runs whose predictions the tests write themselves; nothing is trained."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.events import RunEvent
from core.domain.masks import LabelMask
from core.domain.recipe import ModelSpec, RecipeSpec
from core.domain.scan import ScannedDataset
from core.domain.training import TrainRequest
from core.formats.whole import read_label
from core.inference.predictions import (
    Prediction,
    PredictionClasses,
    PredictionEntry,
    write_classes,
    write_index,
    write_prediction,
)
from core.runs.folder import RunFolder, create_run
from core.services import datasets

CLASSES = (
    ClassSpec(key="0", name="background", role="background", index=0),
    ClassSpec(key="1", name="disc", index=1),
    ClassSpec(key="2", name="vessel", index=2),
    ClassSpec(key="3", name="scar", index=3),
)


def scan_eyes(root: Path, count: int = 12) -> ScannedDataset:
    """Images with disc in all, vessel in every other one, and scar in the first and the seventh."""
    for kind in ("images", "masks"):
        (root / kind).mkdir(parents=True)
    rng = np.random.default_rng(1)
    for place in range(count):
        mask = np.zeros((24, 32), np.uint8)
        mask[:4] = 1
        mask[5:8] = 2 * (place % 2)
        mask[13:16] = 3 * (place % 6 == 0)
        Image.fromarray(mask).save(root / "masks" / f"{place:04}.png")
        Image.fromarray(rng.integers(0, 255, (24, 32, 3), np.uint8)).save(root / "images" / f"{place:04}.png")
    folders = (FolderPair(images="images", masks="masks"),)
    spec = DatasetSpec(name="eyes", root=root, format="index", folders=folders, classes=CLASSES)
    datasets.keep(spec)
    return datasets.scan_now(spec)


def write_predicted_run(
    dataset: ScannedDataset, shift: int = 1, title: str = "U-Net · rare up", overlapping: bool = False
) -> RunFolder:
    """A run of three folds that has predicted every sample: its reference, moved down by `shift` pixels."""
    recipe = RecipeSpec(id="s1", title="s1", model=ModelSpec(architecture="plain-unet"))
    request = TrainRequest(title=title, dataset=dataset.spec, fingerprint=dataset.fingerprint, recipe=recipe)
    run = create_run("train", {"request": request.model_dump_json(), "device": "cpu"})
    for kind in ("started", "finished"):
        run.append(RunEvent(time=1000.0, kind=kind))
    names = tuple(item.name for item in dataset.classes)
    classes = PredictionClasses(names=names, head="multilabel" if overlapping else "multiclass")
    write_classes(run.path / "predictions", classes)
    entries = [
        _predict(run.path / "predictions", dataset, place, shift, overlapping)
        for place in range(len(dataset.samples))
    ]
    write_index(run.path / "predictions", entries, names[1:])
    return run


def _predict(
    folder: Path, dataset: ScannedDataset, place: int, shift: int, overlapping: bool
) -> PredictionEntry:
    wanted = read_label(dataset.spec, dataset.classes, dataset.samples[place])
    pixels = np.roll(wanted.stack() if overlapping else wanted.pixels, shift, axis=-2)
    mask = LabelMask(pixels, len(dataset.classes))
    entropy = np.full(mask.shape, place / len(dataset.samples), np.float32)
    write_prediction(folder, place, Prediction(mask, 1 - entropy, entropy))
    height, width = mask.shape
    return PredictionEntry(
        sample=dataset.samples[place].id, position=place, fold=1 + place % 3, height=height, width=width,
        confidence=float(1 - entropy.mean()), entropy=float(entropy.mean()),
        dice={item.name: 1 - place / len(dataset.samples) for item in dataset.classes[1:]},
    )  # fmt: skip


def write_applied_folder(
    dataset: ScannedDataset, folder: Path, overlapping: bool, prefix: str = "images/"
) -> None:
    """What `predict` writes of a dataset: its references."""
    names = tuple(item.name for item in dataset.classes)
    write_classes(folder, PredictionClasses(names=names, head="multilabel" if overlapping else "multiclass"))
    lines = ["image,height,width,confidence,entropy"]
    for sample in dataset.samples:
        name = prefix + Path(sample.id).stem
        mask = read_label(dataset.spec, dataset.classes, sample)
        pictures = {
            f"confidence/{name}.png": np.full(mask.shape, 200),
            f"entropy/{name}.png": np.zeros(mask.shape),
        }
        if overlapping:
            layers = {place: mask.region(place) for place in range(len(names))}
            pictures |= {
                f"masks/{names[i]}/{name}.png": 255 * layer for i, layer in layers.items() if layer.any()
            }
        else:
            pictures[f"masks/{name}.png"] = mask.pixels
        for path, pixels in pictures.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / path)
        lines.append(f"{name},{mask.shape[0]},{mask.shape[1]},0.784,0.0")
    (folder / "index.csv").write_text("\n".join(lines))
