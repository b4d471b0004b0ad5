"""NIfTI files: headers checked before a voxel is read, volumes and labels with their place in the body."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from core.errors import MaskError, UnsafeFileError
from core.formats.sources.planes import Plane, find_plane
from core.workspace.guarded import MAX_DECODED_BYTES, check_readable, decoding_errors

_HEADERS = {348: Nifti1Header, 540: Nifti2Header}
_HEADER_BYTES = 540
_MAX_OFFSET = 64 << 20  # extensions lie before the voxels; more of them is no header
_MILLIMETRES = {"meter": 1000.0, "micron": 0.001}  # other units, or none: millimetres, as everywhere
_SMALL_TYPES = 2  # bytes: float32 holds these types, and what a slope makes of them
_CHUNK = 1 << 24
_CONTRADICTION = 0.01  # of a voxel's size, by which what the affine says may differ


@dataclass(frozen=True, slots=True)
class VolumeHeader:
    """What the header of a volume says.

    Attributes:
        shape: Voxels along each array axis.
        dtype: Of the stored voxels; structured where they are colours.
        affine: `(4, 4)` from array positions to RAS+ millimetres.
        spacing: Millimetres between voxels along each array axis; NaN where the file does not say, or says
            two different things.
        scaling: Slope and intercept of stored values; None where they are the values.
        offset: Where the voxels begin, in bytes.
        oriented: Whether the file says which way its axes run; else the affine is a mere habit.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    affine: NDArray[np.float64]
    spacing: tuple[float, float, float]
    scaling: tuple[float, float] | None
    offset: int
    oriented: bool = True

    @property
    def plane(self) -> Plane:
        """How its slices lie and are looked at."""
        return find_plane(self.affine, self.spacing)

    @property
    def is_colour(self) -> bool:
        """Whether a voxel is a colour."""
        return self.dtype.names is not None


def read_header(root: Path, file: PurePosixPath) -> VolumeHeader:
    """Read and check the header of one volume.

    Args:
        root: The dataset's root; links must stay inside it.
        file: The file, relative to the root.

    Raises:
        UnsafeFileError: It promises more than 2 GiB of voxels, or a link leaves the dataset.
        MaskError: It is no NIfTI file, damaged, or no single volume.
        DatasetError: It is missing, empty, or may not be read.
    """
    check_readable(root / file, root)
    with _reading(root / file, str(file)) as stream:
        return _check_header(_parse_header(stream.read(_HEADER_BYTES), str(file)), str(file))


def read_voxels(root: Path, file: PurePosixPath, header: VolumeHeader) -> NDArray[Any]:
    """`(X, Y, Z)` or `(X, Y, Z, bands)` values of a volume, slope and intercept applied.

    Args:
        root: The dataset's root.
        file: The file, relative to the root.
        header: What `read_header` gave for it.

    Raises:
        MaskError: It is damaged or cut short.
    """
    count = int(np.prod(header.shape, dtype=np.int64)) * header.dtype.itemsize
    with _reading(root / file, str(file)) as stream:
        left = header.offset
        while left > 0 and (skipped := len(stream.read(min(left, _CHUNK)))):
            left -= skipped
        data = stream.read(count)
        if len(data) < count:
            raise MaskError(
                f"{file}: the file is cut short, {len(data):,} of {count:,} bytes of voxels are there; copy "
                "it again from its source."
            )
        stream.read(1)  # at the end of a gzip file its checksum is compared
    stored = np.frombuffer(data, header.dtype).reshape(header.shape, order="F")
    if header.dtype.names is not None:
        return np.stack([stored[name] for name in header.dtype.names], axis=-1)
    native = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    if header.scaling is None:
        return native
    slope, intercept = header.scaling
    scaled: NDArray[Any] = native.astype(np.float32 if stored.dtype.itemsize <= _SMALL_TYPES else np.float64)
    scaled *= slope
    scaled += intercept
    return scaled


def read_label_voxels(root: Path, file: PurePosixPath, header: VolumeHeader) -> NDArray[np.int32]:
    """`(X, Y, Z)` class numbers of a label volume.

    Raises:
        MaskError: It is damaged, or holds colours, fractions or numbers beyond 32 bits.
    """
    if header.is_colour:
        raise MaskError(f"{file}: the label holds colours; save it with one whole number a class.")
    voxels = read_voxels(root, file, header)
    if voxels.dtype.kind == "f":
        whole = np.isfinite(voxels) & (voxels == np.rint(voxels))
        if not whole.all():
            odd = voxels[~whole].flat[0]
            raise MaskError(
                f"{file}: the label holds {odd:g}, which is no whole number; a label has one whole number a "
                "class, so check that it is no image and no probability map, and save it again."
            )
    limits = np.iinfo(np.int32)
    if voxels.size and (voxels.min() < limits.min or voxels.max() > limits.max):
        raise MaskError(f"{file}: the label holds {voxels.max():g}, too large for a class; number them anew.")
    return voxels.astype(np.int32)


