"""DICOM images beside mask files that are pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.copies import SourceSample, describe_source
from core.domain.scan import ScannedDataset
from core.formats.detection.proposing import propose
from core.formats.whole import read_display, read_label, scan_dataset
from tests.formats.sources.dicoms import SHAPE, make_series, write_series


@pytest.fixture
def found(tmp_path: Path) -> ScannedDataset:
    """Three DICOM images; of each a PNG with a lesion of another size."""
    paths = write_series(tmp_path / "images", make_series())
    (tmp_path / "masks").mkdir()
    for number, path in enumerate(paths):
        mask = np.zeros(SHAPE, np.uint8)
        mask[0, : number + 1] = 1
        mask[3, :2] = 2
        Image.fromarray(mask).save(tmp_path / "masks" / f"{path.stem}.png")
    return scan_dataset(propose(tmp_path).spec, None)


def test_they_open_as_pairs_of_equal_names(found: ScannedDataset) -> None:
    assert found.problems == ()
    assert found.spec.format == "index"
    assert [(str(s.image), str(s.masks[0][1])) for s in found.samples] == [
        ("images/im_03.dcm", "masks/im_03.png"),
        ("images/im_06.dcm", "masks/im_06.png"),
        ("images/im_10.dcm", "masks/im_10.png"),
    ]
    assert found.sizes is not None
    assert found.sizes.tolist() == [list(SHAPE)] * 3


def test_they_are_shown_in_their_window_and_read_rescaled(found: ScannedDataset) -> None:
    shown = read_display(found.spec, found.samples[0])
    assert shown.shape == (*SHAPE, 3)
    assert shown.max() == 0  # -1000 Hounsfield units lie below the window of 40 ± 200
    source = SourceSample(describe_source(found), found.samples[0])
    assert not source.is_file
    assert source.picture.pixels.min() == -1000
    assert source.label.shape == SHAPE
    assert read_label(found.spec, found.classes, found.samples[0]).region(1).sum() == 1


def test_an_image_of_several_frames_is_a_problem(found: ScannedDataset) -> None:
    image = make_series(depth=1)[0]
    image.NumberOfFrames = 2
    image.PixelData = image.PixelData * 2
    image.save_as(found.spec.root / "images" / "im_03.dcm", enforce_file_format=True)
    again = scan_dataset(found.spec, None)
    (problem,) = again.problems
    assert "holds 2 frames" in problem.problem
    assert len(again.samples) == 2
