"""Files left out and pairs made by hand change the samples as a person means it."""

from pathlib import Path

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.formats.folders.pairing import find_samples, find_unpaired


def _spec(
    root: Path,
    files: list[str],
    *,
    ignored: tuple[str, ...] = (),
    pairs: tuple[tuple[str, str], ...] = (),
    pairing: Pairing | None = None,
    keys: tuple[str, ...] = (),
    images: str | None = "images",
    masks: str = "masks",
) -> DatasetSpec:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return DatasetSpec(
        name="test",
        root=root,
        format="binary_per_class" if keys else "index",
        folders=(FolderPair(images=images, masks=masks),),
        pairing=pairing or Pairing(),
        classes=tuple(ClassSpec(key=key, name=key) for key in keys),
        ignored=ignored,
        pairs=pairs,
    )


def _found(spec: DatasetSpec) -> tuple[dict[str, list[str]], list[str], int]:
    samples, problems, count = find_samples(spec)
    found = {sample.id: [str(path) for _, path in sample.masks] for sample in samples}
    return found, sorted(problem.file for problem in problems), count


FOUR = ["images/a.png", "images/b.png", "masks/a.png", "masks/b.png"]
B_ONLY = ({"images/b.png": ["masks/b.png"]}, [], 1)


def test_an_image_left_out_takes_its_mask_with_it(tmp_path: Path) -> None:
    assert _found(_spec(tmp_path, FOUR, ignored=("images/a.png",))) == B_ONLY


def test_a_mask_left_out_takes_its_image_with_it(tmp_path: Path) -> None:
    assert _found(_spec(tmp_path, FOUR, ignored=("masks/a.png",))) == B_ONLY


def test_a_file_without_a_partner_is_no_problem_once_left_out(tmp_path: Path) -> None:
    files = [*FOUR, "images/lonely.png", "masks/alone.png"]
    found = _found(_spec(tmp_path, files, ignored=("images/lonely.png", "masks/alone.png")))
    assert found[1:] == ([], 2)


def test_leaving_out_one_of_two_masks_lets_the_other_count(tmp_path: Path) -> None:
    files = ["images/a.png", "masks/a.png", "masks/a.tif"]
    assert _found(_spec(tmp_path, files, ignored=("masks/a.tif",))) == (
        {"images/a.png": ["masks/a.png"]},
        [],
        1,
    )


def test_leaving_out_one_of_two_images_lets_the_other_count(tmp_path: Path) -> None:
    files = ["images/a.jpg", "images/a.png", "masks/a.png"]
    assert _found(_spec(tmp_path, files, ignored=("images/a.jpg",))) == (
        {"images/a.png": ["masks/a.png"]},
        [],
        1,
    )


def test_an_image_whose_mask_of_one_class_is_left_out_does_not_seem_to_lack_that_class(
    tmp_path: Path,
) -> None:
    files = ["images/a.png", "images/b.png", "masks/lung/a.png", "masks/heart/a.png", "masks/lung/b.png"]
    found = _found(_spec(tmp_path, files, keys=("lung", "heart"), ignored=("masks/heart/a.png",)))
    assert found == ({"images/b.png": ["masks/lung/b.png"]}, [], 1)


def test_masks_alone_are_left_out_one_by_one(tmp_path: Path) -> None:
    found = _found(_spec(tmp_path, ["masks/a.png", "masks/b.png"], images=None, ignored=("masks/a.png",)))
    assert found == ({"masks/b.png": ["masks/b.png"]}, [], 1)


def test_a_pair_made_by_hand_needs_no_like_names(tmp_path: Path) -> None:
    files = ["images/a.png", "images/eye7.png", "masks/a.png", "masks/seven.png"]
    found = _found(_spec(tmp_path, files, pairs=(("images/eye7.png", "masks/seven.png"),)))
    assert found == (
        {"images/a.png": ["masks/a.png"], "images/eye7.png": ["masks/seven.png"]},
        [],
        2,
    )


def test_a_chosen_mask_wins_over_the_one_with_the_right_name_which_becomes_a_problem(tmp_path: Path) -> None:
    files = ["images/a.png", "masks/a.png", "masks/better.png"]
    found, problems, _ = _found(_spec(tmp_path, files, pairs=(("images/a.png", "masks/better.png"),)))
    assert found == {"images/a.png": ["masks/better.png"]}
    assert problems == ["masks/a.png"]


def test_a_chosen_mask_may_break_the_rule_of_names(tmp_path: Path) -> None:
    rule = Pairing(rule="affix", mask_suffix="_gt")
    files = ["images/a.png", "images/b.png", "masks/a_gt.png", "masks/b-gt.png"]
    before = _spec(tmp_path, files, pairing=rule)
    assert find_unpaired(before).masks == ("masks/b-gt.png",)
    after = _spec(tmp_path, files, pairing=rule, pairs=(("images/b.png", "masks/b-gt.png"),))
    assert _found(after)[0]["images/b.png"] == ["masks/b-gt.png"]
    assert find_unpaired(after) == type(find_unpaired(after))((), ())


def test_a_chosen_mask_of_one_class_joins_those_found_by_name(tmp_path: Path) -> None:
    files = ["images/a.png", "masks/lung/a.png", "masks/heart/x.png"]
    spec = _spec(tmp_path, files, keys=("lung", "heart"), pairs=(("images/a.png", "masks/heart/x.png"),))
    samples, problems, _ = find_samples(spec)
    assert {key: str(path) for key, path in samples[0].masks} == {
        "lung": "masks/lung/a.png",
        "heart": "masks/heart/x.png",
    }
    assert problems == []


def test_a_chosen_mask_whose_class_cannot_be_told_is_a_problem(tmp_path: Path) -> None:
    files = ["images/a.png", "masks/lung/a.png", "masks/stray.png"]
    spec = _spec(tmp_path, files, keys=("lung",), pairs=(("images/a.png", "masks/stray.png"),))
    assert _found(spec)[1] == ["masks/stray.png"]


def test_one_mask_for_two_images_stays_a_problem_when_paired_by_hand(tmp_path: Path) -> None:
    files = ["images/a.png", "images/b.png", "masks/m.png"]
    spec = _spec(tmp_path, files, pairs=(("images/a.png", "masks/m.png"), ("images/b.png", "masks/m.png")))
    found, problems, count = _found(spec)
    assert (list(found), problems, count) == (["images/a.png"], ["masks/m.png"], 2)


def test_a_pair_with_a_file_left_out_is_none(tmp_path: Path) -> None:
    files = ["images/a.png", "masks/a.png", "masks/m.png"]
    spec = _spec(tmp_path, files, pairs=(("images/a.png", "masks/m.png"),), ignored=("masks/m.png",))
    assert _found(spec) == ({"images/a.png": ["masks/a.png"]}, [], 1)


def test_files_of_one_folder_pair_by_hand_whichever_side_they_were_taken_for(tmp_path: Path) -> None:
    files = ["all/a.jpg", "all/a.png", "all/photo.png", "all/label.png"]
    spec = _spec(tmp_path, files, images="all", masks="all", pairs=(("all/photo.png", "all/label.png"),))
    assert _found(spec)[:2] == ({"all/a.jpg": ["all/a.png"], "all/photo.png": ["all/label.png"]}, [])


def test_the_files_without_a_partner_are_listed_for_pairing(tmp_path: Path) -> None:
    found = find_unpaired(_spec(tmp_path, [*FOUR, "images/x.png", "masks/y.png", "masks/z.png"]))
    assert (found.images, found.masks) == (("images/x.png",), ("masks/y.png", "masks/z.png"))
