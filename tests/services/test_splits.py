"""Folds of a dataset on disk."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.balance import BalanceSpec, Bounds, ClassTarget
from core.errors import SplitError
from core.services import balance, datasets, splits


def test_every_image_is_alone_without_a_pattern_and_without_equals(dataset):
    groups = splits.find_groups(dataset)
    assert (groups.count, groups.duplicates) == (40, 0)


def test_equal_image_files_are_one_group_whatever_their_names(folder: Path, dataset):
    copied = (folder / "images" / "03.png").read_bytes()
    for name in ("11", "29"):
        (folder / "images" / f"{name}.png").write_bytes(copied)
    groups = splits.find_groups(dataset)
    assert (groups.count, groups.duplicates) == (38, 2)
    assert len({int(groups.group[place]) for place in (3, 11, 29)}) == 1


def test_the_pattern_given_makes_the_groups(dataset):
    assert splits.find_groups(dataset, "^.").count == 4


def test_the_pattern_of_the_dataset_is_used_where_none_is_given(folder: Path):
    text = (folder / "dataset.toml").read_text()
    (folder / "dataset.toml").write_text('group_pattern = "^."\n' + text)
    dataset = datasets.scan_now(datasets.propose(str(folder)).spec)
    assert splits.find_groups(dataset).count == 4


def test_a_pattern_that_matches_no_name_is_refused(dataset):
    with pytest.raises(SplitError, match=r"'patient' matches no image name.*images/00.png"):
        splits.find_groups(dataset, "patient")


def test_groups_and_equal_images_stay_in_one_fold(folder: Path, dataset):
    (folder / "images" / "39.png").write_bytes((folder / "images" / "00.png").read_bytes())
    found = splits.split_dataset(dataset, splits.find_groups(dataset, "^."), 3)
    assert found.split.groups == 3
    assert found.split.fold[0] == found.split.fold[39] == found.split.fold[5]


def test_unreadable_images_tie_nothing(folder: Path, dataset):
    for name in ("01", "02"):
        (folder / "images" / f"{name}.png").unlink()
    assert splits.find_groups(dataset).count == 40


def test_the_spec_is_solved_anew_on_each_training_part(dataset, table):
    targets = tuple(
        ClassTarget(name=name, share=share)
        for name, share in zip(table.class_names, (1.0, 0.9, 0.5, 0.3), strict=True)
    )
    spec = BalanceSpec(targets=targets, bounds=Bounds(total=120, max_copies=12))
    split = splits.split_dataset(dataset, splits.find_groups(dataset), 3).split
    plans = balance.solve_folds(table, spec, split)
    for plan in plans:
        assert plan.copies[plan.test].sum() == 0
        assert plan.copies.sum() == round(120 * plan.train.size / 40)
        assert plan.copies.max() <= 12
        assert plan.outcome.table.sample_ids == tuple(table.sample_ids[place] for place in plan.train)
        assert plan.outcome.optimum.converged
    assert np.all(sum(plan.test.size for plan in plans) == 40)
    assert len({plan.outcome.continuous.shares.tobytes() for plan in plans}) > 1


def test_a_class_that_a_training_part_lacks_is_noted(folder: Path):
    for name in ("04", "08"):  # leaves the scar to image 00 alone
        mask = np.array(Image.open(folder / "masks" / f"{name}.png"))
        mask[mask == 4] = 0
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    dataset = datasets.scan_now(datasets.propose(str(folder)).spec)
    table = balance.label_table(dataset)
    spec = BalanceSpec(targets=(ClassTarget(name="scar", share=0.2),))
    split = splits.split_dataset(dataset, splits.find_groups(dataset), 2).split
    notes = [plan.notes for plan in balance.solve_folds(table, spec, split)]
    assert sorted(len(note) for note in notes) == [0, 1]
    assert "'scar' occurs in no image of the training part" in next(note for note in notes if note)[0]
