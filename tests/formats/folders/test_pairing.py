"""Images find their masks by stem, affix, number or class; nothing is guessed in silence."""

from pathlib import Path, PurePosixPath

import pytest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, FormatName, Pairing
from core.errors import DatasetError
from core.formats.folders.pairing import find_samples, propose_pairing


def _spec(
    root: Path,
    files: list[str],
    *,
    images: str | None = "images",
    masks: str = "masks",
    form: FormatName = "index",
    pairing: Pairing | None = None,
    keys: tuple[str, ...] = (),
) -> DatasetSpec:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return DatasetSpec(
        name="test",
        root=root,
        format=form,
        folders=(FolderPair(images=images, masks=masks),),
        pairing=pairing or Pairing(),
        classes=tuple(ClassSpec(key=key, name=key) for key in keys),
    )


def _found(spec: DatasetSpec) -> dict[str, dict[str, str]]:
    return {sample.id: {key: str(path) for key, path in sample.masks} for sample in find_samples(spec)[0]}


def test_equal_stems_pair_whatever_their_suffix_and_dots(tmp_path: Path) -> None:
    spec = _spec(tmp_path, ["images/a.b.JPG", "images/cat.0.jpeg", "masks/a.b.png", "masks/cat.0.PNG"])
    assert _found(spec) == {
        "images/a.b.JPG": {"": "masks/a.b.png"},
        "images/cat.0.jpeg": {"": "masks/cat.0.PNG"},
    }


def test_files_without_a_partner_are_problems(tmp_path: Path) -> None:
    spec = _spec(tmp_path, ["images/a.png", "images/b.png", "masks/b.png", "masks/c.png"])
    samples, problems, count = find_samples(spec)
    assert [sample.id for sample in samples] == ["images/b.png"]
    assert {problem.file for problem in problems} == {"images/a.png", "masks/c.png"}
    assert all(problem.next_step for problem in problems)
    assert count == 2


def test_two_masks_for_one_image_are_a_problem_not_a_guess(tmp_path: Path) -> None:
    samples, problems, _ = find_samples(_spec(tmp_path, ["images/a.png", "masks/a.png", "masks/a.tif"]))
    assert samples == []
    assert "masks/a.png, masks/a.tif" in problems[0].problem


def test_two_images_for_one_mask_are_a_problem_not_a_guess(tmp_path: Path) -> None:
    samples, problems, _ = find_samples(_spec(tmp_path, ["images/a.jpg", "images/a.png", "masks/a.png"]))
    assert samples == []
    assert [problem.file for problem in problems] == ["masks/a.png"]


def test_sub_folders_take_part_in_the_pairing(tmp_path: Path) -> None:
    files = [f"{side}/{city}/0.png" for side in ("images", "masks") for city in ("ulm", "bonn")]
    assert _found(_spec(tmp_path, files)) == {
        f"images/{city}/0.png": {"": f"masks/{city}/0.png"} for city in ("ulm", "bonn")
    }


def test_an_affix_picks_its_masks_and_leaves_the_others_alone(tmp_path: Path) -> None:
    files = ["images/a_rgb.png", "masks/a_ids.png", "masks/a_colour.png"]
    pairing = Pairing(rule="affix", image_suffix="_rgb", mask_suffix="_ids")
    samples, problems, _ = find_samples(_spec(tmp_path, files, pairing=pairing))
    assert samples[0].masks == (("", PurePosixPath("masks/a_ids.png")),)
    assert problems == []


def test_the_number_that_varies_pairs(tmp_path: Path) -> None:
    files = [
        "images/21_training.tif",
        "images/22_training.tif",
        "masks/21_manual1.gif",
        "masks/22_manual1.gif",
    ]
    assert _found(_spec(tmp_path, files, pairing=Pairing(rule="number"))) == {
        f"images/{n}_training.tif": {"": f"masks/{n}_manual1.gif"} for n in (21, 22)
    }


