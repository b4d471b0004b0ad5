"""The unit of work of a scan: the files of one sample, opened together, and how results travel and are kept.

Many results are packed into a few arrays (never pickled), both on the way from a worker and in the scan's
cache.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AppError
from core.formats.folders.listing import is_dicom_name
from core.formats.pixels.counting import ValueCounts, count_mask_pixels
from core.formats.pixels.images import read_size
from core.formats.pixels.levels import join_levels
from core.formats.pixels.mask_pixels import MaskPixels, read_mask_pixels

_COLOUR, _LOSSY, _BILEVEL, _PALETTE, _PEAKS = 1, 2, 4, 8, 16

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class CountTask:
    """The files of one sample that must be read.

    Attributes:
        image: Absolute path of the image whose size is wanted; empty for none.
        size: Height and width of the image where they are known already.
        masks: Absolute paths of the masks to count.
        union: Whether the largest level over the masks is wanted too.
    """

    image: str
    size: tuple[int, int] | None
    masks: tuple[str, ...]
    union: bool


@dataclass(frozen=True, slots=True)
class CountResult:
    """What reading the files of one sample gave; a sentence stands where a file could not be read."""

    size: tuple[int, int] | str | None
    masks: tuple[ValueCounts | str, ...]
    union: ValueCounts | None = None


def run_task(task: CountTask) -> CountResult:
    """Read the files of one sample. Faults of files are results, not errors."""
    size: tuple[int, int] | str | None = task.size
    if task.image:
        try:
            size = _read_size(Path(task.image))
        except AppError as error:
            size = str(error)
    counts: list[ValueCounts | str] = []
    opened: list[MaskPixels] = []
    for path in task.masks:
        try:
            pixels = read_mask_pixels(Path(path))
        except AppError as error:
            counts.append(str(error))
            continue
        counts.append(count_mask_pixels(pixels))
        if task.union:
            opened.append(pixels)
    return CountResult(size, tuple(counts), _join(opened, size))


def _read_size(path: Path) -> tuple[int, int]:
    if not is_dicom_name(path.name):
        return read_size(path)
    from core.formats.sources.dicom_pictures import read_dicom_size  # pydicom loads slowly, few need it

    return read_dicom_size(path.parent, PurePosixPath(path.name))


def choose_size(
    size: tuple[int, int] | str | None, shapes: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """Return the size that a sample's masks must have: its image's, else the one that most masks have."""
    if isinstance(size, tuple):
        return size
    return max(shapes, key=shapes.count) if shapes else None


def pack_results(results: Sequence[CountResult]) -> dict[str, NDArray[Any]]:
    """Return results as arrays that `unpack_results` reads."""
    counts: list[ValueCounts] = []
    plan = [
        [
            result.size,
            [item if isinstance(item, str) else _put(counts, item) for item in result.masks],
            None if result.union is None else _put(counts, result.union),
        ]
        for result in results
    ]
    return {"plan": pack_json(plan), **pack_counts(counts)}


def unpack_results(arrays: Arrays) -> list[CountResult]:
    """Return the results that `pack_results` packed."""
    counts = unpack_counts(arrays)
    return [
        CountResult(
            tuple(size) if isinstance(size, list) else size,
            tuple(item if isinstance(item, str) else counts[item] for item in masks),
            None if union is None else counts[union],
        )
        for size, masks, union in unpack_json(arrays["plan"])
    ]


def pack_json(value: Any) -> NDArray[np.uint8]:
    """Return a JSON value as an array of bytes, so that names need neither a fixed width nor pickle."""
    return np.frombuffer(json.dumps(value).encode("utf-8"), dtype=np.uint8)


def unpack_json(array: NDArray[np.uint8]) -> Any:
    """Return the value that `pack_json` packed."""
    return json.loads(array.tobytes())


def pack_counts(counts: Sequence[ValueCounts]) -> dict[str, NDArray[Any]]:
    """Return the counts of many files end to end, a handful of arrays whatever their number."""
    nothing = np.zeros(0, dtype=np.int64)
    rows = [
        (item.values.size, item.height, item.width, _flags(item), item.rest, item.scale, item.step)
        for item in counts
    ]
    return {
        "rows": np.array(rows, dtype=np.int64).reshape(len(rows), 7),
        "digests": np.frombuffer(bytes.fromhex("".join(item.digest for item in counts)), dtype=np.uint8),
        "values": np.concatenate([nothing, *(item.values for item in counts)]),
        "counts": np.concatenate([nothing, *(item.counts for item in counts)]),
        "colours": np.concatenate([nothing, *(item.colours for item in counts if item.colours is not None)]),
        "peaks": np.concatenate([nothing, *(item.peaks for item in counts if item.peaks is not None)]),
    }


def unpack_counts(arrays: Arrays) -> list[ValueCounts]:
    """Return the counts that `pack_counts` packed.

    Raises:
        KeyError, ValueError, IndexError: The arrays do not fit together (a damaged cache).
    """
    rows = arrays["rows"].tolist()
    values, pixels = arrays["values"], arrays["counts"]
    colours, peaks = arrays["colours"], arrays["peaks"].reshape(-1, 256)
    digests = arrays["digests"].tobytes().hex()
    if (
        sum(row[0] for row in rows) != values.size
        or values.size != pixels.size
        or len(digests) != 32 * len(rows)
    ):
        raise ValueError("the arrays of counts do not fit together")
    counts, start, colour, peak = [], 0, 0, 0
    for place, (size, height, width, flags, rest, scale, step) in enumerate(rows):
        has_palette, has_peaks = bool(flags & _PALETTE), bool(flags & _PEAKS)
        counts.append(
            ValueCounts(
                values[start : start + size],
                pixels[start : start + size],
                height,
                width,
                "colour" if flags & _COLOUR else "scalar",
                bool(flags & _LOSSY),
                digests[32 * place : 32 * place + 32],
                colours[colour : colour + size] if has_palette else None,
                peaks[peak] if has_peaks else None,
                rest,
                bool(flags & _BILEVEL),
                scale,
                step,
            )
        )
        start += size
        colour += size * has_palette
        peak += has_peaks
    return counts


def _join(opened: Sequence[MaskPixels], size: tuple[int, int] | str | None) -> ValueCounts | None:
    wanted = choose_size(size, [item.shape for item in opened])
    fitting = [item for item in opened if item.shape == wanted]
    return count_mask_pixels(join_levels(fitting)) if len(fitting) > 1 else None


def _put(counts: list[ValueCounts], item: ValueCounts) -> int:
    counts.append(item)
    return len(counts) - 1


def _flags(item: ValueCounts) -> int:
    return (
        _COLOUR * (item.kind == "colour")
        | _LOSSY * item.lossy
        | _BILEVEL * item.bilevel
        | _PALETTE * (item.colours is not None)
        | _PEAKS * (item.peaks is not None)
    )
