"""NIfTI files, sound and hostile."""

import gzip
import struct
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from core.errors import DatasetError, MaskError, UnsafeFileError
from core.formats.sources.nifti_files import (
    find_channels,
    find_shift,
    read_header,
    read_label_voxels,
    read_voxels,
)
from tests.formats.sources.volumes import make_image, make_label, write_nifti

A = PurePosixPath("a.nii.gz")


def patch(path: Path, offset: int, form: str, *values: float) -> None:
    data = bytearray(gzip.decompress(path.read_bytes()))
    struct.pack_into(form, data, offset, *values)
    path.write_bytes(gzip.compress(bytes(data)))


def test_voxels_are_those_written(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, make_image())
    header = read_header(tmp_path, A)
    assert (read_voxels(tmp_path, A, header) == make_image()).all()
    assert header.spacing == (1.0, 1.0, 1.0)


def test_a_packed_file_may_be_called_nii_and_a_plain_one_nii_gz(tmp_path: Path) -> None:
    packed = write_nifti(tmp_path / A, make_image())
    (tmp_path / "b.nii").write_bytes(packed.read_bytes())
    (tmp_path / "c.nii.gz").write_bytes(gzip.decompress(packed.read_bytes()))
    for name in ("b.nii", "c.nii.gz"):
        file = PurePosixPath(name)
        assert (read_voxels(tmp_path, file, read_header(tmp_path, file)) == make_image()).all()


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1.0), ("micron", 0.001), ("meter", 1000.0)])
def test_spacing_is_in_millimetres(tmp_path: Path, unit: str, factor: float) -> None:
    write_nifti(tmp_path / A, make_image(), np.diag([2.0, 3.0, 4.0, 1.0]), unit)
    assert read_header(tmp_path, A).spacing == pytest.approx((2 * factor, 3 * factor, 4 * factor))


def test_a_voxel_size_that_the_affine_contradicts_is_not_known(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image(), np.diag([2.0, 3.0, 4.0, 1.0]), "mm")
    patch(path, 80, "<fff", 2.0, 3.01, 1.0)  # pixdim
    assert read_header(tmp_path, A).spacing == pytest.approx((2.0, 3.01, np.nan), nan_ok=True)


def test_slope_and_intercept_are_applied(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    patch(path, 112, "<ff", 0.5, -10.0)
    voxels = read_voxels(tmp_path, A, read_header(tmp_path, A))
    assert voxels == pytest.approx(make_image() * 0.5 - 10)


def test_big_endian_files_are_read(tmp_path: Path) -> None:
    import nibabel

    header = nibabel.Nifti1Header(endianness=">")
    image = nibabel.Nifti1Image(make_image().astype(">i2"), np.eye(4), header)
    (tmp_path / "a.nii").write_bytes(image.to_bytes())
    file = PurePosixPath("a.nii")
    voxels = read_voxels(tmp_path, file, read_header(tmp_path, file))
    assert (voxels == make_image()).all()
    assert voxels.dtype.isnative


def test_the_second_version_of_the_format_is_read(tmp_path: Path) -> None:
    import nibabel

    (tmp_path / "a.nii").write_bytes(nibabel.Nifti2Image(make_image(), np.eye(4)).to_bytes())
    file = PurePosixPath("a.nii")
    assert (read_voxels(tmp_path, file, read_header(tmp_path, file)) == make_image()).all()


def test_axes_of_one_voxel_at_the_end_count_for_nothing(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, make_image()[..., None, None])
    assert read_header(tmp_path, A).shape == (5, 6, 4)


def test_a_single_slice_is_a_volume(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, make_image()[..., 0])
    assert read_header(tmp_path, A).shape == (5, 6, 1)


def test_a_series_of_volumes_is_refused_with_its_axes(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, np.zeros((5, 6, 4, 3), np.uint8))
    with pytest.raises(MaskError, match=r"4 axes \(5 x 6 x 4 x 3\).*file of its own"):
        read_header(tmp_path, A)


def test_a_header_that_promises_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    patch(path, 40, "<4h", 3, 32000, 32000, 32000)
    with pytest.raises(UnsafeFileError, match="2 GiB"):
        read_header(tmp_path, A)


def test_voxels_said_to_lie_far_behind_are_refused(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    patch(path, 108, "<f", 1e18)
    with pytest.raises(MaskError, match="header is damaged"):
        read_header(tmp_path, A)


def test_a_type_that_there_is_not_is_refused(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    patch(path, 70, "<h", 9999)
    with pytest.raises(MaskError, match=r"a\.nii\.gz"):
        read_header(tmp_path, A)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, make_image().astype(np.complex64))
    with pytest.raises(MaskError, match="complex"):
        read_header(tmp_path, A)


def test_the_header_of_a_pair_of_files_is_refused(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    patch(path, 344, "4s", b"ni1\0")
    with pytest.raises(MaskError, match="second file"):
        read_header(tmp_path, A)


@pytest.mark.parametrize("content", [b"no volume at all" * 60, b"\x1f\x8b broken", gzip.compress(b"short")])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / A).write_bytes(content)
    with pytest.raises(MaskError, match=r"a\.nii\.gz"):
        read_header(tmp_path, A)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / A).touch()
    with pytest.raises(DatasetError, match="empty"):
        read_header(tmp_path, A)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, np.random.default_rng(0).normal(size=(20, 20, 20)))
    for data in (path.read_bytes()[:-2000], gzip.compress(gzip.decompress(path.read_bytes())[:-64])):
        path.write_bytes(data)
        with pytest.raises(MaskError, match="cut short"):
            read_voxels(tmp_path, A, read_header(tmp_path, A))