def test_masks_alone_are_samples(tmp_path: Path) -> None:
    samples, problems, count = find_samples(_spec(tmp_path, ["masks/a.png", "masks/b.png"], images=None))
    assert [(sample.id, sample.image) for sample in samples] == [("masks/a.png", None), ("masks/b.png", None)]
    assert (problems, count) == ([], 2)


def test_class_folders_give_each_image_its_classes(tmp_path: Path) -> None:
    files = ["images/a.jpg", "images/b.jpg", "masks/lung/a.png", "masks/lung/b.png", "masks/tube/b.png"]
    assert _found(_spec(tmp_path, files, form="binary_per_class")) == {
        "images/a.jpg": {"lung": "masks/lung/a.png"},
        "images/b.jpg": {"lung": "masks/lung/b.png", "tube": "masks/tube/b.png"},
    }


def test_class_suffixes_take_the_longest_that_fits(tmp_path: Path) -> None:
    files = ["images/a.jpg", "masks/a_EX.png", "masks/a_HARD_EX.png"]
    spec = _spec(tmp_path, files, form="binary_per_class", keys=("_EX", "_HARD_EX"))
    assert _found(spec) == {"images/a.jpg": {"_EX": "masks/a_EX.png", "_HARD_EX": "masks/a_HARD_EX.png"}}


def test_classes_without_images_are_grouped_by_name(tmp_path: Path) -> None:
    files = ["masks/lung/a.png", "masks/tube/a.png"]
    spec = _spec(tmp_path, files, form="binary_per_class", images=None)
    assert _found(spec) == {"masks/lung/a.png": {"lung": "masks/lung/a.png", "tube": "masks/tube/a.png"}}


def test_a_named_folder_inside_another_keeps_its_files(tmp_path: Path) -> None:
    files = ["a.png", "masks/a.png"]
    samples, problems, count = find_samples(_spec(tmp_path, files, images="."))
    assert ([sample.id for sample in samples], problems, count) == (["a.png"], [], 1)


def test_a_rule_that_fits_nothing_is_a_sentence(tmp_path: Path) -> None:
    pairing = Pairing(rule="affix", image_suffix="_x")
    with pytest.raises(DatasetError, match="fits the pairing rule"):
        find_samples(_spec(tmp_path, ["images/a.png", "masks/a.png"], pairing=pairing))


@pytest.mark.parametrize(
    ("image", "mask", "expected"),
    [
        ("{}.jpg", "{}.png", Pairing()),
        ("{}_leftImg8bit.png", "{}_gtFine_labelIds.png",
         Pairing(rule="affix", image_suffix="_leftImg8bit", mask_suffix="_gtFine_labelIds")),
        ("{}_img.png", "{}_gt.png", Pairing(rule="affix", image_suffix="_img", mask_suffix="_gt")),
        ("IDRiD_{}.jpg", "IDRiD_{}_EX.tif", Pairing(rule="affix", mask_suffix="_EX")),
        ("P0000_0_{}.png", "P0000_0_{}_instance_color_RGB.png",
         Pairing(rule="affix", mask_suffix="_instance_color_RGB")),
        ("img_{}_rgb.png", "mask-{}.png",
         Pairing(rule="affix", image_prefix="img_", image_suffix="_rgb", mask_prefix="mask-")),
        ("patch{}_0.png", "mask_{}.png", Pairing(rule="number")),
    ],
)  # fmt: skip
def test_the_rule_is_found_from_the_names(image: str, mask: str, expected: Pairing) -> None:
    numbers = ["1", "2", "10", "11", "100"]
    images, masks = [image.format(n) for n in numbers], [mask.format(n) for n in numbers]
    pairing, score, why = propose_pairing(images, masks)
    assert (pairing, score) == (expected, 1.0)
    assert "5 of 5" in why


