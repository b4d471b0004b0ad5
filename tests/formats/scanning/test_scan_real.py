"""Presence in real datasets, against a loop that knows nothing of the scan."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.scan import ScannedDataset
from core.formats.folders.pairing import find_samples
from core.formats.masks.registry import read_mask
from core.formats.scanning.scan import scan

pytestmark = pytest.mark.real_data


def scan_folder(root: Path, mask_format: str, *folders: tuple[str, str], **fields: object) -> ScannedDataset:
    pairs = tuple(FolderPair(images=images, masks=masks) for images, masks in folders)
    spec = DatasetSpec(name=root.name, root=root, format=mask_format, folders=pairs, **fields)
    samples, problems, images = find_samples(spec)
    return scan(spec, samples, problems, None, images=images)


def count_naively(
    found: ScannedDataset, values_of: Callable[[NDArray[np.uint8]], set[str]]
) -> dict[str, int]:
    """Images per key, each mask read by Pillow alone."""
    counts: dict[str, int] = {}
    for item in found.samples:
        with Image.open(found.spec.root / item.masks[0][1]) as image:
            for key in values_of(np.asarray(image)):
                counts[key] = counts.get(key, 0) + 1
    return counts


def plain_values(mask: NDArray[np.uint8]) -> set[str]:
    return {str(value) for value in np.unique(mask if mask.ndim == 2 else mask[..., 0])}


def presence_of(found: ScannedDataset) -> dict[str, int]:
    images = found.presence.sum(axis=0).tolist()
    return {item.key: count for item, count in zip(found.classes, images, strict=True) if count}


def check_reading(found: ScannedDataset) -> None:
    """Reading the first mask gives the pixels that were counted."""
    assert found.pixels is not None
    spec = found.spec.model_copy(update={"threshold": found.threshold})
    mask = read_mask(spec, found.classes, found.samples[0])
    assert [int(mask.region(i).sum()) for i in range(len(found.classes))] == found.pixels[0].tolist()


def test_camvid_indices_with_void(real_data: Path) -> None:
    folders = (("train", "trainannot"), ("val", "valannot"))
    found = scan_folder(real_data / "camvid", "index", *folders, void=("11",))
    expected = count_naively(found, plain_values)
    del expected["11"]
    assert len(found.samples) == 75
    assert presence_of(found) == expected
    check_reading(found)


def test_camvid_colours_are_its_indices(real_data: Path) -> None:
    folders = (("train", "rgb_masks/train"), ("val", "rgb_masks/val"))
    colours = scan_folder(real_data / "camvid", "colour", *folders)
    indices = scan_folder(real_data / "camvid", "index", ("train", "trainannot"), ("val", "valannot"))
    assert sorted(presence_of(colours).values()) == sorted(presence_of(indices).values())
    assert len(colours.classes) == 12
    check_reading(colours)


def test_dronedeploy_steps_of_40_with_0_as_a_class(real_data: Path) -> None:
    found = scan_folder(real_data / "dronedeploy", "index", ("image-chips", "label-chips"))
    assert presence_of(found) == count_naively(found, plain_values)
    assert [item.key for item in found.classes] == ["0", "40", "80", "120", "160", "200"]
    assert {item.role.value for item in found.classes} == {"class"}


@pytest.mark.parametrize("mask_format", ["index", "binary"])
def test_drive_gifs_hold_vessels_and_background(real_data: Path, mask_format: str) -> None:
    number = Pairing(rule="number")
    folders = ("training/images", "training/1st_manual")
    found = scan_folder(real_data / "drive", mask_format, folders, pairing=number)
    assert [item.role.value for item in found.classes] == ["background", "class"]
    assert found.presence.all()
    assert len(found.samples) == 8
    check_reading(found)


def test_montgomery_soft_lungs(real_data: Path) -> None:
    found = scan_folder(real_data / "montgomery_lungs", "binary", ("cxr", "masks"))
    expected = count_naively(found, lambda mask: {"0"} | ({"1"} if (mask > 127).any() else set()))
    assert presence_of(found) == expected
    check_reading(found)


def test_idrid_red_jpegs(real_data: Path) -> None:
    affix = Pairing(rule="affix", mask_suffix="_EX")
    found = scan_folder(real_data / "idrid_hard_exudates", "binary", ("images", "masks"), pairing=affix)
    expected = count_naively(found, lambda mask: {"0"} | ({"1"} if (mask[..., 0] > 127).any() else set()))
    assert presence_of(found) == expected
    assert len(found.samples) == 5
    assert found.pixels is not None
    with Image.open(found.spec.root / found.samples[0].masks[0][1]) as image:
        red = (np.asarray(image)[..., 0] > 127).sum()
    assert found.pixels[0, 1] == pytest.approx(red, rel=0.001)


def test_origa_disc_and_cup(real_data: Path) -> None:
    found = scan_folder(real_data / "origa_disc_cup", "index", ("images", "masks"))
    assert presence_of(found) == count_naively(found, plain_values)
    assert len(found.classes) == 3


def test_covid_classes_overlap(real_data: Path) -> None:
    found = scan_folder(real_data / "covid_cxr", "binary_per_class", ("images", "masks"))
    masks = real_data / "covid_cxr" / "masks"
    expected = {
        folder.name: sum(Image.open(file).getextrema()[1] > 127 for file in folder.glob("*.png"))
        for folder in masks.iterdir()
    }
    assert presence_of(found) == {"background": 44, **expected}
    assert found.overlapping
    assert len(found.samples) == 44
    check_reading(found)


def test_mmseg_samples_with_two_empty_files(real_data: Path) -> None:
    root = real_data / "mmseg_format_samples"
    folders = tuple(
        FolderPair(masks=f"pseudo_{name}_dataset/ann_dir")
        for name in ("loveda", "isaid", "potsdam", "vaihingen")
    )
    spec = DatasetSpec(name="mmseg", root=root, format="index", folders=folders, pairing=Pairing(rule="none"))
    samples, problems, images = find_samples(spec)
    found = scan(spec, samples, problems, None, images=images)
    assert len(found.samples) == 5
    assert presence_of(found) == count_naively(found, plain_values)
    empty = [problem for problem in found.problems if "0 bytes" in problem.problem]
    assert len(empty) == len(found.problems) == 2
