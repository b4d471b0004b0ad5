import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.domain.classes import ClassSpec
from core.formats.sources.regions import (
    build_background,
    count_regions,
    digest_regions,
    draw_regions,
    encode_dense,
    find_key,
    unite,
)

LAYERS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 999), max_size=4)


def draw(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((9, 13)) < 0.4


@given(LAYERS, st.sets(st.sampled_from("abcd")))
def test_counts_are_those_of_dense_layers_and_void_belongs_to_nothing(
    seeds: dict[str, int], void: set[str]
) -> None:
    dense = {key: draw(seed) for key, seed in seeds.items()}
    regions = {key: encode_dense(mask) for key, mask in dense.items()}
    counts = count_regions(regions, void, 9, 13)
    empty = np.zeros((9, 13), bool)
    hidden = np.logical_or.reduce([empty, *(mask for key, mask in dense.items() if key in void)])
    covered = np.logical_or.reduce([empty, *dense.values()])
    assert counts.get("background", 0) == (~covered).sum()
    assert sum(counts.get(key, 0) for key in void) == hidden.sum()
    for key in dense.keys() - void:
        assert counts.get(key, 0) == (dense[key] & ~hidden).sum()
    classes = [build_background(), *(ClassSpec(key=key, name=key) for key in "abcd" if key not in void)]
    layers = draw_regions(regions, classes, void, 9, 13, "x")
    assert [layers.region(i).sum() for i in range(len(classes))] == [counts.get(c.key, 0) for c in classes]


def test_a_digest_tells_masks_apart_and_nothing_else() -> None:
    one, two = encode_dense(draw(1)), encode_dense(draw(2))
    nothing = encode_dense(np.zeros((9, 13)))
    digest = digest_regions({"a": one, "b": two}, 9, 13)
    assert digest == digest_regions({"b": two, "a": one, "c": nothing}, 9, 13)
    assert digest != digest_regions({"a": two, "b": one}, 9, 13)
    assert digest_regions({}, 9, 13) != digest_regions({}, 13, 9)


def test_the_union_of_nothing_covers_nothing() -> None:
    assert count_regions({}, (), 4, 5) == {"background": 20}
    assert unite([])["size"] == [0, 0]


def test_labels_that_mean_nothing_here_are_the_background() -> None:
    assert {find_key(label) for label in ("Background", "_background_", "__background__ ")} == {"background"}
    assert find_key("ground") == "ground"
