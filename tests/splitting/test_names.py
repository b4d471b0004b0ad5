"""Group names once a person has tied images together."""

from hypothesis import given
from hypothesis import strategies as st

from core.splitting import join_groups, tie_names

NAMES = st.lists(st.sampled_from(["", "p1", "p2", "p3"]), min_size=1, max_size=12)


def test_tied_groups_are_called_by_all_their_names() -> None:
    assert tie_names(["p1", "p2", "p1", "p3"], list("abcd"), [("a", "b")]) == ["p1 + p2"] * 3 + ["p3"]


def test_images_without_a_name_are_called_by_the_first_of_them() -> None:
    assert tie_names(["", "", ""], list("abc"), [("c", "b")]) == ["", "b", "b"]


def test_an_image_without_a_name_takes_that_of_the_group_it_is_tied_to() -> None:
    assert tie_names(["", "p1"], list("ab"), [("a", "b")]) == ["p1", "p1"]


def test_a_chain_of_ties_is_one_group() -> None:
    assert tie_names([""] * 4, list("abcd"), [("a", "b"), ("c", "d"), ("b", "c")]) == ["a"] * 4


def test_ids_that_are_no_samples_tie_nothing() -> None:
    assert tie_names(["p1", ""], list("ab"), [("a", "gone"), ("gone", "b")]) == ["p1", ""]


@given(NAMES, st.data())
def test_names_and_ties_together_make_the_groups_of_the_names_joined_with_the_ties(
    names: list[str], data: st.DataObject
) -> None:
    ids = [f"i{place}" for place in range(len(names))]
    ties = data.draw(st.lists(st.lists(st.sampled_from(ids), min_size=2, max_size=3), max_size=4))
    each = [["" if id_ not in tie else "tied" for id_ in ids] for tie in ties]
    expected = join_groups(len(names), names, *each)
    assert join_groups(len(names), tie_names(names, ids, ties)).tolist() == expected.tolist()
