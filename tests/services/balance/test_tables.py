"""Tables of copies: a page of them is what the same lines of the whole are."""

import numpy as np
import pytest

from core.balancing import group_label_vectors
from core.domain.dataset import DatasetSpec
from core.domain.label_table import LabelTable
from core.domain.scan import Sample, ScannedDataset
from core.services.balance import WholeBalance, find_images, group_table, image_table
from core.services.balance.tables import find_combinations

IDS = ("b.png", "a.png", "c.png", "d.png", "e.png")
PRESENCE = np.array([[1, 0], [1, 1], [0, 0], [1, 0], [0, 1]], dtype=np.bool_)
COPIES = np.array([1, 3, 0, 0, 2])


@pytest.fixture
def table() -> LabelTable:
    return group_label_vectors(PRESENCE, ["Optic disc", "cup"], IDS)


@pytest.fixture
def whole() -> WholeBalance:
    shares = np.zeros(2)
    return WholeBalance(COPIES, np.zeros(0, np.int64), shares, 6, 3, 2, 3, 1.0, 0.0, 0.0)


def _dataset(table: LabelTable) -> ScannedDataset:
    spec = DatasetSpec.model_validate({"name": "x", "root": "/x", "format": "label_table"})
    samples = tuple(Sample(name, None, group=name[0]) for name in table.sample_ids)
    return ScannedDataset(spec, (), samples, PRESENCE, None, None, None, True, (), 5, "f")


def test_combinations_stand_with_most_copies_first(table: LabelTable, whole: WholeBalance) -> None:
    lines = group_table(table, whole)[["combination", "images", "copies", "change"]].to_numpy().tolist()
    assert lines == [
        ["Optic disc + cup", 1, 3, 2],
        ["cup", 1, 2, 1],
        ["Optic disc", 2, 1, -1],
        ["no class", 1, 0, -1],
    ]


def test_the_first_lines_are_those_of_the_whole(table: LabelTable, whole: WholeBalance) -> None:
    assert group_table(table, whole, most=2).equals(group_table(table, whole).head(2))


@pytest.mark.parametrize(
    ("words", "found"),
    [("DISC", ["Optic disc + cup", "Optic disc"]), ("disc + cup", ["Optic disc + cup"]), ("zebra", []),
     ("no class", ["no class"]), (" ", ["Optic disc + cup", "cup", "Optic disc", "no class"])],
)  # fmt: skip
def test_combinations_are_found_by_their_classes(
    words: str, found: list[str], table: LabelTable, whole: WholeBalance
) -> None:
    assert group_table(table, whole, words)["combination"].tolist() == found
    assert len(find_combinations(table, words)) == len(found)


@pytest.mark.parametrize(("order", "ids"), [("most", "aebcd"), ("fewest", "cdbea"), ("name", "abcde")])
def test_images_stand_in_the_wanted_order(
    order: str, ids: str, table: LabelTable, whole: WholeBalance
) -> None:
    places = find_images(table, whole, order=order)  # type: ignore[arg-type]  # the parameters are its choices
    assert "".join(IDS[place][0] for place in places) == ids


def test_images_are_found_by_copies_by_name_and_by_class(table: LabelTable, whole: WholeBalance) -> None:
    def names(words: str = "", which: str = "all") -> str:
        places = find_images(table, whole, words, which)  # type: ignore[arg-type]  # as above
        return "".join(sorted(IDS[place][0] for place in places))

    assert names(which="duplicated") == "ae"
    assert names(which="once") == "b"
    assert names(which="dropped") == "cd"
    assert names("cup") == "ae"
    assert names("C.PNG") == "c"
    assert names("disc", "dropped") == "d"


def test_a_page_of_images_holds_the_lines_of_the_whole_table(table: LabelTable, whole: WholeBalance) -> None:
    dataset = _dataset(table)
    all_of_them = image_table(dataset, table, whole)
    page = image_table(dataset, table, whole, find_images(table, whole)[1:3])
    assert all_of_them["image"].tolist() == ["a.png", "e.png", "b.png", "c.png", "d.png"]
    assert all_of_them["combination"].tolist()[0] == "Optic disc + cup"
    assert all_of_them["group"].tolist() == ["a", "e", "b", "c", "d"]
    assert page.equals(all_of_them.iloc[1:3])
    assert image_table(dataset, table, whole, np.zeros(0, np.intp)).empty
