from pathlib import Path

import numpy as np
import pytest

from core.domain.classes import ClassRole, ClassSpec
from core.domain.masks import LabelMask
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.masks.per_class_masks import PerClassMasks
from core.formats.masks.registry import read_mask
from core.formats.scanning.scan import scan
from tests.formats.files import blocks, build_spec, named, sample, write_array

DISC_CUP = named(("disc", "Optic disc"), ("cup", "Optic cup"))


def write_set(root: Path) -> None:
    """Image a: the cup (a quarter) inside the disc (a half). Image b: disc only. Image c: an empty cup."""
    write_array(root / "disc" / "a.png", blocks(0, 0, 255, 255))
    write_array(root / "cup" / "a.png", blocks(0, 0, 0, 255))
    write_array(root / "disc" / "b.png", blocks(0, 0, 0, 255))
    write_array(root / "cup" / "c.png", blocks(0, 3, 1, 0))


def scan_set(root: Path, **spec: object) -> ScannedDataset:
    samples = [
        sample("disc/a.png", "cup/a.png", keys=("disc", "cup")),
        sample("disc/b.png", keys=("disc",)),
        sample("cup/c.png", keys=("cup",)),
    ]
    return scan(build_spec(root, "binary_per_class", **spec), samples, (), None)


def test_classes_overlap_and_a_missing_file_means_absent(tmp_path: Path) -> None:
    write_set(tmp_path)
    found = scan_set(tmp_path, classes=DISC_CUP)
    assert [item.name for item in found.classes] == ["background", "Optic disc", "Optic cup"]
    assert found.overlapping
    assert found.presence.tolist() == [[True, True, True], [True, True, False], [True, False, False]]
    assert found.pixels is not None
    assert found.pixels.tolist() == [[384, 384, 192], [576, 192, 0], [768, 0, 0]]
    assert not found.problems


def test_without_classes_the_keys_are_their_names(tmp_path: Path) -> None:
    write_set(tmp_path)
    assert [item.name for item in scan_set(tmp_path).classes] == ["background", "cup", "disc"]


def test_a_background_of_the_spec_keeps_its_name_and_place(tmp_path: Path) -> None:
    write_set(tmp_path)
    classes = (*DISC_CUP, ClassSpec(key="rest", name="Retina", role="background"))
    found = scan_set(tmp_path, classes=classes)
    assert [item.name for item in found.classes] == ["Optic disc", "Optic cup", "Retina"]
    assert found.pixels is not None
    assert found.pixels[:, 2].tolist() == [384, 576, 768]


def test_a_void_mask_is_in_no_total_and_no_background(tmp_path: Path) -> None:
    write_set(tmp_path)
    found = scan_set(tmp_path, classes=DISC_CUP, void=("cup",))
    assert [item.key for item in found.classes] == ["background", "disc"]
    assert found.totals is not None
    assert found.totals.tolist() == [576, 768, 768]
    assert found.pixels is not None
    assert found.pixels[:, 0].tolist() == [384, 576, 768]


def test_a_void_background_leaves_the_union(tmp_path: Path) -> None:
    write_set(tmp_path)
    found = scan_set(tmp_path, classes=DISC_CUP, void=("background",))
    assert found.totals is not None
    assert found.totals.tolist() == [384, 192, 0]


def test_reading_gives_a_layer_a_class(tmp_path: Path) -> None:
    write_set(tmp_path)
    found = scan_set(tmp_path, classes=DISC_CUP)
    mask = read_mask(found.spec, found.classes, found.samples[0])
    assert mask.overlapping
    assert mask.stack().sum(axis=(1, 2)).tolist() == [384, 384, 192]
    assert mask.index_map()[0, [0, 20, 31]].tolist() == [0, 1, 2]


def test_a_mask_of_another_size_is_left_out_alone(tmp_path: Path) -> None:
    write_set(tmp_path)
    write_array(tmp_path / "a.jpg", blocks(0, 9))
    write_array(tmp_path / "cup" / "a.png", blocks(0, 255, shape=(5, 6)))
    samples = [sample("disc/a.png", "cup/a.png", keys=("disc", "cup"), image="a.jpg")]
    found = scan(build_spec(tmp_path, "binary_per_class", classes=DISC_CUP), samples, (), None)
    assert found.presence.tolist() == [[True, True, False]]
    assert [problem.file for problem in found.problems] == ["cup/a.png"]
    assert "6 x 5 pixels, its image 32 x 24" in found.problems[0].problem


@pytest.mark.parametrize("key", ["../up", "a/b", ".."])
def test_a_key_never_leads_out_of_the_folder_that_is_written(tmp_path: Path, key: str) -> None:
    mask = LabelMask(np.ones((1, 4, 4), dtype=np.bool_), 1)
    with pytest.raises(DatasetError, match="cannot name a folder"):
        PerClassMasks().write(tmp_path / "out", "a", mask, named((key, "a")))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("overlapping", [True, False])
def test_written_masks_are_read_back(tmp_path: Path, overlapping: bool) -> None:
    classes = (ClassSpec(key="bg", name="bg", role=ClassRole.BACKGROUND), *DISC_CUP)
    layers = np.stack([blocks(1, 0, 0), blocks(0, 1, 1), blocks(0, 0, overlapping)]).astype(bool)
    mask = LabelMask(layers, 3)
    files = PerClassMasks().write(tmp_path, "a", mask, classes)
    assert len(files) == 1 + overlapping
    names = [str(file.relative_to(tmp_path)) for file in files]
    spec = build_spec(tmp_path, "binary_per_class", classes=classes)
    again = read_mask(spec, classes, sample(*names, keys=[name.split("/")[0] for name in names]))
    assert np.array_equal(again.stack(), layers)