@pytest.mark.parametrize(
    ("image", "mask", "expected"),
    [
        ("frankfurt_000000_000294_leftImg8bit.png", "frankfurt_000000_000294_gtFine_labelIds.png",
         Pairing(rule="affix", image_suffix="_leftImg8bit", mask_suffix="_gtFine_labelIds")),
        ("21_training.tif", "21_manual1.gif",
         Pairing(rule="affix", image_suffix="_training", mask_suffix="_manual1")),
    ],
)  # fmt: skip
def test_a_single_pair_is_enough_to_find_the_rule(image: str, mask: str, expected: Pairing) -> None:
    assert propose_pairing([image], [mask])[0] == expected


def test_names_that_share_nothing_pair_nothing() -> None:
    assert propose_pairing(["a.png", "b.png"], ["x.png", "y.png"])[1] == 0.0


def test_other_pictures_of_a_paired_image_are_no_images_without_masks(tmp_path: Path) -> None:
    files = ["a.jpg", "a_1st.png", "a_2nd.png", "b.jpg", "b_1st.png", "b_2nd.png", "c.jpg", "c_2.jpg"]
    spec = _spec(tmp_path, files, images=".", masks=".", pairing=Pairing(rule="affix", mask_suffix="_1st"))
    samples, problems, count = find_samples(spec)
    assert [sample.id for sample in samples] == ["a.jpg", "b.jpg"]
    assert [problem.file for problem in problems] == ["c.jpg", "c_2.jpg"]
    assert count == 4


def test_a_further_mask_of_an_image_is_said_to_be_left_out(tmp_path: Path) -> None:
    files = ["b (1).png", "b (1)_mask.png", "b (1)_mask_1.png", "b (2).png", "b (2)_mask.png"]
    spec = _spec(tmp_path, files, images=".", masks=".", pairing=Pairing(rule="affix", mask_suffix="_mask"))
    samples, problems, count = find_samples(spec)
    assert (len(samples), count) == (2, 2)
    assert [(item.file, item.problem) for item in problems] == [
        ("b (1)_mask_1.png", "this further mask of an image is left out")
    ]


def test_mask_folders_that_share_their_images_count_them_once(tmp_path: Path) -> None:
    files = ["images/a.png", "images/b.png", "images/c.png", "fold1/a.png", "fold2/b.png"]
    pairs = tuple(FolderPair(images="images", masks=name) for name in ("fold1", "fold2"))
    spec = _spec(tmp_path, files).model_copy(update={"folders": pairs})
    samples, problems, count = find_samples(spec)
    assert (len(samples), [item.file for item in problems], count) == (2, ["images/c.png"], 3)


def test_a_folder_called_as_its_image_does_not_part_the_two(tmp_path: Path) -> None:
    files = ["images/a1.png", "images/a2.png", "gt/a1/soft/a1_disc.png", "gt/a2/soft/a2_disc.png"]
    spec = _spec(tmp_path, files, masks="gt", pairing=Pairing(rule="affix", mask_suffix="_disc"))
    samples, problems, _ = find_samples(spec)
    assert (len(samples), problems) == (2, [])


def test_a_dataset_whose_folder_is_gone_says_so(tmp_path: Path) -> None:
    spec = _spec(tmp_path, ["images/a.png", "masks/a.png"]).model_copy(update={"root": tmp_path / "gone"})
    with pytest.raises(DatasetError, match="gone is not there; connect its disk"):
        find_samples(spec)


def test_a_mask_that_two_folders_of_images_claim_counts_once(tmp_path: Path) -> None:
    files = ["train/a.png", "test/a.png", "masks/a.png"]
    pairs = tuple(FolderPair(images=name, masks="masks") for name in ("train", "test"))
    samples, problems, _ = find_samples(_spec(tmp_path, files).model_copy(update={"folders": pairs}))
    assert [sample.id for sample in samples] == ["train/a.png"]
    assert [item.file for item in problems] == ["masks/a.png"]
