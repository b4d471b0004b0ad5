"""The pixels of DICOM frames: decoded, rescaled, and in the window that their file asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_voi
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from core.errors import MaskError
from core.formats.sources.dicom_files import dicom_errors, find_group, read_dataset
from core.formats.sources.slices import find_window
from core.workspace.guarded import check_size

_PIXEL_TAGS = [
    "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PlanarConfiguration", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation", "WindowCenter",
    "WindowWidth", "VOILUTFunction", "VOILUTSequence", "RescaleSlope", "RescaleIntercept",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData",
]  # fmt: skip

_TABLE_BITS = (8, *range(10, 17))  # that a VOI LUT may have (PS3.3 C.11.2.1.1)


@dataclass(frozen=True, slots=True)
class FramePixels:
    """The pixels of one frame.

    Attributes:
        pixels: `(H, W)` values after rescaling (Hounsfield units, say), dark to bright; or `(H, W, 3)`.
        window: The values shown as black and white; None for colours.
        curve: `LINEAR`, `LINEAR_EXACT` or `SIGMOID`.
        shown: `(H, W)` what the file's own table (VOI LUT) makes of the pixels, to be shown in `window`; None
            where there is no table.
    """

    pixels: NDArray[Any]
    window: tuple[float, float] | None
    curve: str = "LINEAR"
    shown: NDArray[Any] | None = None


def read_frame_pixels(root: Path, file: PurePosixPath, number: int) -> FramePixels:
    """Decode one frame: rescaled, inverted where the file says that low is bright, colours as RGB.

    Raises:
        MaskError: Its compression cannot be decoded here, or it is damaged.
        DatasetError: The file is missing, empty, or may not be read.
    """
    dataset = read_dataset(root, file, _PIXEL_TAGS)
    stored = decode(root, file, dataset, number)
    with dicom_errors(str(file)):
        kind = str(dataset.get("PhotometricInterpretation", ""))
        if kind == "PALETTE COLOR":
            stored = apply_color_lut(stored, dataset)
        if stored.ndim == 3:
            deep = stored.dtype != np.uint8
            return FramePixels((stored >> 8).astype(np.uint8) if deep else stored, None)
        return _rescale(stored, dataset, number, inverted=kind == "MONOCHROME1")


def bend(found: FramePixels) -> NDArray[Any]:
    """Pixels as the file's table or the curve of their window bends them; straight ones as they are."""
    if found.shown is not None:
        return found.shown
    if found.window is None or found.curve != "SIGMOID":
        return found.pixels
    low, high = found.window
    share = (found.pixels - (low + high) / 2) / max(high - low, 1e-12)
    return low + (high - low) / (1 + np.exp(-4 * share))  # PS3.3 C.11.2.1.3.1


def decode(root: Path, file: PurePosixPath, dataset: Dataset, number: int | None) -> NDArray[Any]:
    """The stored values of one frame, or of all frames where `number` is None.

    Raises:
        MaskError: Its compression cannot be decoded here, or it is damaged.
    """
    with dicom_errors(str(file)):
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        frames = int(dataset.get("NumberOfFrames") or 1) if number is None else 1
        depth = max(int(dataset.BitsAllocated) // 8, 1) * int(dataset.get("SamplesPerPixel") or 1)
        check_size(rows, columns, depth * frames, str(file))
        syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
        _check_syntax(syntax, str(file))
        return pixel_array(root / file, index=number)


def _check_syntax(syntax: UID, name: str) -> None:
    try:
        known = not syntax.is_encapsulated or get_decoder(syntax).is_available
    except (NotImplementedError, ValueError):  # a syntax that pydicom, or DICOM, does not know
        known = False
    if not known:
        raise MaskError(
            f"{name}: its pixels are compressed as {syntax.name}, which cannot be decoded here; save it "
            "uncompressed, with dcmdjpeg or gdcmconv --raw for example."
        )


def _rescale(stored: NDArray[Any], dataset: Dataset, number: int, inverted: bool) -> FramePixels:
    values = find_group(dataset, number, "PixelValueTransformationSequence") or dataset
    slope = float(values.get("RescaleSlope", 1) or 1)
    intercept = float(values.get("RescaleIntercept", 0) or 0)
    bits, signed = int(dataset.BitsStored), int(dataset.get("PixelRepresentation") or 0)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    ends = sorted((low * slope + intercept, high * slope + intercept))
    whole = slope.is_integer() and intercept.is_integer()
    scaled = stored if slope == 1 and not intercept else stored * slope + intercept
    view = find_group(dataset, number, "FrameVOILUTSequence") or dataset
    table = _apply_table(scaled, dataset, view, inverted)
    if inverted:
        scaled = (ends[0] + ends[1]) - scaled.astype(np.float64)
    pixels = scaled.astype(_find_type(ends, whole))
    if table is not None:
        shown, brightest = table
        return FramePixels(pixels, (0.0, float(brightest)), "LINEAR_EXACT", shown)
    window = _read_window(view)
    if window is None:
        window, curve = find_window(pixels), "LINEAR_EXACT"
    else:
        curve = str(view.get("VOILUTFunction") or "LINEAR")
        window = (ends[0] + ends[1] - window[1], ends[0] + ends[1] - window[0]) if inverted else window
    return FramePixels(pixels, window, curve)


def _apply_table(
    values: NDArray[Any], dataset: Dataset, view: Dataset, inverted: bool
) -> tuple[NDArray[np.float32], int] | None:
    """Values as the first VOI LUT of a file shows them, and its brightest; None where there is none to use.

    The table comes before a window (PS3.3 C.11.2.1.1), and what is bright is turned round after it.
    """
    tables = view.get("VOILUTSequence")
    if not tables:
        return None
    bits = int(tables[0].LUTDescriptor[2])
    if bits not in _TABLE_BITS:
        return None
    brightest = (1 << bits) - 1
    source = Dataset()
    source.file_meta, source.VOILUTSequence = (
        dataset.file_meta,
        tables,
    )  # the order of bytes stands in the former
    shown = apply_voi(np.rint(values).astype(np.int32), source).astype(np.float32)  # a table has whole steps
    return (brightest - shown if inverted else shown), brightest


def _find_type(ends: Sequence[float], whole: bool) -> type[np.generic]:
    """The smallest type for all values that the file could hold, so that all slices of a series get one."""
    for kind in (np.uint8, np.uint16, np.int16):
        limits = np.iinfo(kind)
        if whole and limits.min <= ends[0] and ends[1] <= limits.max:
            return kind
    return np.float32


def _read_window(view: Dataset) -> tuple[float, float] | None:
    """The ends of the first window of a file (PS3.3 C.11.2.1.2); None where there is none."""
    centre, width = (_first(view.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None or width <= 0:
        return None
    if str(view.get("VOILUTFunction") or "LINEAR") == "LINEAR":
        return centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
    return centre - width / 2, centre + width / 2


def _first(value: Any) -> float | None:
    """The first of several values; windows come in lists."""
    if value is None or value == "":
        return None
    return float(value if isinstance(value, (int, float, str)) else value[0])