def test_a_flipped_bit_does_not_pass(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / A, make_image())
    data = bytearray(path.read_bytes())
    data[-6] ^= 1  # in the checksum
    path.write_bytes(bytes(data))
    with pytest.raises(MaskError, match="damaged"):
        read_voxels(tmp_path, A, read_header(tmp_path, A))


def test_whole_numbers_stored_as_fractions_are_a_label(tmp_path: Path) -> None:
    write_nifti(tmp_path / A, make_label().astype(np.float32))
    assert (read_label_voxels(tmp_path, A, read_header(tmp_path, A)) == make_label()).all()


@pytest.mark.parametrize("odd", [0.5, np.nan, np.inf])
def test_a_label_of_fractions_is_refused(tmp_path: Path, odd: float) -> None:
    label = make_label().astype(np.float32)
    label[0, 0, 0] = odd
    write_nifti(tmp_path / A, label)
    with pytest.raises(MaskError, match="no whole number"):
        read_label_voxels(tmp_path, A, read_header(tmp_path, A))


def test_colours_are_bands(tmp_path: Path) -> None:
    colours = np.zeros((3, 4, 2), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    colours["G"] = 7
    write_nifti(tmp_path / A, colours)
    header = read_header(tmp_path, A)
    assert header.is_colour
    assert read_voxels(tmp_path, A, header)[0, 0, 0].tolist() == [0, 7, 0]


def test_channels_are_found_by_their_numbers(tmp_path: Path) -> None:
    for name in ("a_0000.nii.gz", "a_0001.nii.gz", "a_0003.nii.gz", "b_0000.nii"):
        (tmp_path / name).touch()
    assert [file.name for file in find_channels(tmp_path, PurePosixPath("a_0000.nii.gz"))] == [
        "a_0000.nii.gz",
        "a_0001.nii.gz",
    ]
    assert len(find_channels(tmp_path, PurePosixPath("b_0000.nii"))) == 1


def test_a_shift_is_measured_in_voxels(tmp_path: Path) -> None:
    moved = np.diag([2.0, 2.0, 2.0, 1.0])
    write_nifti(tmp_path / "a.nii.gz", make_image(), moved)
    moved = moved.copy()
    moved[0, 3] = 3.0
    write_nifti(tmp_path / "b.nii.gz", make_image(), moved)
    headers = [read_header(tmp_path, PurePosixPath(name)) for name in ("a.nii.gz", "b.nii.gz")]
    assert find_shift(*headers) == pytest.approx(1.5)
