"""The mask formats by name, and reading the mask of one sample."""

from collections.abc import Sequence
from pathlib import Path

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.scan import Sample
from core.errors import DatasetError, MaskError
from core.formats.masks.binary_masks import BinaryMasks
from core.formats.masks.colour_masks import ColourMasks
from core.formats.masks.index_masks import IndexMasks
from core.formats.masks.per_class_masks import PerClassMasks
from core.formats.masks.protocol import MaskFormat, MaskWriter
from core.formats.pixels.mask_pixels import MaskPixels, read_mask_pixels
from core.workspace.guarded import FolderGuard

FORMATS: dict[str, MaskFormat] = {
    mask_format.name: mask_format
    for mask_format in (IndexMasks(), ColourMasks(), BinaryMasks(), PerClassMasks())
}
WRITERS: dict[str, MaskWriter] = {
    mask_format.name: mask_format for mask_format in (IndexMasks(), PerClassMasks())
}


def find_format(name: str) -> MaskFormat:
    """Return the mask format of a name.

    Raises:
        DatasetError: There is none of that name; the right ones are listed.
    """
    if name not in FORMATS:
        raise DatasetError(f"There is no mask format {name!r}; choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def read_mask(spec: DatasetSpec, classes: Sequence[ClassSpec], sample: Sample) -> LabelMask:
    """Return the label mask of one sample.

    Args:
        spec: The dataset. A soft mask is cut at `spec.threshold`; without one, at half of the range that the
            sample's own masks suggest. Put the scan's threshold there to see what the scan has counted.
        classes: The classes whose positions the label mask holds, usually the scan's.
        sample: The sample; it must have masks.

    Raises:
        DatasetError: A file is missing, broken, or not of the size of the others.
    """
    mask_format = find_format(spec.format)
    if not sample.masks:
        raise DatasetError(f"{sample.id} has no mask; only its labels are known.")
    guard = FolderGuard(mask_roots(spec))
    masks: list[tuple[str, MaskPixels]] = []
    for key, file in sample.masks:
        path = spec.root / file
        guard.check(path)
        pixels = read_mask_pixels(path)
        if masks and pixels.shape != masks[0][1].shape:
            raise MaskError(f"{file}: its size is not that of {sample.masks[0][1]}; save both alike.")
        masks.append((key, pixels))
    try:
        return mask_format.read(spec, classes, masks)
    except MaskError as error:
        raise MaskError(f"{sample.masks[0][1]}: {error}") from error


def mask_roots(spec: DatasetSpec) -> list[Path]:
    """Return the folders inside which files may lie: the root, and folders that are named outside of it."""
    named = [folder for pair in spec.folders for folder in (pair.images, pair.masks) if folder is not None]
    outside = [folder for folder in named if folder.startswith(("/", "..")) or Path(folder).is_absolute()]
    return [spec.root, *(spec.root / folder for folder in outside)]
