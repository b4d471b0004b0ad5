"""Predicted masks on disk, one set of small files a sample, and the index that lists them.

    index.csv           sample, position, height, width, fold, mean confidence and entropy, Dice per class
    classes.json        the classes that masks speak of, and how they are stored
    000012.mask.png     exclusive classes: 8 bits, the position of the class; 255 for none
    000012.mask.npz     overlapping classes: bits, a layer a class
    000012.sure.png     confidence, 8 bits: 255 is certain
    000012.entropy.png  entropy as a share of the largest possible, 8 bits

Everything has the size of the image. The last two are missing where nothing is known of the model's doubt.
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from core.domain.base import FrozenModel
from core.domain.masks import VOID_POSITION, LabelMask
from core.domain.recipe import HeadKind
from core.domain.training import PerClass
from core.errors import RunError
from core.workspace.files import replacing, write_atomic

_NONE = 255
_COLUMNS = ("sample", "position", "fold", "height", "width", "confidence", "entropy")


class PredictionClasses(FrozenModel):
    """What the masks of a folder speak of: names in order, and the head that they come from."""

    names: tuple[str, ...]
    head: HeadKind


@dataclass(frozen=True, slots=True)
class KeptPrediction:
    """One predicted sample as it is kept; the mask of another program may have come alone.

    Attributes:
        mask: Positions into the classes, or layers; `(H, W)` or `(C, H, W)`.
        confidence: `(H, W)` float32 in [0, 1]; None together with `entropy`.
        entropy: `(H, W)` float32 in [0, 1].
    """

    mask: LabelMask
    confidence: NDArray[np.float32] | None
    entropy: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Prediction(KeptPrediction):
    """One sample as a model predicts it, with all that it says."""

    confidence: NDArray[np.float32]
    entropy: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PredictionEntry:
    """One line of the index: `dice` compares with the reference, where there is one."""

    sample: str
    position: int
    fold: int
    height: int
    width: int
    confidence: float
    entropy: float
    dice: PerClass


def write_prediction(folder: Path, position: int, prediction: KeptPrediction) -> None:
    """Write the files of one sample.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    stem = folder / f"{position:06}"
    mask = prediction.mask
    if mask.overlapping:
        with replacing(stem.with_suffix(".mask.npz")) as temporary, temporary.open("wb") as file:
            packed = np.packbits(mask.pixels.astype(np.bool_), axis=0)
            np.savez_compressed(file, layers=packed, count=np.int64(mask.class_count))
    else:
        stored = np.where(mask.pixels == VOID_POSITION, _NONE, mask.pixels).astype(np.uint8)
        write_atomic(stem.with_suffix(".mask.png"), _encode(stored))
    for ending, heat in ((".sure.png", prediction.confidence), (".entropy.png", prediction.entropy)):
        if heat is not None:
            write_atomic(stem.with_suffix(ending), _encode(_to_bytes(heat)))


def read_prediction(folder: Path, position: int, doubt: bool = True) -> KeptPrediction:
    """Read what `write_prediction` wrote; confidence and entropy are exact to 1/255.

    Args:
        folder: Where it lies.
        position: Of the sample.
        doubt: Whether confidence and entropy were written.

    Raises:
        RunError: A file is missing or damaged.
    """
    stem = folder / f"{position:06}"
    classes = read_classes(folder)
    try:
        if stem.with_suffix(".mask.npz").exists():
            with np.load(stem.with_suffix(".mask.npz"), allow_pickle=False) as arrays:
                layers = np.unpackbits(arrays["layers"], axis=0, count=int(arrays["count"]))
            mask = LabelMask(layers.astype(np.bool_), len(classes.names))
        else:
            stored = np.asarray(Image.open(stem.with_suffix(".mask.png"))).astype(np.int16)
            mask = LabelMask(np.where(stored == _NONE, VOID_POSITION, stored), len(classes.names))
        sure, entropy = (
            np.asarray(Image.open(stem.with_suffix(ending))).astype(np.float32) / np.float32(255)
            if doubt
            else None
            for ending in (".sure.png", ".entropy.png")
        )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise RunError(
            f"The prediction {position} in {folder} cannot be read ({error}); predict again."
        ) from error
    return KeptPrediction(mask, sure, entropy)


def write_classes(folder: Path, classes: PredictionClasses) -> None:
    """Say what the masks of a folder speak of."""
    write_atomic(folder / "classes.json", classes.model_dump_json(indent=2))


def read_classes(folder: Path) -> PredictionClasses:
    """What the masks of a folder speak of.

    Raises:
        RunError: The folder holds no predictions.
    """
    try:
        return PredictionClasses.model_validate_json((folder / "classes.json").read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise RunError(f"{folder} holds no predictions; predict first.") from error


def write_index(folder: Path, entries: Sequence[PredictionEntry], names: Sequence[str]) -> None:
    """Write the index; Dice columns are called `dice: NAME` and empty where a class is absent."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS, *(f"dice: {name}" for name in names)])
    for entry in entries:
        scores = ["" if (score := entry.dice.get(name)) is None else f"{score:.6f}" for name in names]
        writer.writerow(
            [
                entry.sample, entry.position, entry.fold, entry.height, entry.width,
                f"{entry.confidence:.6f}", f"{entry.entropy:.6f}", *scores,
            ]
        )  # fmt: skip
    write_atomic(folder / "index.csv", text.getvalue().encode("utf-8", "surrogateescape"))


def read_index(folder: Path) -> list[PredictionEntry]:
    """The predicted samples of a folder; empty before the first.

    Raises:
        RunError: The index is damaged.
    """
    try:
        content = (folder / "index.csv").read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return []
    try:
        return [_parse(row) for row in csv.DictReader(io.StringIO(content))]
    except (KeyError, ValueError, TypeError) as error:
        raise RunError(f"{folder / 'index.csv'} is damaged ({error}); predict again.") from error


def _parse(row: dict[str, str]) -> PredictionEntry:
    dice = {
        key.removeprefix("dice: "): float(value) if value else None
        for key, value in row.items()
        if key.startswith("dice: ")
    }
    return PredictionEntry(
        sample=row["sample"],
        position=int(row["position"]),
        fold=int(row["fold"]),
        height=int(row["height"]),
        width=int(row["width"]),
        confidence=float(row["confidence"]),
        entropy=float(row["entropy"]),
        dice=dice,
    )


def _to_bytes(share: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
