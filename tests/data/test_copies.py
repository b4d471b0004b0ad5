"""Duplicates that lose no class."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.data import augmentation
from core.data.copies import MAX_TRIES, SourceSample, describe_source, draw_copy, find_present
from core.domain.augmentation import AugmentationSpec
from core.domain.masks import LabelMask
from core.errors import DatasetError, UnsafeFileError
from core.formats.whole import scan_dataset
from tests.data.sets import write_index_set, write_layer_set

SPEC = AugmentationSpec()


def first_sample(spec: Any, place: int = 0) -> SourceSample:
    dataset = scan_dataset(spec, None)
    return SourceSample(describe_source(dataset), dataset.samples[place])


def test_a_copy_keeps_the_classes_of_its_source(tmp_path: Path) -> None:
    source = first_sample(write_index_set(tmp_path))
    for copy in range(2, 30):
        drawn = draw_copy(source, SPEC, 0, copy)
        np.testing.assert_array_equal(find_present(drawn.label), find_present(source.label))


def test_a_copy_depends_on_its_number_and_the_seed_only(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path)
    one, other = draw_copy(first_sample(spec), SPEC, 0, 2), draw_copy(first_sample(spec), SPEC, 0, 2)
    np.testing.assert_array_equal(one.picture.pixels, other.picture.pixels)
    assert one.seed != draw_copy(first_sample(spec), SPEC, 0, 3).seed
    assert one.seed != draw_copy(first_sample(spec), SPEC, 1, 2).seed


def test_the_noted_seed_gives_the_copy_again(tmp_path: Path) -> None:
    source = first_sample(write_index_set(tmp_path))
    drawn = draw_copy(source, SPEC, 4, 2, with_stored=True)
    image, [stored] = augmentation.augment(
        source.picture.pixels, [source.stored_masks[0].pixels], SPEC, drawn.seed
    )
    np.testing.assert_array_equal(image, drawn.picture.pixels)
    np.testing.assert_array_equal(stored, drawn.stored[0])


def lose_spot(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first draws shift everything so far that the spot at the lower right leaves the picture."""
    calls = []

    def shift(image: Any, masks: Any, spec: AugmentationSpec, seed: int) -> Any:
        calls.append(seed)
        step = 20 if len(calls) <= times else 0
        moved = []
        for pixels in (image, *masks):
            new = np.zeros_like(pixels)
            new[step:] = pixels[: len(pixels) - step]
            moved.append(new)
        return moved[0], moved[1:]

    monkeypatch.setattr(augmentation, "augment", shift)


def test_a_copy_that_lost_a_class_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = first_sample(write_index_set(tmp_path))
    lose_spot(2, monkeypatch)
    drawn = draw_copy(source, SPEC, 0, 2)
    assert (drawn.kind, drawn.tries) == ("augmented", 3)
    assert find_present(drawn.label).all() == find_present(source.label).all()


def test_a_copy_that_always_loses_a_class_is_flipped_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = first_sample(write_index_set(tmp_path))
    lose_spot(MAX_TRIES, monkeypatch)
    drawn = draw_copy(source, SPEC, 0, 2)
    assert (drawn.kind, drawn.tries) == ("flipped", MAX_TRIES + 1)
    counts = [np.bincount(label.pixels.ravel() + 1) for label in (drawn.label, source.label)]
    np.testing.assert_array_equal(*counts)


def test_overlapping_layers_move_together(tmp_path: Path) -> None:
    source = first_sample(write_layer_set(tmp_path))
    label = draw_copy(source, SPEC, 0, 2).label
    background, disc, spot = label.stack()
    assert spot.any()
    assert not (spot & ~disc).any()  # the spot lies inside the disc, before and after
    np.testing.assert_array_equal(background, ~disc)


def test_present_classes_are_found_in_both_forms() -> None:
    exclusive = LabelMask(np.array([[-1, 2], [0, 0]], np.int16), 4)
    np.testing.assert_array_equal(find_present(exclusive), [True, False, True, False])
    layers = LabelMask(np.array([[[False]], [[True]]]), 2)
    np.testing.assert_array_equal(find_present(layers), [False, True])


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    source = first_sample(write_index_set(tmp_path))
    Image.new("RGB", (10, 20)).save(source.image_path)
    with pytest.raises(DatasetError, match="its image 10 x 20"):
        _ = source.label


def test_a_link_out_of_the_dataset_is_refused(tmp_path: Path) -> None:
    source = first_sample(write_index_set(tmp_path / "set"))
    secret = tmp_path / "secret.png"
    Image.new("RGB", (48, 48)).save(secret)
    path = source.dataset.spec.root / str(source.sample.image)
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(UnsafeFileError):
        _ = source.picture
