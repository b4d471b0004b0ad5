"""Detection reads the folder layouts that researchers use, and falls for none of their traps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import Pairing
from core.domain.proposal import Answers
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.folders.pairing import find_samples
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


_IDRID = ("A. Segmentation/1. Original Images", "A. Segmentation/2. All Segmentation Groundtruths")


def _idrid(root: Path) -> None:
    images, masks = (root / folder for folder in _IDRID)
    for split, start in (("a. Training Set", 1), ("b. Testing Set", 55)):
        for number in range(start, start + 4):
            photo(images / split / f"IDRiD_{number:02d}.jpg")
            for folder, suffix in (("1. Microaneurysms", "MA"), ("3. Hard Exudates", "EX")):
                if suffix == "MA" or number % 2:
                    binary(masks / split / folder / f"IDRiD_{number:02d}_{suffix}.tif")


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


def _many_class_suffixes(root: Path) -> None:
    for name in NAMES:
        photo(root / "images" / f"{name}.jpg")
        for organ in "abcdefghijkl":
            binary(root / "labels" / f"{name}_organ{organ}.png")


def _classes_alone(root: Path) -> None:
    for name in NAMES:
        for folder in ("heart", "lung"):
            binary(root / folder / f"{name}.png")


def _small_jpeg_masks(root: Path) -> None:
    for name in NAMES:
        photo(root / "images" / f"{name}.jpg")
        binary(root / "masks" / f"{name}.jpg")


def _stare(root: Path) -> None:
    for number in (1, 2, 44, 139):
        photo(root / "images" / f"im{number:04d}.ppm")
        binary(root / "labels-ah" / f"im{number:04d}.ah.pgm")


def _numbers_in_one_folder(root: Path) -> None:
    for number in range(6):
        photo(root / f"patch{number}_0.png")
        index(root / f"mask_{number}.png")


def _sequences(root: Path) -> None:
    for folder in ("city_train/seq1", "city_train/seq2", "city_val/seq16", "city_val/seq17"):
        _pairs(root, NAMES, f"{folder}/Images/{{}}.png", f"{folder}/Labels/{{}}.png", index)


def _versioned_split(root: Path) -> None:
    for split in ("Training", "Test_v2"):
        names = [f"{split[:2]}_{number:03d}" for number in range(4)]
        _pairs(
            root, names, f"S-{split}_Data/{{}}.jpg", f"S-{split}_GroundTruth/{{}}_segmentation.png", binary
        )


def _folders_in_cases(root: Path) -> None:
    for number in range(2, 8):
        case = f"IMD{number:03d}"
        photo(root / "images" / case / f"{case}_Dermoscopic_Image" / f"{case}.bmp")
        binary(root / "images" / case / f"{case}_lesion" / f"{case}_lesion.bmp")


def _species(root: Path) -> None:
    for folder in ("001.Albatross", "002.Wren"):
        names = [f"{folder[4:]}_{number:04d}" for number in range(4)]
        _pairs(root, names, f"images/{folder}/{{}}.jpg", f"segmentations/{folder}/{{}}.png", binary)


def _depth(root: Path) -> None:
    _pairs(root, NAMES, "rgb/{}.jpg", "semantic/{}.png", index)
    for name in NAMES:
        trees.grey_photo(root / "depth" / f"{name}.png")


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
    "small JPEG masks": Layout(_small_jpeg_masks, "binary", {("images", "masks")}, 6),
    "STARE": Layout(_stare, "binary", {("images", "labels-ah")}, 4, "affix"),
    "numbers in one folder": Layout(_numbers_in_one_folder, "index", {(".", ".")}, 6, "number"),
    "sequences in splits": Layout(
        _sequences,
        "index",
        {
            (f"{folder}/Images", f"{folder}/Labels")
            for folder in ("city_train/seq1", "city_train/seq2", "city_val/seq16", "city_val/seq17")
        },
        24,
    ),
    "a split with a version": Layout(
        _versioned_split,
        "binary",
        {(f"S-{split}_Data", f"S-{split}_GroundTruth") for split in ("Training", "Test_v2")},
        8,
        "affix",
    ),
    "folders in folders of one case": Layout(_folders_in_cases, "binary", {("images", "images")}, 6, "affix"),
    "one image and its mask": Layout(
        lambda root: _pairs(root, ["a"], "image.png", "mask.png", index), "index", {(".", ".")}, 1, "affix"
    ),
    "folders that sort images and masks alike": Layout(
        _species, "binary", {("images", "segmentations")}, 8
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
        {(f"{_IDRID[0]}/{split}", f"{_IDRID[1]}/{split}") for split in ("a. Training Set", "b. Testing Set")},
        8,
        "number",
    ),
    "class folders": Layout(_class_folders, "binary_per_class", {("images", "masks")}, 6),
    "classes beside images": Layout(_classes_beside_images, "binary_per_class", {("images", ".")}, 6),
    "Montgomery": Layout(_montgomery_raw, "binary_per_class", {("CXR_png", "ManualMask")}, 6),
    "class suffixes": Layout(_class_suffixes, "binary_per_class", {("images", "masks")}, 6),
    "suffixes beside images": Layout(_class_suffixes_beside_images, "binary_per_class", {(".", ".")}, 6),
    "many class suffixes": Layout(_many_class_suffixes, "binary_per_class", {("images", "labels")}, 6),
    "class folders alone": Layout(_classes_alone, "binary_per_class", {(None, ".")}, 6, "none"),
    "depth maps beside": Layout(_depth, "index", {("rgb", "semantic")}, 6),
    "DRIVE": Layout(
        _drive, "binary",
        {(f"{split}/images", f"{split}/1st_manual") for split in ("training", "test")}, 10, "number",
    ),
    "HRF": Layout(_hrf, "binary", {("images", "manual1")}, 5),
    "VOC": Layout(_voc, "index", {("VOC2012/JPEGImages", "VOC2012/SegmentationClass")}, 6),
    "Cityscapes": Layout(
        _cityscapes, "index",
        {(f"leftImg8bit/{split}", f"gtFine/{split}") for split in ("train", "val")}, 8, "affix",
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
        lambda root: _pairs(root, NAMES, "images/{}.png", "labels/{}.png", colour),
        "colour", {("images", "labels")}, 6,
    ),
    "capital suffixes": Layout(
        lambda root: _pairs(root, NAMES, "images/{}.JPG", "masks/{}.PNG", index),
        "index", {("images", "masks")}, 6,
    ),
    "numbers": Layout(
        lambda root: _pairs(root, ["7", "8", "12"], "images/patch{}_0.png", "labels/mask_{}.png", index),
        "index", {("images", "labels")}, 3, "number",
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


def _keys(root: Path, answers: Answers | None = None) -> list[tuple[str, str, ClassRole]]:
    return [(item.key, item.name, item.role) for item in propose(root, answers).spec.classes]


def test_a_field_of_view_is_not_the_class_and_the_reason_says_so(tmp_path: Path) -> None:
    _drive(tmp_path)
    proposal = propose(tmp_path)
    assert any("mask was not taken" in reason and "field of view" in reason for reason in proposal.reasons)
    assert any(pair.masks.endswith("/mask") for other in proposal.alternatives for pair in other.folders)


def test_colour_copies_of_index_masks_are_an_alternative(tmp_path: Path) -> None:
    _camvid(tmp_path)
    assert [other.format for other in propose(tmp_path).alternatives] == ["colour"]


def test_splits_get_their_names(tmp_path: Path) -> None:
    _camvid(tmp_path)
    assert [pair.name for pair in propose(tmp_path).spec.folders] == ["train", "val"]


def test_other_renderings_of_the_same_labels_are_alternatives(tmp_path: Path) -> None:
    _cityscapes(tmp_path)
    proposal = propose(tmp_path)
    assert proposal.spec.pairing.mask_suffix == "_gtFine_labelIds"
    suffixes = {other.pairing.mask_suffix for other in proposal.alternatives}
    assert {"_gtFine_labelTrainIds", "_gtFine_instanceIds"} <= suffixes


def test_masks_of_two_readers_are_no_classes_but_alternatives(tmp_path: Path) -> None:
    _chase(tmp_path)
    proposal = propose(tmp_path)
    assert proposal.spec.pairing.mask_suffix == "_1stHO"
    assert "_2ndHO" in {other.pairing.mask_suffix for other in proposal.alternatives}


def test_two_levels_propose_the_lower_as_background(tmp_path: Path) -> None:
    _hrf(tmp_path)
    assert _keys(tmp_path) == [
        ("0", "background", ClassRole.BACKGROUND),
        ("1", "foreground", ClassRole.CLASS),
    ]


def test_a_telling_suffix_names_the_class(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.jpg", "masks/{}_EX.jpg", soft)
    assert _keys(tmp_path)[1] == ("1", "EX", ClassRole.CLASS)


def test_classes_with_files_of_their_own_get_a_background_besides(tmp_path: Path) -> None:
    _class_suffixes(tmp_path)
    assert _keys(tmp_path) == [
        ("background", "background", ClassRole.BACKGROUND),
        ("_cup", "cup", ClassRole.CLASS),
        ("_disc", "disc", ClassRole.CLASS),
    ]


def test_every_suffix_is_a_class_however_many_there_are(tmp_path: Path) -> None:
    _many_class_suffixes(tmp_path)
    assert len(_keys(tmp_path)) == 13
    assert propose(tmp_path).alternatives == ()


def test_void_is_suggested_but_never_assumed(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.jpg", "labels/{}.png", lambda path: index(path, (0, 1, 2, 255)))
    proposal = propose(tmp_path)
    assert proposal.spec.void == ()
    assert any("255" in warning and "void" in warning for warning in proposal.warnings)
    assert propose(tmp_path, Answers(void=("255",))).warnings == ()


def test_a_class_file_beside_the_masks_names_the_classes_if_it_fits(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.jpg", "labels/{}.png", index)
    (tmp_path / "class_names.txt").write_text("sky\nroad\n")
    assert _keys(tmp_path) == []
    (tmp_path / "class_names.txt").write_text("sky\nroad\ncar\ntree\n")
    assert [name for _, name, _ in _keys(tmp_path)] == ["sky", "road", "car", "tree"]


def test_names_go_to_the_values_that_occur_where_they_are_spread(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.jpg", "labels/{}.png", lambda path: index(path, (0, 40, 80)))
    (tmp_path / "labels.txt").write_text("building\nclutter\ncar\n")
    assert [key for key, _, _ in _keys(tmp_path)] == ["0", "40", "80"]
    given = tuple(ClassSpec(key=str(place), name=name) for place, name in enumerate("abc"))
    assert [key for key, _, _ in _keys(tmp_path, Answers(classes=given))] == ["0", "40", "80"]


def test_a_class_file_names_the_upper_level_of_two(tmp_path: Path) -> None:
    _hrf(tmp_path)
    (tmp_path / "classes.txt").write_text("background\nvessel\n")
    assert _keys(tmp_path)[1] == ("1", "vessel", ClassRole.CLASS)


def test_a_single_name_is_that_of_the_upper_level(tmp_path: Path) -> None:
    _hrf(tmp_path)
    assert _keys(tmp_path, Answers(classes=(ClassSpec(key="0", name="vessel"),)))[0][:2] == ("1", "vessel")


def test_names_find_their_folders(tmp_path: Path) -> None:
    _class_folders(tmp_path)
    names = ("Tubings", "Left lung", "Right lung")
    given = tuple(ClassSpec(key=str(place), name=name) for place, name in enumerate(names))
    assert [key for key, _, _ in _keys(tmp_path, Answers(classes=given))] == [
        "tubings",
        "left_lung",
        "right_lung",
    ]


def test_names_with_colours_are_keyed_by_colour(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.png", "labels/{}.png", colour)
    (tmp_path / "class_dict.csv").write_text(
        "name,r,g,b\nvoid,0,0,0\nroad,128,64,128\nperson,220,20,60\ncar,0,0,142\n"
    )
    assert [key for key, _, _ in _keys(tmp_path)] == ["#000000", "#804080", "#dc143c", "#00008e"]


def test_named_folders_win_over_detection(tmp_path: Path) -> None:
    _camvid(tmp_path)
    spec = propose(tmp_path, Answers(images=Path("val"), masks=tmp_path / "rgb_masks" / "val")).spec
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("val", "rgb_masks/val")]
    assert spec.format == "colour"


def test_a_mask_folder_elsewhere_moves_the_root_up(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "one/images/{}.jpg", "two/masks/{}.png", index)
    spec = propose(tmp_path / "one", Answers(images=Path("images"), masks=tmp_path / "two" / "masks")).spec
    assert spec.root == tmp_path.resolve()
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("one/images", "two/masks")]


def test_answers_are_kept_as_given(tmp_path: Path) -> None:
    _hrf(tmp_path)
    rule = Pairing(rule="number")
    answers = Answers(format="index", pairing=rule, threshold=3, group_pattern="^[^_]+", void=("9",))
    spec = propose(tmp_path, answers).spec
    assert (spec.format, spec.pairing, spec.threshold, spec.group_pattern, spec.void) == (
        "index", rule, 3, "^[^_]+", ("9",),
    )  # fmt: skip


def test_a_rule_by_name_finds_its_affixes(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}_img.jpg", "labels/{}_gt.png", index)
    pairing = propose(tmp_path, Answers(pairing="affix")).spec.pairing
    assert (pairing.image_suffix, pairing.mask_suffix) == ("_img", "_gt")


def test_a_folder_with_its_own_dataset_file_is_what_that_says(tmp_path: Path) -> None:
    _camvid(tmp_path)
    (tmp_path / "dataset.toml").write_text(
        'name = "mine"\nroot = "."\nformat = "index"\nvoid = [3]\n[[folders]]\nmasks = "valannot"\n'
    )
    assert propose(tmp_path).spec == propose(tmp_path / "dataset.toml").spec
    assert propose(tmp_path).spec.name == "mine"


def test_unpaired_files_are_warned_of_with_an_example(tmp_path: Path) -> None:
    _splits(tmp_path)
    photo(tmp_path / "images" / "train" / "alone.jpg")
    assert any("images/train/alone.jpg" in warning for warning in propose(tmp_path).warnings)


def test_broken_masks_do_not_stop_detection(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.jpg", "masks/{}.png", index)
    for name in NAMES:
        (tmp_path / "masks" / f"{name}.png").write_bytes(b"")
    assert any("can be read" in warning for warning in propose(tmp_path).warnings)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda root: None, "no files"),
        (lambda root: [photo(root / f"{name}.jpg") for name in NAMES], "nothing that looks like their masks"),
        (lambda root: (root / "scan.nii").write_bytes(b"x"), "NIfTI"),
        (lambda root: (root / "dataset.toml").write_text("name = "), "not valid TOML"),
    ],
)
def test_what_cannot_be_understood_is_a_sentence(
    build: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    build(tmp_path)
    with pytest.raises(DatasetError, match=words):
        propose(tmp_path)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (Answers(masks=Path("nowhere")), "is not a folder"),
        (Answers(pairing=Pairing(rule="affix", mask_suffix="_x")), "under the answers given"),
        (Answers(format="binary_per_class"), "under the answers given"),
        (Answers(format="label_table"), "no label table"),
        (Answers(format="label_lists"), "no class lists"),
    ],
)
def test_answers_that_do_not_fit_are_refused_in_a_sentence(
    answers: Answers, words: str, tmp_path: Path
) -> None:
    _splits(tmp_path)
    with pytest.raises(DatasetError, match=words):
        propose(tmp_path, answers)


def test_a_missing_path_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="does not exist"):
        propose(tmp_path / "gone")


REAL = {
    "camvid": ("index", {("train", "trainannot"), ("val", "valannot")}, 75),
    "covid_cxr": ("binary_per_class", {("images", "masks")}, 44),
    "dronedeploy": ("index", {("image-chips", "label-chips")}, 74),
    "drive": ("binary", {("training/images", "training/1st_manual")}, 8),
    "idrid_hard_exudates": ("binary", {("images", "masks")}, 5),
    "montgomery_lungs": ("binary", {("cxr", "masks")}, 46),
    "origa_disc_cup": ("index", {("images", "masks")}, 15),
    "labelme_polygons_voc/semantic_segmentation": (
        "index", {("data_dataset_voc/JPEGImages", "data_dataset_voc/SegmentationClass")}, 3,
    ),
    "mmseg_format_samples/pseudo_bdd100k_dataset": (
        "index", {(f"images/10k/{split}", f"labels/sem_seg/masks/{split}") for split in ("train", "val")}, 6,
    ),
    "mmseg_format_samples/pseudo_cityscapes_dataset": ("index", {("leftImg8bit/val", "gtFine/val")}, 1),
    "mmseg_format_samples/pseudo_dataset": ("index", {("imgs", "gts")}, 5),
    "mmseg_format_samples/pseudo_hsidrive20_dataset": ("index", {(None, "annotations/test")}, 3),
    "mmseg_format_samples/pseudo_isaid_dataset": ("index", {("img_dir", "ann_dir")}, 2),
    "mmseg_format_samples/pseudo_lip_dataset": (
        "index", {(f"{split}_images", f"{split}_segmentations") for split in ("train", "val")}, 2,
    ),
    "mmseg_format_samples/pseudo_loveda_dataset": ("index", {("img_dir", "ann_dir")}, 3),
    "mmseg_format_samples/pseudo_mapillary_dataset": ("index", {("images", "v1.2")}, 1),
    "mmseg_format_samples/pseudo_nyu_dataset": ("index", {("images", "annotations")}, 1),
    "mmseg_format_samples/pseudo_potsdam_dataset": ("index", {("img_dir", "ann_dir")}, 1),
    "mmseg_format_samples/pseudo_refuge_dataset": ("index", {("img_dir", "ann_dir")}, 1),
    "mmseg_format_samples/pseudo_synapse_dataset": ("binary", {("img_dir", "ann_dir")}, 2),
    "mmseg_format_samples/pseudo_vaihingen_dataset": ("index", {("img_dir", "ann_dir")}, 1),
}  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "expected"), REAL.items(), ids=REAL.keys())
def test_a_real_dataset_is_understood(name: str, expected: tuple[str, Folders, int], real_data: Path) -> None:
    spec = propose(real_data / name).spec
    samples, _, _ = find_samples(spec)
    assert (spec.format, {(pair.images, pair.masks) for pair in spec.folders}, len(samples)) == expected


def test_who_drew_a_mask_does_not_name_its_class(tmp_path: Path) -> None:
    _chase(tmp_path)
    assert propose(tmp_path).spec.classes[1].name == "foreground"


def test_a_folder_of_several_datasets_is_warned_of_with_their_names(tmp_path: Path) -> None:
    _pairs(tmp_path / "cells", NAMES, "images/{}.png", "masks/{}.png", index)
    _pairs(tmp_path / "roads", NAMES[:4], "sat/{}.jpg", "gt/{}_road.png", binary)
    _class_folders(tmp_path / "organs")
    warning = propose(tmp_path).warnings[0]
    taken, others = warning.split(" was taken; ")
    assert sum(name in taken for name in ("cells/", "roads/", "organs/")) == 1
    assert sum(name in others for name in ("cells", "roads", "organs")) == 2


def test_splits_and_renderings_are_no_other_datasets(tmp_path: Path) -> None:
    _camvid(tmp_path)
    assert propose(tmp_path).warnings == ()


def test_evenly_spread_values_are_not_suspected_of_void(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.png", "masks/{}.png", lambda path: index(path, (0, 128, 255)))
    assert propose(tmp_path).warnings == ()


def test_values_that_begin_at_one_are_warned_of_a_zero_without_data(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.png", "masks/{}.png", lambda path: index(path, (1, 2, 3)))
    assert "name 0 as void" in propose(tmp_path).warnings[0]
    proposal = propose(tmp_path, Answers(void=("0",)))
    assert proposal.warnings == ()
    assert not any("0 included" in reason for reason in proposal.reasons)


def test_masks_of_one_value_are_warned_of(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.png", "masks/{}.png", lambda path: index(path, (3,)))
    assert "the one value 3" in propose(tmp_path).warnings[0]


def test_a_named_mask_folder_never_pairs_with_the_images_of_another_split(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "training/image/{}.png", "training/semantic/{}.png", index)
    for name in NAMES:
        photo(tmp_path / "testing" / "image" / f"{name}.png")
        index(tmp_path / "training" / "instance" / f"{name}.png", (0, 5, 6))
    spec = propose(tmp_path, Answers(masks=Path("training/instance"))).spec
    assert [(pair.images, pair.masks) for pair in spec.folders] == [("training/image", "training/instance")]


def test_named_folders_that_do_not_pair_are_said_to_hold_pictures(tmp_path: Path) -> None:
    photo(tmp_path / "images" / "a.png")
    index(tmp_path / "masks" / "b.png")
    answers = Answers(images=Path("images"), masks=Path("masks"), pairing="stem")
    with pytest.raises(DatasetError, match="no mask among 2 pictures finds its image"):
        propose(tmp_path, answers)


def test_colours_read_as_numbers_are_warned_of(tmp_path: Path) -> None:
    _pairs(tmp_path, NAMES, "images/{}.png", "masks/{}.png", colour)
    assert "hold colours" in propose(tmp_path, Answers(format="index")).warnings[0]
