import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from core.data.copies import describe_source
from core.data.resized import VOID, ResizedStore, resize_sample
from core.data.sampler import CopySampler
from core.data.training_set import TrainingSet
from core.domain.augmentation import AugmentationSpec
from core.domain.scan import ScannedDataset
from core.errors import MaskError, PlanError, WorkspaceError
from core.formats.whole import scan_dataset
from tests.data.sets import SIZE, write_index_set, write_layer_set


@pytest.fixture
def indexed(tmp_path: Path) -> ScannedDataset:
    return scan_dataset(write_index_set(tmp_path / "set"), None)


@pytest.fixture
def layered(tmp_path: Path) -> ScannedDataset:
    return scan_dataset(write_layer_set(tmp_path / "set"), None)


def make_store(dataset: ScannedDataset, folder: Path, size: int = SIZE, bands: int = 3) -> ResizedStore:
    return ResizedStore(folder / "store", describe_source(dataset), dataset.samples, size, bands)


def make_set(store: ResizedStore, tiles: int = 1, seed: int = 3) -> TrainingSet:
    return TrainingSet(store, np.arange(len(store)), AugmentationSpec(), None, seed, tiles)


def present(mask: NDArray[np.bool_] | NDArray[np.uint8], count: int) -> list[bool]:
    if mask.ndim == 3:
        return mask.any(axis=(1, 2)).tolist()
    return [bool((mask == position).any()) for position in range(count)]


def test_a_sample_at_its_own_size_is_the_sample(indexed: ScannedDataset) -> None:
    found = resize_sample(describe_source(indexed), indexed.samples[1], SIZE, 3)
    image = np.asarray(Image.open(indexed.spec.root / str(indexed.samples[1].image)))
    assert np.array_equal(found.image, image)
    assert present(found.mask, 4) == indexed.presence[1].tolist()
    assert (found.mask[:3, :3] == VOID).all()


def test_masks_only_ever_hold_values_that_they_had(indexed: ScannedDataset) -> None:
    for size in (16, 31, 90):
        found = resize_sample(describe_source(indexed), indexed.samples[1], size, 1)
        assert found.image.shape == (size, size, 1)
        assert set(np.unique(found.mask)) <= {0, 1, 2, 3, VOID}


def test_what_is_read_again_is_what_was_decoded(layered: ScannedDataset, tmp_path: Path) -> None:
    store = make_store(layered, tmp_path)
    first = [store.read(position) for position in range(len(store))]
    for file in layered.spec.root.rglob("*.png"):
        file.unlink()
    for position, sample in enumerate(first):
        again = pickle.loads(pickle.dumps(store)).read(position)
        assert np.array_equal(again.image, sample.image)
        assert np.array_equal(again.mask, sample.mask)
        assert present(again.mask, 3)[1:] == layered.presence[position, 1:].tolist()


def test_a_store_takes_its_room_at_once(indexed: ScannedDataset, tmp_path: Path) -> None:
    store = make_store(indexed, tmp_path)
    store.read(0)
    assert sum(file.stat().st_size for file in (tmp_path / "store").iterdir()) == store.count_bytes()


def test_a_store_that_cannot_be_written_is_a_sentence(indexed: ScannedDataset, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file in its place")
    with pytest.raises(WorkspaceError, match="Cannot write"):
        make_store(indexed, tmp_path).read(0)


def test_a_mask_of_another_size_is_refused(indexed: ScannedDataset) -> None:
    sample = indexed.samples[0]
    path = indexed.spec.root / str(sample.image)
    Image.open(path).resize((20, 20)).save(path)
    with pytest.raises(MaskError, match="48 x 48 pixels, its image 20 x 20"):
        resize_sample(describe_source(indexed), sample, SIZE, 3)


def test_copies_differ_by_copy_and_epoch_and_can_be_repeated(indexed: ScannedDataset, tmp_path: Path) -> None:
    data = make_set(make_store(indexed, tmp_path))
    plain, first, second = data[0, 0][0], data[0, 1][0], data[0, 2][0]
    assert not torch.equal(plain, first)
    assert not torch.equal(first, second)
    assert torch.equal(first, data[0, 1][0])
    data.set_epoch(1)
    assert not torch.equal(first, data[0, 1][0])
    assert torch.equal(plain, data[0, 0][0])
    assert torch.equal(data[0, 1][0], _epoch_one(indexed, tmp_path)[0, 1][0])


def _epoch_one(dataset: ScannedDataset, folder: Path) -> TrainingSet:
    data = make_set(make_store(dataset, folder))
    data.set_epoch(1)
    return data


def test_tiles_are_the_parts_of_a_sample(indexed: ScannedDataset, tmp_path: Path) -> None:
    whole, tiled = make_set(make_store(indexed, tmp_path)), make_set(make_store(indexed, tmp_path), tiles=2)
    assert len(tiled) == 4 * len(whole)
    image, mask, position = whole[1, 0]
    half = SIZE // 2
    for tile, (row, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        cut = (slice(row * half, (row + 1) * half), slice(column * half, (column + 1) * half))
        found = tiled[4 + tile, 0]
        assert torch.equal(found[0], image[:, *cut])
        assert torch.equal(found[1], mask[*cut])
        assert found[2] == position == 1


def test_overlapping_masks_are_cut_class_by_class(layered: ScannedDataset, tmp_path: Path) -> None:
    tiled = make_set(make_store(layered, tmp_path), tiles=2)
    assert tiled[0, 1][1].shape == (3, SIZE // 2, SIZE // 2)


def test_a_recipes_augmentation_sees_every_item(indexed: ScannedDataset, tmp_path: Path) -> None:
    seeds: list[int] = []

    def note(image, masks, seed):  # type: ignore[no-untyped-def]
        seeds.append(seed)
        return 255 - image, list(masks)

    store = make_store(indexed, tmp_path)
    data = TrainingSet(store, np.array([2, 5]), AugmentationSpec(), note, 3)
    image, _, position = data[1, 0]
    assert position == 5
    assert np.array_equal(255 - np.moveaxis(image.numpy(), 0, -1), store.read(5).image)
    data[1, 1]
    assert len(set(seeds)) == 2


def test_an_epoch_may_draw_a_share_another_one_each_time() -> None:
    copies = np.full(100, 2)
    sampler = CopySampler(copies, seed=1, share=0.2)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    assert len(first) == len(sampler) == len(set(first)) == 40
    assert set(first) != set(second)


def test_ranks_share_a_part_of_the_epoch() -> None:
    parts = [list(CopySampler(np.full(10, 3), 1, share=0.5, rank=rank, world_size=2)) for rank in (0, 1)]
    assert len(parts[0]) == len(parts[1]) == 8
    assert sorted(set(parts[0] + parts[1])) == sorted(set(CopySampler(np.full(10, 3), 1, share=0.5)))


def test_nothing_to_draw_is_a_sentence() -> None:
    with pytest.raises(PlanError, match="nothing to draw"):
        CopySampler(np.zeros(3, dtype=np.int64), 0)
