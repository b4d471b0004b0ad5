"""Drawing from a plan in torch."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from core.data.plan_dataset import PlanDataset
from core.data.sampler import PlanSampler
from core.errors import PlanError
from core.plans.plan import BalancePlan
from tests.data.sets import make_plan, scanned, write_index_set, write_layer_set


@pytest.fixture
def plan(tmp_path: Path) -> BalancePlan:
    return make_plan(write_index_set(tmp_path / "set"), {0: 4, 1: 0, 4: 3})


def test_an_epoch_holds_every_copy_once(plan: BalancePlan) -> None:
    items = list(PlanSampler(plan))
    wanted = [(i, copy) for i, count in enumerate(plan.copies.values()) for copy in range(count)]
    assert sorted(items) == wanted
    assert len(PlanSampler(plan)) == len(items) == 12
    assert list(PlanSampler(plan, shuffle=False)) == wanted


def test_epoch_and_seed_decide_the_order(plan: BalancePlan) -> None:
    sampler, other = PlanSampler(plan), PlanSampler(plan)
    first = list(sampler)
    assert list(sampler) == list(other) == first
    sampler.set_epoch(1)
    second = list(sampler)
    assert second != first
    assert sorted(second) == sorted(first)
    sampler.set_epoch(0)
    assert list(sampler) == first
    assert list(PlanSampler(plan, seed=99)) != first


def test_two_ranks_see_disjoint_halves(plan: BalancePlan) -> None:
    halves = [list(PlanSampler(plan, rank=rank, world_size=2)) for rank in range(2)]
    assert not set(halves[0]) & set(halves[1])
    assert sorted(halves[0] + halves[1]) == sorted(PlanSampler(plan))


@pytest.mark.parametrize("world_size", [5, 7, 30])
def test_every_rank_takes_equally_many_and_nothing_is_left_out(plan: BalancePlan, world_size: int) -> None:
    ranks = [list(PlanSampler(plan, rank=rank, world_size=world_size)) for rank in range(world_size)]
    assert {len(items) for items in ranks} == {-(-12 // world_size)}
    counts = Counter(item for items in ranks for item in items)
    assert set(counts) == set(PlanSampler(plan))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_rank_that_does_not_exist_is_refused(plan: BalancePlan) -> None:
    with pytest.raises(PlanError, match="ranks count from 0"):
        PlanSampler(plan, rank=2, world_size=2)


def test_a_plan_that_keeps_nothing_is_refused(plan: BalancePlan) -> None:
    with pytest.raises(PlanError, match="keeps no image"):
        PlanSampler(plan.model_copy(update={"copies": dict.fromkeys(plan.copies, 0)}))


def test_copy_zero_is_the_image_itself_and_others_are_not(plan: BalancePlan) -> None:
    dataset = PlanDataset(plan, scanned(plan))
    image, mask = dataset[0, 0]
    assert (image.dtype, tuple(image.shape)) == (torch.float32, (3, 48, 48))
    assert (mask.dtype, tuple(mask.shape)) == (torch.int64, (48, 48))
    assert 0 <= float(image.min()) < float(image.max()) <= 1
    assert set(mask.unique().tolist()) == {-1, 0, 1, 3}
    for copy in (1, 2):
        other, other_mask = dataset[0, copy]
        assert not torch.equal(other, image)
        assert not torch.equal(other_mask, mask)


def test_a_copy_changes_with_the_epoch_only(plan: BalancePlan) -> None:
    dataset, again = PlanDataset(plan, scanned(plan)), PlanDataset(plan, scanned(plan))
    first = dataset[0, 1][0]
    assert torch.equal(first, again[0, 1][0])
    dataset.set_epoch(1)
    assert not torch.equal(dataset[0, 1][0], first)
    dataset.set_epoch(0)
    assert torch.equal(dataset[0, 1][0], first)


def test_overlapping_masks_are_layers(tmp_path: Path) -> None:
    plan = make_plan(write_layer_set(tmp_path / "set"), {0: 2})
    image, mask = PlanDataset(plan, scanned(plan))[0, 1]
    assert (mask.dtype, tuple(mask.shape), tuple(image.shape)) == (torch.bool, (3, 48, 48), (1, 48, 48))


def test_a_dataset_in_another_state_is_refused(plan: BalancePlan, tmp_path: Path) -> None:
    other = make_plan(write_index_set(tmp_path / "other", count=5))
    with pytest.raises(PlanError, match="another state"):
        PlanDataset(plan, scanned(other))


def test_workers_that_live_on_see_the_next_epoch(plan: BalancePlan) -> None:
    dataset, sampler = PlanDataset(plan, scanned(plan)), PlanSampler(plan)
    loader = DataLoader(
        dataset,
        batch_size=4,
        sampler=sampler,
        num_workers=2,
        persistent_workers=True,
        multiprocessing_context="forkserver",
    )
    means = {}
    for epoch in (0, 1, 0):
        dataset.set_epoch(epoch)
        sampler.set_epoch(epoch)
        batches = [image for image, _ in loader]
        assert sum(len(batch) for batch in batches) == 12
        means.setdefault(epoch, []).append(torch.cat(batches))
    assert torch.equal(*means[0])
    assert not torch.equal(means[0][0], means[1][0])
    direct = torch.stack([PlanDataset(plan, scanned(plan))[item][0] for item in PlanSampler(plan)])
    np.testing.assert_array_equal(direct.numpy(), means[0][0].numpy())  # as without workers
