"""Slices: depth, windows, counts."""

import numpy as np
import pytest

from core.domain.classes import ClassSpec
from core.errors import DatasetError, MaskError
from core.formats.sources.slices import (
    MAX_VALUES,
    count_values,
    fill_gaps,
    find_fullest,
    find_positions,
    fit_depth,
    show,
)


def test_whole_numbers_become_words_whatever_their_type() -> None:
    for kind in (np.uint8, np.int16, np.int64, np.float32):
        assert fit_depth(np.array([[0, 200]], kind)).dtype == np.uint16


def test_negative_whole_numbers_keep_their_sign() -> None:
    assert fit_depth(np.array([[-1024.0, 3000.0]])).dtype == np.int16


def test_fractions_and_large_numbers_stay_real() -> None:
    assert fit_depth(np.array([[0.5, 1.0]])).dtype == np.float32
    assert fit_depth(np.array([[0, 1 << 20]])).dtype == np.float32


def test_gaps_get_the_smallest_value() -> None:
    assert fill_gaps(np.array([np.nan, -np.inf, 2.0, 5.0])).tolist() == [2.0, 2.0, 2.0, 5.0]


def test_nothing_but_gaps_is_zero() -> None:
    assert fill_gaps(np.array([np.nan, np.inf])).tolist() == [0.0, 0.0]


def test_a_window_goes_from_black_to_white() -> None:
    shown = show(np.array([[-5, 0, 50, 100, 900]], np.int16), (0.0, 100.0), None)
    assert shown[0, :, 0].tolist() == [0, 0, 127, 255, 255]


def test_of_many_bands_the_first_is_shown() -> None:
    pixels = np.stack([np.full((2, 2), 10), np.full((2, 2), 99)], axis=-1)
    assert (show(pixels, (0.0, 10.0), None) == 255).all()


def test_values_are_counted_by_their_key() -> None:
    assert count_values(np.array([[-1, 0], [0, 70_000]], np.int32), "a") == {"-1": 1, "0": 2, "70000": 1}


def test_an_image_is_no_label() -> None:
    with pytest.raises(MaskError, match="different numbers"):
        count_values(np.arange(MAX_VALUES + 1, dtype=np.int32), "a.nii")


def test_numbers_of_no_class_are_void() -> None:
    label = find_positions(np.array([[0, 2, 9]], np.int32), [ClassSpec(key="2", name="b")])
    assert label.tolist() == [[-1, 0, -1]]


def test_a_key_that_is_no_number_is_refused() -> None:
    with pytest.raises(DatasetError, match="no class number"):
        find_positions(np.zeros((1, 1), np.int32), [ClassSpec(key="liver", name="liver")])


def test_the_fullest_slice_is_the_first_of_equals_and_the_middle_of_none() -> None:
    labelled = np.zeros((2, 2, 5), bool)
    assert find_fullest(labelled) == 2
    labelled[0, 0, 3:] = True
    assert find_fullest(labelled) == 3
