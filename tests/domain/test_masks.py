import numpy as np

from core.domain.masks import LabelMask

EXCLUSIVE = LabelMask(np.array([[0, 1], [-1, 1]], dtype=np.int16), 3)
LAYERS = np.array([[[1, 0], [0, 0]], [[1, 1], [0, 0]]], dtype=np.bool_)
OVERLAPPING = LabelMask(LAYERS, 2)


def test_layers_of_an_exclusive_mask_leave_void_empty() -> None:
    stack = EXCLUSIVE.stack()
    assert stack.shape == (3, 2, 2)
    assert stack.sum(axis=(1, 2)).tolist() == [1, 2, 0]
    assert not stack[:, 1, 0].any()


def test_the_later_class_is_on_top_in_an_index_map() -> None:
    assert OVERLAPPING.index_map().tolist() == [[1, 1], [-1, -1]]


def test_an_exclusive_mask_is_its_own_index_map() -> None:
    assert np.array_equal(EXCLUSIVE.index_map(), EXCLUSIVE.pixels)


def test_both_forms_tell_shape_and_regions() -> None:
    assert EXCLUSIVE.shape == OVERLAPPING.shape == (2, 2)
    assert EXCLUSIVE.region(1).tolist() == [[False, True], [False, True]]
    assert np.array_equal(OVERLAPPING.region(0), LAYERS[0])
    assert np.array_equal(OVERLAPPING.stack(), LAYERS)
