import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.statistics import compute_sample_changes, digest_labels

states = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 3), max_size=12)


@given(states, states)
def test_every_image_is_added_removed_changed_or_the_same(
    before: dict[str, int], after: dict[str, int]
) -> None:
    found = compute_sample_changes(
        list(before),
        np.array(list(before.values()), dtype=np.uint32),
        list(after),
        np.array(list(after.values()), dtype=np.uint32),
    )
    assert set(found.added) == after.keys() - before.keys()
    assert set(found.removed) == before.keys() - after.keys()
    assert set(found.changed) == {name for name in before.keys() & after if before[name] != after[name]}


def test_a_row_is_told_by_its_classes_and_not_by_their_order() -> None:
    presence = np.array([[True, False, True], [True, True, False], [False, False, False]])
    digests = digest_labels(presence, ["a", "b", "c"])
    assert len(set(digests.tolist())) == 3
    assert digests[2] == 0
    assert (digest_labels(presence[:, ::-1], ["c", "b", "a"]) == digests).all()
