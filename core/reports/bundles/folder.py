"""A bundle that was opened here: its files in the workspace, each checked again when it is read."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.classes import ClassSpec
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.formats.pixels.images import shrink
from core.inference.predictions import KeptPrediction
from core.reports.bundles.manifest import (
    HEAT,
    MANIFEST,
    AnswersManifest,
    BundledCase,
    BundleManifest,
    parse_bundle,
)
from core.reviews.mask_files import decode_mask
from core.workspace.guarded import decode_image, read_bytes
from core.workspace.paths import check_id, workspace


@dataclass(frozen=True)
class BundleFolder:
    """The files of one bundle; a `core.reports.sources.CaseSource`."""

    path: Path
    manifest: BundleManifest
    _cases: dict[int, BundledCase] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cases", {item.case.position: item for item in self.manifest.cases})

    @property
    def classes(self) -> tuple[ClassSpec, ...]:
        """The classes that masks speak of."""
        return self.manifest.classes

    def name(self, position: int) -> str:
        """What files of a case are called: its number."""
        return f"case_{position:06}"

    def spacing(self, position: int) -> tuple[float, float] | None:
        """Millimetres between rows and columns; None where they are not known."""
        return self.case(position).spacing

    def case(self, position: int) -> BundledCase:
        """One case.

        Raises:
            ReviewError: There is none.
        """
        found = self._cases.get(position)
        if found is None:
            raise ReviewError(f"The bundle has no case {position}; choose one from the worklist.")
        return found

    def read_image(self, position: int, longest: int | None = None) -> NDArray[np.uint8]:
        """`(H, W, 3)` uint8, reduced to at most `longest` pixels a side. Raises as `read_file`."""
        name = f"images/{position:06}.png"
        picture = decode_image(self.read_file(name), name).convert("RGB")
        return np.asarray(shrink(picture, longest))

    def read_prediction(self, position: int) -> KeptPrediction:
        """What the model said. Raises as `read_file`."""
        item = self.case(position)
        mask = self._read_mask("masks", item, item.case.mask_hash)
        if not item.doubt:
            return KeptPrediction(mask, None, None)
        sure, entropy = (self._read_heat(position, which) for which in HEAT)
        return KeptPrediction(mask, sure, entropy)

    def read_reference(self, position: int) -> LabelMask | None:
        """The dataset's mask; None where it did not come along. Raises as `read_file`."""
        item = self.case(position)
        return None if item.reference is None else self._read_mask("references", item, item.reference)

    def _read_heat(self, position: int, which: str) -> NDArray[np.float32]:
        name = f"{which}/{position:06}.png"
        return np.asarray(decode_image(self.read_file(name), name).convert("L"), np.float32) / np.float32(255)

    def read_file(self, name: str) -> bytes:
        """The bytes of one file of the manifest.

        Raises:
            ReviewError: The manifest has no such file, or it is not the one that came.
            DatasetError: The file is gone.
        """
        known = self.manifest.files.get(name)
        if known is None:
            raise ReviewError(f"The bundle has no {name}.")
        content = read_bytes(self.path / name, self.path)
        if hashlib.sha256(content).hexdigest() != known.sha256:
            raise ReviewError(
                f"{self.path / name} is not what the bundle brought; open the bundle again, or restore the "
                "file."
            )
        return content

    def _read_mask(self, place: str, item: BundledCase, digest: str) -> LabelMask:
        case = item.case
        name = find_mask_name(self.manifest, place, case.position, digest)
        content = self.read_file(name)
        return decode_mask(content, name, digest, self.manifest.spec.classes, (case.height, case.width))


def find_mask_name(manifest: BundleManifest | AnswersManifest, place: str, position: int, digest: str) -> str:
    """The path of a mask among a manifest's files.

    Raises:
        ReviewError: There is none.
    """
    stem = f"{place}/{position:06}/{digest}"
    found = next(
        (name for ending in ("index", "layers") if (name := f"{stem}.{ending}.png") in manifest.files), None
    )
    if found is None:
        raise ReviewError(f"The bundle lacks the mask {digest[:12]} of its case {position}.")
    return found


def bundle_path(bundle_id: str) -> Path:
    """Where a bundle lies once it is opened."""
    return workspace().bundles / check_id(bundle_id)


def find_bundle(bundle_id: str) -> BundleFolder:
    """A bundle that was opened here.

    Raises:
        ReviewError: It is gone, or its manifest is damaged.
    """
    path = bundle_path(bundle_id)
    try:
        content = (path / MANIFEST).read_bytes()
    except OSError as error:
        raise ReviewError(
            "The bundle of this review is not in the workspace any more; open the bundle's file again."
        ) from error
    return BundleFolder(path, parse_bundle(content, str(path / MANIFEST)))


def drop_equal_bands(pixels: NDArray[np.uint8]) -> Image.Image:
    """A picture as small as it can be without a loss: grey where its three bands are equal."""
    grey = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all())
    return Image.fromarray(pixels[..., 0] if grey else pixels)
