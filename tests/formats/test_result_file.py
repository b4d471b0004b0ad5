from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import DatasetError
from core.formats.result_file import read_result_file, write_result_file


def make_dataset(samples: int, with_pixels: bool) -> ScannedDataset:
    rng = np.random.default_rng(3)
    classes = tuple(ClassSpec(key=str(i), name=f"class {i}") for i in range(11))
    spec = DatasetSpec(
        name="t", root=Path("/x"), format="index", folders=(FolderPair(masks="m"),), classes=classes
    )
    return ScannedDataset(
        spec=spec,
        classes=classes,
        samples=tuple(
            Sample(
                f"é/{i}.png", PurePosixPath(f"é/{i}.png"), (("", PurePosixPath(f"m/{i}.png")),), f"g{i % 2}"
            )
            if i % 3
            else Sample(f"row {i}", None)
            for i in range(samples)
        ),
        presence=rng.random((samples, 11)) < 0.3,
        pixels=rng.integers(0, 9, (samples, 11)) if with_pixels else None,
        totals=rng.integers(0, 9, samples) if with_pixels else None,
        sizes=rng.integers(1, 9, (samples, 2)).astype(np.int32) if with_pixels else None,
        overlapping=True,
        problems=(Problem("a.png", "is empty", "remove it"),),
        images=samples + 1,
        fingerprint="abc",
        threshold=127.5,
        digests=rng.integers(0, 2**64, samples, dtype=np.uint64) if with_pixels else None,
    )


@pytest.mark.parametrize("samples", [0, 1, 17])
@pytest.mark.parametrize("with_pixels", [True, False])
def test_what_is_written_is_read_back(tmp_path: Path, samples: int, with_pixels: bool) -> None:
    dataset = make_dataset(samples, with_pixels)
    write_result_file(tmp_path / "scan.npz", dataset)
    back = read_result_file(tmp_path / "scan.npz")
    for name in (
        "spec",
        "classes",
        "samples",
        "overlapping",
        "problems",
        "images",
        "fingerprint",
        "threshold",
    ):
        assert getattr(back, name) == getattr(dataset, name)
    for name in ("presence", "pixels", "totals", "sizes", "digests"):
        np.testing.assert_array_equal(getattr(back, name), getattr(dataset, name))
    assert back.presence.dtype == np.bool_


def test_a_missing_scan_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="start the scan"):
        read_result_file(tmp_path / "scan.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense", b"not a zip"])
def test_a_damaged_scan_says_to_scan_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scan.npz").write_bytes(content)
    with pytest.raises(DatasetError, match="scan the dataset again"):
        read_result_file(tmp_path / "scan.npz")