def find_shift(image: VolumeHeader, label: VolumeHeader) -> float:
    """How far apart the two place a voxel at most, in the shorter sides of the image's voxels."""
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in image.shape])).reshape(3, -1)
    places = [header.affine[:3, :3] @ corners + header.affine[:3, 3:] for header in (image, label)]
    side = min(np.linalg.norm(image.affine[:3, :3], axis=0).min(), 1e9)
    return float(np.linalg.norm(places[0] - places[1], axis=0).max() / max(side, 1e-9))


@contextmanager
def _reading(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if it is packed, whatever its suffix says."""
    with decoding_errors(name), path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield unpacked  # type: ignore[misc]  # a GzipFile is a binary stream, though not typed as one


def _parse_header(data: bytes, name: str) -> Any:  # nibabel's headers are not typed
    sizes = {int.from_bytes(data[:4], order) for order in ("little", "big")} if len(data) >= 4 else set()
    size = next((size for size in sizes if size in _HEADERS), 0)
    if not size or len(data) < size:
        raise MaskError(f"{name}: this is no NIfTI file (its header is not there); replace or remove it.")
    if data[344:347] == b"ni1" or data[4:7] == b"ni2":
        raise MaskError(
            f"{name}: its voxels lie in a second file (.img); save header and voxels as one .nii file."
        )
    header_type: Any = _HEADERS[size]
    with _header_errors(name):
        return header_type(data[:size], check=False)


def _check_header(header: Any, name: str) -> VolumeHeader:
    with _header_errors(name):
        stored = tuple(int(size) for size in header.get_data_shape())
        dtype = header.get_data_dtype()
        zooms = [float(zoom) for zoom in header.get_zooms()]
        unit = header.get_xyzt_units()[0]
        affine = np.array(header.get_best_affine(), dtype=np.float64)
        slope, intercept = header.get_slope_inter()
        offset = float(header["vox_offset"])
        oriented = int(header["sform_code"]) > 0 or int(header["qform_code"]) > 0
    shape = _check_shape(stored, dtype, name)
    if not 0 <= offset <= _MAX_OFFSET:
        raise MaskError(f"{name}: its header is damaged (voxels at byte {offset:g}); copy it again.")
    if dtype.kind not in "iufV":
        raise MaskError(f"{name}: the file holds complex numbers; save it with whole or real numbers.")
    scale = _MILLIMETRES.get(unit, 1.0)
    affine[:3] *= scale
    spacing = [
        _agree(abs(zoom) * scale, float(np.linalg.norm(affine[:3, axis])))
        for axis, zoom in enumerate((*zooms, 0, 0)[:3])
    ]
    plain = slope is None or (slope == 1 and not intercept)
    return VolumeHeader(
        shape=shape,
        dtype=dtype,
        affine=affine,
        spacing=(spacing[0], spacing[1], spacing[2]),
        scaling=None if plain else (float(slope), float(intercept or 0.0)),
        offset=int(offset),
        oriented=oriented,
    )


def _agree(size: float, step: float) -> float:
    """A voxel's size in mm; NaN where the header does not say it, or its affine says another."""
    if not np.isfinite(size) or not size:
        return np.nan
    return np.nan if step > 0 and abs(step - size) > _CONTRADICTION * size else size


def _check_shape(stored: tuple[int, ...], dtype: np.dtype[Any], name: str) -> tuple[int, int, int]:
    """The three axes of a single volume; axes of one voxel at the end count for nothing."""
    if any(size > 1 for size in stored[3:]):
        sizes = " x ".join(map(str, stored))
        raise MaskError(
            f"{name}: the file has {len(stored)} axes ({sizes}): a series of volumes, or several channels. A "
            "sample is one volume; save each as a file of its own."
        )
    shape = (*stored, 1, 1, 1)[:3]
    if not stored or min(shape) < 1:
        raise MaskError(f"{name}: its header promises no voxels; copy it again from its source.")
    decoded = float(np.prod(np.array(shape, dtype=np.float64))) * dtype.itemsize
    if decoded > MAX_DECODED_BYTES:
        raise UnsafeFileError(
            f"{name}: its header promises {' x '.join(map(str, shape))} voxels, {decoded / 2**30:.1f} GiB; "
            "2 GiB are read at most. Cut it into parts first."
        )
    return shape[0], shape[1], shape[2]


@contextmanager
def _header_errors(name: str) -> Iterator[None]:
    """Turn the errors that nibabel has of its own, for types that there are not, into ours."""
    with decoding_errors(name):
        try:
            yield
        except HeaderDataError as error:
            raise ValueError(str(error)) from error


def find_channels(root: Path, file: PurePosixPath) -> list[PurePosixPath]:
    """The image `case_0000.nii.gz` and its further channels `case_0001.nii.gz` …, as nnU-Net names them."""
    stem, mark, suffix = file.name.partition("_0000.nii")
    found = [file]
    while mark and len(found) < 10_000:
        channel = file.with_name(f"{stem}_{len(found):04}.nii{suffix}")
        if not (root / channel).is_file():
            break
        found.append(channel)
    return found
