"""The one place where samples get their groups: which source wins, whatever the format."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.groups import GroupRule
from core.domain.scan import Sample
from core.errors import DatasetError
from core.formats.dataset_groups import find_groups_by_name
from core.formats.group_names import apply_groups, name_groups
from core.formats.result_file import read_result_file, write_result_file
from core.formats.whole import scan_dataset
from tests.formats.trees import index, photo

IDS = ("p1_a.png", "p1_b.png", "p2_a.png", "x.png")
SAMPLES = [Sample(name, PurePosixPath(name)) for name in IDS]


@pytest.fixture
def spec(tmp_path: Path) -> DatasetSpec:
    (tmp_path / "g.csv").write_text("image,flight\np1_a.png,f1\np2_a.png,f1\n")
    return DatasetSpec(name="s", root=tmp_path, format="index", folders=(FolderPair(masks="m"),))


def with_rule(spec: DatasetSpec, **update: object) -> DatasetSpec:
    return spec.model_copy(update=update)


def test_without_any_rule_the_format_names_the_groups(spec: DatasetSpec) -> None:
    named = name_groups(spec, SAMPLES, ("k", "k", "", ""))
    assert named.names == ("k", "k", "", "")
    assert named.origins == ("format", "format", "", "")


def test_a_pattern_comes_before_the_format_which_helps_where_it_does_not_match(spec: DatasetSpec) -> None:
    named = name_groups(with_rule(spec, group_pattern=r"^p\d"), SAMPLES, ("k",) * 4)
    assert named.names == ("p1", "p1", "p2", "k")
    assert named.origins == ("pattern", "pattern", "pattern", "format")


def test_a_group_file_comes_before_the_pattern(spec: DatasetSpec) -> None:
    rule = {"group_file": "g.csv", "group_column": "flight", "group_pattern": r"^p\d"}
    named = name_groups(with_rule(spec, **rule), SAMPLES)
    assert named.names == ("f1", "p1", "f1", "")
    assert named.origins == ("file", "pattern", "file", "")
    assert "the column 'image' names the images, by the whole path" in named.notes[0]


def test_ties_join_whole_groups_and_say_so(spec: DatasetSpec) -> None:
    tied = with_rule(spec, group_pattern=r"^p\d", same_group=(("p2_a.png", "x.png"),))
    named = name_groups(tied, SAMPLES)
    assert named.names == ("p1", "p1", "p2", "p2")
    assert named.origins == ("pattern", "pattern", "pattern", "tie")


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"group_column": "flight"}, "needs a file: this dataset is no label table"),
        ({"group_file": "g.csv"}, "Which column of g.csv names the group is not said; .* image, flight"),
        ({"group_file": "gone.csv", "group_column": "flight"}, "gone.csv is not there"),
        ({"group_pattern": "("}, "no regular expression"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(spec: DatasetSpec, update, sentence) -> None:
    with pytest.raises(DatasetError, match=sentence):
        name_groups(with_rule(spec, **update), SAMPLES)


def test_a_rule_has_one_way_only() -> None:
    with pytest.raises(ValueError, match="by a pattern or by a column, not by both"):
        GroupRule(pattern="x", column="y")


def test_a_scan_names_the_groups_and_another_rule_needs_no_scan(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1"):
        photo(tmp_path / f"images/{name}.png")
        index(tmp_path / f"masks/{name}.png")
    folders = (FolderPair(images="images", masks="masks"),)
    spec = DatasetSpec(name="s", root=tmp_path, format="index", folders=folders, group_pattern="^.")
    dataset = scan_dataset(spec, None)
    assert [sample.group for sample in dataset.samples] == ["a", "a", "b"]
    again = apply_groups(dataset, spec.model_copy(update={"group_pattern": r"\d"}))
    assert [sample.group for sample in again.samples] == ["1", "2", "1"]
    none = apply_groups(again, spec.model_copy(update={"group_pattern": None}))
    assert [sample.group for sample in none.samples] == ["", "", ""]
    assert again.fingerprint == dataset.fingerprint


def test_a_broken_pattern_is_refused_before_masks_are_read(tmp_path: Path) -> None:
    spec = DatasetSpec(
        name="s", root=tmp_path, format="index", folders=(FolderPair(masks="."),), group_pattern="("
    )
    with pytest.raises(DatasetError, match="no regular expression"):
        scan_dataset(spec, None)


def test_the_groups_of_a_format_survive_the_file_and_another_rule(tmp_path: Path) -> None:
    photo(tmp_path / "images/a.png")
    photo(tmp_path / "images/b.png")
    index(tmp_path / "masks/a.png")
    index(tmp_path / "masks/b.png")
    folders = (FolderPair(images="images", masks="masks"),)
    spec = DatasetSpec(name="s", root=tmp_path, format="index", folders=folders)
    plain = scan_dataset(spec, None)
    patients = tuple(replace(sample, group="ann") for sample in plain.samples)
    dataset = apply_groups(replace(plain, samples=patients, own_groups=None))
    write_result_file(tmp_path / "scan.npz", dataset)
    kept = read_result_file(tmp_path / "scan.npz")
    found = find_groups_by_name(kept)
    assert (found.names, found.origins, found.count) == (("ann", "ann"), ("format", "format"), 1)
    named = apply_groups(kept, spec.model_copy(update={"group_pattern": "^."}))
    assert [sample.group for sample in named.samples] == ["a", "b"]
    assert find_groups_by_name(apply_groups(named, spec)).names == ("ann", "ann")


def test_where_groups_come_from_is_kept_with_the_scan(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1"):
        photo(tmp_path / f"images/{name}.png")
        index(tmp_path / f"masks/{name}.png")
    (tmp_path / "g.csv").write_text("image,flight\na1,f\nlost,f\n")
    folders = (FolderPair(images="images", masks="masks"),)
    spec = DatasetSpec(name="s", root=tmp_path, format="index", folders=folders)
    rule = {"group_file": "g.csv", "group_column": "flight", "group_pattern": "^b"}
    dataset = scan_dataset(with_rule(spec, **rule), None)
    write_result_file(tmp_path / "scan.npz", dataset)
    (tmp_path / "g.csv").unlink()
    kept = read_result_file(tmp_path / "scan.npz")
    assert kept.group_origins == dataset.group_origins == ("file", "", "pattern")
    assert kept.own_groups == ("", "", "")
    assert kept.group_notes == dataset.group_notes
    assert len(kept.group_notes) == 3
