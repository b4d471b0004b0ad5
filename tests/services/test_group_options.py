"""How the command line names groups."""

from pathlib import Path

import pytest

from core.errors import DatasetError
from core.services import datasets
from core.services.group_options import choose_groups


@pytest.fixture
def spec(folder: Path):
    (folder / "who.csv").write_text("image,patient,age\n00,p0,3\n01,p0,4\n02,p1,5\n")
    return datasets.propose(str(folder)).spec.model_copy(update={"group_pattern": "^own"})


def test_no_option_leaves_the_datasets_own_rule(spec) -> None:
    assert choose_groups(spec) == spec


def test_a_file_takes_the_place_of_the_pattern_and_its_only_fitting_column_is_found(spec) -> None:
    chosen = choose_groups(spec, file=Path("who.csv"))
    assert (chosen.group_pattern, chosen.group_file, chosen.group_column) == (None, "who.csv", "patient")


def test_a_file_outside_of_the_dataset_is_named_by_its_whole_path(spec, tmp_path: Path) -> None:
    outside = tmp_path / "far.csv"
    outside.write_text("image,case,patient\n00,c,p\n01,c,p\n02,d,p\n")
    assert choose_groups(spec, file=outside, column="case").group_file == outside.as_posix()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pattern": "x", "column": "y"}, "leave out one"),
        ({"file": Path("gone.csv")}, "There is no file gone.csv, neither here nor in"),
        ({"file": Path("vague.csv")}, "cannot be told; choose it with --group-column, one of a, b"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(spec, folder: Path, options, sentence) -> None:
    (folder / "vague.csv").write_text("a,b\n1,2\n1,2\n")
    with pytest.raises(DatasetError, match=sentence):
        choose_groups(spec, **options)
