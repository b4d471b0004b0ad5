"""A folder of predictions in the layout of `predict`, read again; anybody's, so nothing in it is trusted.

classes.json           the classes that masks speak of, and how they are stored
masks/NAME.png         exclusive classes: 8 bits, the position of the class; 255 for none
masks/CLASS/NAME.png   overlapping classes: 0 where it is not, a file a class; none where it is nowhere
confidence/NAME.png    255 is certain; may be left out, together with
entropy/NAME.png       as a share of the largest possible, 255
index.csv              the names in its column `image`; without it those of the masks
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.masks import VOID_POSITION, LabelMask
from core.errors import DatasetError, ReviewError, RunError
from core.formats.folders.listing import list_tree, stem
from core.inference.predictions import KeptPrediction, PredictionClasses, read_classes
from core.workspace.guarded import open_image, read_bytes

_NONE = 255  # in a mask of exclusive classes
_LONGEST_NAME = 120
_HEAT = ("confidence", "entropy")


@dataclass(frozen=True, slots=True)
class AppliedFolder:
    """The folder; `doubt` says whether confidence and entropy lie in it."""

    root: Path
    classes: PredictionClasses
    doubt: bool

    def list_names(self) -> list[str]:
        """What the files of each predicted image are called: POSIX, relative, without suffix.

        Raises:
            ReviewError: There is none, or the index cannot be read.
        """
        if (self.root / "index.csv").exists():
            return self._read_index()
        listing = list_tree(self.root / "masks", suffixes=frozenset({"png"}))
        found = {
            stem(name if folder == "." else f"{folder}/{name}")
            for folder in listing.below(".")
            for name in listing.pictures(folder)
        }
        if self.classes.head == "multilabel":  # masks/CLASS/NAME.png
            found = {name.partition("/")[2] for name in found} - {""}
        if not found:
            raise ReviewError(f"{self.root / 'masks'} holds no PNG; name the folder that was predicted into.")
        return sorted(found)

    def read(self, name: str) -> KeptPrediction:
        """What was predicted of one image.

        Raises:
            ReviewError: A file is missing or damaged, holds numbers of no class, or has another size than
                the others of this image.
        """
        try:
            confidence, entropy = (self._read_heat(part, name) for part in _HEAT)
            mask = self._read_layers(name) if self.classes.head == "multilabel" else self._read_mask(name)
            if mask is None:
                mask = self._make_empty(name, confidence)
        except DatasetError as error:
            raise ReviewError(f"The prediction of {name} cannot be read ({error}) Predict again.") from error
        if any(heat is not None and heat.shape != mask.shape for heat in (confidence, entropy)):
            raise ReviewError(
                f"{self.root}: mask, confidence and entropy of {name} differ in size; predict again."
            )
        return KeptPrediction(mask, confidence, entropy)

    def _read_index(self) -> list[str]:
        try:
            text = read_bytes(self.root / "index.csv", self.root).decode("utf-8", "surrogateescape")
            names = [row["image"] for row in csv.DictReader(io.StringIO(text))]
        except (DatasetError, KeyError, csv.Error) as error:
            raise ReviewError(
                f"{self.root / 'index.csv'} cannot be read ({error}); predict into this folder again."
            ) from error
        if not names or len(set(names)) != len(names):
            what = "lists an image twice" if names else "lists no predictions"
            raise ReviewError(f"{self.root / 'index.csv'} {what}; predict into this folder again.")
        return names

    def _read_mask(self, name: str) -> LabelMask:
        count = len(self.classes.names)
        stored = self._read_numbers(f"masks/{name}.png")
        wrong = stored[(stored >= count) & (stored != _NONE)]
        if wrong.size:
            raise ReviewError(
                f"{self.root / 'masks' / name}.png holds the number {int(wrong[0])}, but classes.json names "
                f"{count} classes, 0 to {count - 1} (and 255 for none); name all classes there."
            )
        return LabelMask(np.where(stored == _NONE, VOID_POSITION, stored).astype(np.int16), count)

    def _read_layers(self, name: str) -> LabelMask | None:
        """None where no class has a file."""
        found: dict[int, NDArray[np.bool_]] = {}
        for position, class_name in enumerate(self.classes.names):
            file = f"masks/{class_name.replace('/', '_')}/{name}.png"
            if (self.root / file).exists():
                found[position] = self._read_numbers(file) > 0
        if len({layer.shape for layer in found.values()}) > 1:
            raise ReviewError(f"{self.root / 'masks'}: the masks of {name} differ in size; predict again.")
        if not found:
            return None
        empty = np.zeros_like(next(iter(found.values())))
        count = len(self.classes.names)
        return LabelMask(np.stack([found.get(position, empty) for position in range(count)]), count)

    def _make_empty(self, name: str, like: NDArray[np.float32] | None) -> LabelMask:
        if like is None:
            raise ReviewError(
                f"{self.root / 'masks'} holds no mask of {name}, and nothing else tells its size; write a "
                "mask without any class for it."
            )
        count = len(self.classes.names)
        return LabelMask(np.zeros((count, *like.shape), np.bool_), count)

    def _read_heat(self, part: str, name: str) -> NDArray[np.float32] | None:
        if not self.doubt:
            return None
        pixels = open_image(self.root / f"{part}/{name}.png", self.root).convert("L")
        return np.asarray(pixels).astype(np.float32) / np.float32(255)

    def _read_numbers(self, name: str) -> NDArray[np.int32]:
        image = open_image(self.root / name, self.root)
        if len(image.getbands()) != 1:
            raise ReviewError(
                f"{self.root / name} is a colour picture; a mask holds one number a pixel: grey or palette."
            )
        return np.asarray(image).astype(np.int32)


def _check_names(file: Path, names: Sequence[str]) -> None:
    if not names or len(set(names)) != len(names):
        raise ReviewError(f"{file} names no class, or one twice; each number is one class.")
    if len(names) > _NONE:
        raise ReviewError(f"{file} names {len(names)} classes; masks of 8 bits hold at most {_NONE}.")
    fit = [bool(name.strip()) and name.isprintable() and len(name) <= _LONGEST_NAME for name in names]
    if not all(fit):
        wrong = names[fit.index(False)][:40]
        raise ReviewError(f"{file} names a class {wrong!r}, which nobody can read; give it a short name.")


def open_applied(root: Path) -> AppliedFolder:
    """Look whether a folder has the layout of `predict`.

    Raises:
        ReviewError: It has not; the sentence says what is missing.
    """
    if not root.is_dir():
        raise ReviewError(f"{root} is not a folder; name the one that holds masks and classes.json.")
    try:
        read_bytes(root / "classes.json", root)
        classes = read_classes(root)
    except (DatasetError, RunError) as error:
        raise ReviewError(
            f"{root / 'classes.json'} is missing or damaged. It says what the numbers of the masks mean: "
            '{"names": ["background", "lung"], "head": "multiclass"}.'
        ) from error
    _check_names(root / "classes.json", classes.names)
    if not (root / "masks").is_dir():
        raise ReviewError(f"{root} holds no folder masks; name the folder that was predicted into.")
    present = [part for part in _HEAT if (root / part).is_dir()]
    if len(present) == 1:
        raise ReviewError(
            f"{root} holds a folder {present[0]}, but not the other of confidence and entropy; give both or "
            "neither."
        )
    return AppliedFolder(root, classes, bool(present))
