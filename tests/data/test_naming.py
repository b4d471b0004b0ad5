"""Names of copies."""

from pathlib import Path, PurePosixPath

from core.data.naming import flatten_name, keep_apart, name_copies
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample


def spec(*folders: FolderPair) -> DatasetSpec:
    return DatasetSpec(name="a", root=Path("/data"), format="index", folders=folders)


def sample(path: str) -> Sample:
    return Sample(path, PurePosixPath(path))


def names(dataset: DatasetSpec, copies: dict[str, int]) -> list[str]:
    return list(name_copies(dataset, [sample(path) for path in copies], copies).values())


def test_names_keep_the_source_and_its_sub_folders() -> None:
    found = names(
        spec(FolderPair(images="images", masks="masks")), {"images/p/left_1.png": 3, "images/b.c.jpg": 1}
    )
    assert found == ["p/left_1", "b.c", "p/left_1__copy2", "p/left_1__copy3"]


def test_dropped_images_have_no_name() -> None:
    assert names(spec(FolderPair(images="i", masks="m")), {"i/a.png": 0, "i/b.png": 1}) == ["b"]


def test_several_image_folders_stay_apart() -> None:
    pairs = (
        FolderPair(images="train/x", masks="train/y", name="train"),
        FolderPair(images="val/x", masks="val/y", name="val"),
    )
    assert names(spec(*pairs), {"train/x/a.png": 1, "val/x/a.png": 1}) == ["train/a", "val/a"]
    unnamed = tuple(pair.model_copy(update={"name": ""}) for pair in pairs)
    assert names(spec(*unnamed), {"train/x/a.png": 1, "val/x/a.png": 1}) == ["train/x/a", "val/x/a"]


def test_an_image_folder_outside_of_the_root_gives_names_inside() -> None:
    assert names(spec(FolderPair(images="../raw", masks="m")), {"../raw/a.png": 1}) == ["a"]
    pairs = (FolderPair(images="../raw", masks="m"), FolderPair(images="/x/y", masks="n"))
    assert names(spec(*pairs), {"../raw/a.png": 1, "/x/y/b.png": 1}) == ["raw/a", "x/y/b"]


def test_a_source_that_is_called_like_a_copy_keeps_its_name() -> None:
    found = names(spec(FolderPair(images="i", masks="m")), {"i/a.png": 2, "i/a__copy2.png": 1})
    assert found == ["a", "a__copy2", "a__copy2_"]


def test_names_that_differ_in_case_only_are_kept_apart() -> None:
    assert list(keep_apart({("x", 1): "A", ("y", 1): "a"}).values()) == ["A", "a_"]
    assert flatten_name("p/q/a") == "p_q_a"
