"""Detection reads the folder layouts that researchers use, and falls for none of their traps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import Pairing
from core.domain.proposal import Answers
from core.errors import DatasetError
from core.formats.detection import propose
from core.formats.pairing import find_samples
from tests.formats import trees
from tests.formats.trees import binary, colour, field_of_view, index, photo, soft

Folders = set[tuple[str | None, str]]


@dataclass(frozen=True)
class Layout:
    """A tree to build, and what must be proposed for it."""

    build: Callable[[Path], None]
    format: str
    folders: Folders
    samples: int
    rule: str = "stem"


def _pairs(root: Path, names: list[str], images: str, masks: str, mask: Callable[[Path], None]) -> None:
    for name in names:
        photo(root / images.format(name))
        mask(root / masks.format(name))


NAMES = [f"case_{number:02d}" for number in range(6)]


def _splits(root: Path) -> None:
    _pairs(root, NAMES, "images/train/{}.jpg", "labels/train/{}.png", index)
    _pairs(root, ["v1", "v2"], "images/val/{}.jpg", "labels/val/{}.png", index)


def _splits_first(root: Path) -> None:
    _pairs(root, NAMES, "train/images/{}.jpg", "train/masks/{}.png", index)
    _pairs(root, ["v1", "v2"], "test/images/{}.jpg", "test/masks/{}.png", index)


def _camvid(root: Path) -> None:
    for split in ("train", "val"):
        _pairs(root, NAMES, split + "/{}.png", split + "annot/{}.png", index)
        for name in NAMES:
            colour(root / "rgb_masks" / split / f"{name}.png")


def _cases(root: Path) -> None:
    for number in range(30):
        photo(root / f"case_{number}" / "image.png")
        index(root / f"case_{number}" / "mask.png")


def _case_folders(root: Path) -> None:
    for number in range(30):
        photo(root / f"case_{number}" / "images" / f"{number}.png")
        binary(root / f"case_{number}" / "masks" / f"{number}.png")


def _kaggle_mri(root: Path) -> None:
    for case in ("TCGA_CS_4941", "TCGA_DU_5849"):
        for number in range(1, 5):
            photo(root / "kaggle_3m" / case / f"{case}_{number}.tif")
            binary(root / "kaggle_3m" / case / f"{case}_{number}_mask.tif")


def _idrid(root: Path) -> None:
    top = root / "A. Segmentation"
    for split, start in (("a. Training Set", 1), ("b. Testing Set", 55)):
        for number in range(start, start + 4):
            photo(top / "1. Original Images" / split / f"IDRiD_{number:02d}.jpg")
            for folder, suffix in (("1. Microaneurysms", "MA"), ("3. Hard Exudates", "EX")):
                if suffix == "MA" or number % 2:
                    binary(
                        top
                        / "2. All Segmentation Groundtruths"
                        / split
                        / folder
                        / f"IDRiD_{number:02d}_{suffix}.tif"
                    )


def _class_folders(root: Path) -> None:
    for number, name in enumerate(NAMES):
        photo(root / "images" / f"{name}.jpeg")
        for folder in ("left_lung", "right_lung", "tubings"):
            if folder != "tubings" or number % 2:
                binary(root / "masks" / folder / f"{name}.png")


def _classes_beside_images(root: Path) -> None:
    for name in NAMES:
        photo(root / "images" / f"{name}.png")
        for folder in ("heart", "left lung"):
            binary(root / folder / f"{name}.png")


def _montgomery_raw(root: Path) -> None:
    for name in NAMES:
        trees.grey_photo(root / "CXR_png" / f"{name}.png")
        for folder in ("leftMask", "rightMask"):
            binary(root / "ManualMask" / folder / f"{name}.png")


def _class_suffixes(root: Path) -> None:
    for name in NAMES:
        photo(root / "images" / f"{name}.jpg")
        for suffix in ("disc", "cup"):
            binary(root / "masks" / f"{name}_{suffix}.png")


def _class_suffixes_beside_images(root: Path) -> None:
    for name in NAMES:
        photo(root / f"{name}.png")
        for suffix in ("disc", "cup"):
            binary(root / f"{name}_{suffix}.png")


def _drive(root: Path) -> None:
    for split, start in (("training", 21), ("test", 1)):
        for number in range(start, start + 5):
            photo(root / split / "images" / f"{number:02d}_{split}.tif")
            binary(root / split / "1st_manual" / f"{number:02d}_manual1.gif")
            field_of_view(root / split / "mask" / f"{number:02d}_{split}_mask.gif")


def _hrf(root: Path) -> None:
    for number in range(5):
        photo(root / "images" / f"{number:02d}_dr.JPG")
        binary(root / "manual1" / f"{number:02d}_dr.tif")
        field_of_view(root / "mask" / f"{number:02d}_dr_mask.tif")


def _voc(root: Path) -> None:
    _pairs(root, NAMES, "VOC2012/JPEGImages/{}.jpg", "VOC2012/SegmentationClass/{}.png", index)
    for name in NAMES:
        index(root / f"VOC2012/SegmentationObject/{name}.png")
        photo(root / f"VOC2012/SegmentationClassVisualization/{name}.jpg")
        photo(root / f"VOC2012/JPEGImages/more_{name}.jpg")


def _cityscapes(root: Path) -> None:
    for split, cities in (("train", ("aachen", "bochum", "ulm")), ("val", ("munster",))):
        for city in cities:
            for number in range(2):
                stem = f"{city}_{number:06d}_000019"
                photo(root / "leftImg8bit" / split / city / f"{stem}_leftImg8bit.png")
                masks = root / "gtFine" / split / city
                index(masks / f"{stem}_gtFine_labelIds.png", (0, 4, 7, 26))
                index(masks / f"{stem}_gtFine_labelTrainIds.png", (255, 1, 2))
                index(masks / f"{stem}_gtFine_instanceIds.png", (0, 4, 7, 200))
                colour(masks / f"{stem}_gtFine_color.png")


def _isic(root: Path) -> None:
    _pairs(
        root, ["ISIC_0000000", "ISIC_0000001", "ISIC_0000002"],
        "ISIC-2017_Training_Data/{}.jpg", "ISIC-2017_Training_Part1_GroundTruth/{}_segmentation.png", binary,
    )  # fmt: skip


def _jpeg_masks(root: Path) -> None:
    _pairs(root, NAMES, "images/{}.jpg", "masks/{}.jpg", soft)


def _chase(root: Path) -> None:
    for number in range(1, 5):
        for eye in "LR":
            photo(root / f"Image_{number:02d}{eye}.jpg")
            binary(root / f"Image_{number:02d}{eye}_1stHO.png")
            binary(root / f"Image_{number:02d}{eye}_2ndHO.png")


def _busi(root: Path) -> None:
    for folder in ("benign", "malignant", "normal"):
        for number in range(1, 5):
            photo(root / folder / f"{folder} ({number}).png")
            binary(root / folder / f"{folder} ({number})_mask.png")


LAYOUTS = {
    "masks alone": Layout(
        lambda root: [index(root / f"{name}.png") for name in NAMES], "index", {(None, ".")}, 6, "none"
    ),
    "suffix in one folder": Layout(
        lambda root: _pairs(root, NAMES, "{}.png", "{}_mask.png", index), "index", {(".", ".")}, 6, "affix"
    ),
    "JPEG and PNG in one folder": Layout(
        lambda root: _pairs(root, NAMES, "{}.jpg", "{}.png", index), "index", {(".", ".")}, 6
    ),
    "two suffixes in one folder": Layout(
        lambda root: _pairs(root, NAMES, "{}_img.png", "{}_seg.png", index), "index", {(".", ".")}, 6, "affix"
    ),
    "splits below": Layout(
        _splits, "index", {("images/train", "labels/train"), ("images/val", "labels/val")}, 8
    ),
    "splits above": Layout(
        _splits_first, "index", {("train/images", "train/masks"), ("test/images", "test/masks")}, 8
    ),
    "CamVid": Layout(_camvid, "index", {("train", "trainannot"), ("val", "valannot")}, 12),
    "a folder a case": Layout(_cases, "index", {(".", ".")}, 30, "affix"),
    "folders in each case": Layout(
        _case_folders, "binary", {(f"case_{n}/images", f"case_{n}/masks") for n in range(30)}, 30
    ),
    "brain MRI": Layout(_kaggle_mri, "binary", {("kaggle_3m", "kaggle_3m")}, 8, "affix"),
    "IDRiD": Layout(
        _idrid,
        "binary_per_class",
        {
            (f"A. Segmentation/1. Original Images/{split}", f"A. Segmentation/2. All Segmentation Groundtruths/{split}")
            for split in ("a. Training Set", "b. Testing Set")
        },
        8,
        "number",
    ),
    "class folders": Layout(_class_folders, "binary_per_class", {("images", "masks")}, 6),
    "class folders beside images": Layout(_classes_beside_images, "binary_per_class", {("images", ".")}, 6),
    "Montgomery": Layout(_montgomery_raw, "binary_per_class", {("CXR_png", "ManualMask")}, 6),
    "class suffixes": Layout(_class_suffixes, "binary_per_class", {("images", "masks")}, 6),
    "class suffixes beside images": Layout(_class_suffixes_beside_images, "binary_per_class", {(".", ".")}, 6),
    "DRIVE": Layout(
        _drive, "binary", {("training/images", "training/1st_manual"), ("test/images", "test/1st_manual")}, 10, "number"
    ),
    "HRF": Layout(_hrf, "binary", {("images", "manual1")}, 5),
    "VOC": Layout(_voc, "index", {("VOC2012/JPEGImages", "VOC2012/SegmentationClass")}, 6),
    "Cityscapes": Layout(
        _cityscapes, "index", {("leftImg8bit/train", "gtFine/train"), ("leftImg8bit/val", "gtFine/val")}, 8, "affix"
    ),
    "ISIC": Layout(
        _isic, "binary", {("ISIC-2017_Training_Data", "ISIC-2017_Training_Part1_GroundTruth")}, 3, "affix"
    ),
    "JPEG masks": Layout(_jpeg_masks, "binary", {("images", "masks")}, 6),
    "CHASE": Layout(_chase, "binary", {(".", ".")}, 8, "affix"),
    "BUSI": Layout(_busi, "binary", {(".", ".")}, 12, "affix"),
    "suffix kept in the mask's name": Layout(
        lambda root: _pairs(root, NAMES, "images/{}.jpg", "masks/{}.jpg.png", index),
        "index", {("images", "masks")}, 6, "affix",
    ),
    "prefixes": Layout(
        lambda root: _pairs(root, NAMES, "data/img_{}.jpg", "data_gt/gt_{}.png", index),
        "index", {("data", "data_gt")}, 6, "affix",
    ),
    "images above their masks": Layout(
        lambda root: _pairs(root, NAMES, "{}.jpg", "masks/{}.png", index), "index", {(".", "masks")}, 6
    ),
    "names that say nothing": Layout(
        lambda root: _pairs(root, NAMES, "B/{}.png", "A/{}.png", index), "index", {("B", "A")}, 6
    ),
    "soft masks": Layout(
        lambda root: _pairs(root, NAMES, "cxr/{}.png", "masks/{}.png", soft), "binary", {("cxr", "masks")}, 6
    ),
    "colour masks": Layout(
        lambda root: _pairs(root, NAMES, "images/{}.png", "labels/{}.png", colour), "colour", {("images", "labels")}, 6
    ),
    "capital suffixes": Layout(
        lambda root: _pairs(root, NAMES, "images/{}.JPG", "masks/{}.PNG", index), "index", {("images", "masks")}, 6
    ),
    "numbers": Layout(
        lambda root: _pairs(root, ["7", "8", "12"], "images/patch{}_0.png", "labels/mask_{}.png", index),
        "index", {("images", "labels")}, 3, "affix",
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_layout_is_read_as_its_makers_meant_it(layout: Layout, tmp_path: Path) -> None:
    layout.build(tmp_path)
    spec = propose(tmp_path).spec
    assert {(pair.images, pair.masks) for pair in spec.folders} == layout.folders
    assert spec.format == layout.format
    assert spec.pairing.rule == layout.rule
    samples, _, _ = find_samples(spec)
    assert len(samples) == layout.samples
