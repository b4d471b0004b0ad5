"""Balancing pixel shares of a dataset on disk."""

import json

import numpy as np
import pytest
from PIL import Image

from core.domain.balance import BalanceSpec, ClassTarget
from core.errors import TargetError
from core.services import balance, datasets, splits


def make_spec(quantity, presence=(), **pixels):
    return BalanceSpec(
        targets=presence,
        quantity=quantity,
        pixel_targets=tuple(ClassTarget(name=name, share=share) for name, share in pixels.items()),
    )


def test_the_original_pixel_shares_are_those_of_the_files(folder, dataset):
    table = balance.pixel_table(dataset)
    masks = [np.array(Image.open(path)) for path in sorted((folder / "masks").iterdir())]
    expected = [np.mean([(mask == value).mean() for mask in masks]) for value in (1, 2, 3, 4)]
    assert table.class_names == ("disc", "vessel", "spot", "scar")
    assert table.shares == pytest.approx(expected)


@pytest.mark.parametrize("quantity", ["pixels", "both"])
def test_the_achieved_shares_can_be_counted_again_from_the_masks(folder, dataset, quantity):
    table = balance.quantity_table(dataset, quantity)
    original = balance.pixel_table(dataset).shares
    outcome = balance.solve(table, make_spec(quantity, scar=1.5 * original[3]))
    masks = [np.array(Image.open(folder / sample.masks[0][1])) for sample in dataset.samples]
    pixels = [
        np.mean(np.repeat([(mask == value).mean() for mask in masks], outcome.whole.copies))
        for value in (1, 2, 3, 4)
    ]
    assert outcome.whole.shares[-4:] == pytest.approx(pixels)
    if quantity == "pixels":  # with presence kept as it is, the pixels of the scar cannot grow
        assert pixels[3] == pytest.approx(1.5 * original[3], rel=0.2)
    all_pixels = balance.compute_all_pixel_shares(dataset, outcome.whole.copies)
    assert all_pixels["scar"]["achieved"] == pytest.approx(pixels[3])  # all masks have one size


def test_a_plan_of_pixel_shares_keeps_what_was_asked(dataset):
    spec = make_spec("pixels", scar=0.02)
    plan = balance.make_plan(
        "pixels", dataset, balance.solve(balance.quantity_table(dataset, "pixels"), spec)
    )
    again = type(plan).model_validate_json(plan.model_dump_json())
    assert again.spec == spec
    assert [item.target for item in again.classes if item.name == "scar (pixels)"] == [0.02]


def test_pixel_shares_are_balanced_on_each_training_part(dataset):
    table = balance.quantity_table(dataset, "both")
    split = splits.split_dataset(dataset, splits.find_groups(dataset), 3).split
    plans = balance.solve_folds(table, make_spec("both", spot=0.04), split)
    assert [plan.copies.sum() for plan in plans] == [plan.train.size for plan in plans]
    assert all(plan.outcome.optimum.converged for plan in plans)


def test_labels_without_masks_have_no_pixel_shares(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("image,disc,cup\na,1,0\nb,1,1\n")
    dataset = datasets.scan_now(datasets.propose(str(file)).spec)
    with pytest.raises(TargetError, match="no masks.*Balance presence"):
        balance.quantity_table(dataset, "pixels")


@pytest.mark.parametrize(
    ("text", "quantity", "sentence"),
    [
        ('{"spot": 2}', "pixels", "between 0 and 1"),
        ('{"moon": 0.1}', "pixels", "does not have"),
        ('{"spot": 0.1}', "both", "one JSON object"),
        ('{"pixels": 3}', "both", "class name → share"),
        ("[", "both", "not JSON"),
    ],
)
def test_a_bad_target_is_a_sentence(dataset, table, text, quantity, sentence):
    with pytest.raises(TargetError, match=sentence):
        balance.read_pixel_targets(text, quantity, table, balance.pixel_table(dataset))


def test_a_weight_makes_pixels_count_against_presence(dataset, table):
    """By itself a miss of a rare class's pixels is nothing beside a miss of its presence."""
    pixels = balance.pixel_table(dataset)
    found = []
    for scar in (0.02, {"share": 0.02, "weight": 1000}):
        text = json.dumps({"pixels": {"scar": scar}})
        presence, of_pixels = balance.read_pixel_targets(text, "both", table, pixels)
        spec = BalanceSpec(targets=presence, quantity="both", pixel_targets=of_pixels)
        outcome = balance.solve(balance.quantity_table(dataset, "both"), spec)
        found.append(outcome.continuous.shares[-1])
    assert found[0] < 0.011
    assert found[1] > 0.017


@pytest.mark.parametrize(
    "value",
    [{"weight": 2}, {"share": 0.1, "weight": 0}, {"share": 0.1, "weight": "2"}, {"share": 0.1, "w": 1}],
)
def test_a_bad_weight_is_a_sentence(table, value):
    with pytest.raises(TargetError, match="'spot' is"):
        balance.read_target(json.dumps({"spot": value}), table)


def test_what_a_joint_target_leaves_out_keeps_its_original_share(dataset, table):
    pixels = balance.pixel_table(dataset)
    presence, of_pixels = balance.read_pixel_targets('{"presence": {"spot": 0.4}}', "both", table, pixels)
    assert [item.share for item in presence] == pytest.approx([1.0, 0.875, 0.4, 0.075])
    assert [item.share for item in of_pixels] == pytest.approx(pixels.shares)


def test_switching_the_quantity_keeps_either_target(dataset, table):
    spec = balance.default_spec(table)
    pixels = balance.switch_quantity(dataset, spec, "pixels")
    assert pixels.targets == spec.targets
    assert [item.name for item in pixels.pixel_targets] == list(table.class_names)
    moved = pixels.with_column_targets(
        [item.model_copy(update={"share": 0.01}) for item in pixels.column_targets]
    )
    back = balance.switch_quantity(dataset, moved, "presence")
    both = balance.switch_quantity(dataset, back, "both")
    assert back.column_targets == spec.targets
    assert {item.share for item in both.pixel_targets} == {0.01}
    assert both.targets == spec.targets


def test_weights_let_pixels_count_as_much_as_presence(dataset, table):
    spec = balance.switch_quantity(dataset, balance.default_spec(table), "both")
    rows = balance.quantity_table(dataset, "both")
    weighed = balance.weigh_alike(rows, spec)
    parts = [
        item.weight * (item.share - share) ** 2
        for item, share in zip(weighed.column_targets, rows.shares, strict=True)
    ]
    assert sum(parts[:4]) == pytest.approx(sum(parts[4:]), rel=0.05)
    assert balance.weigh_alike(table, balance.default_spec(table)) == balance.default_spec(table)


def test_a_target_of_pixels_survives_its_file(dataset, table):
    pixels = balance.pixel_table(dataset)
    for quantity in ("pixels", "both"):
        spec = balance.switch_quantity(dataset, balance.default_spec(table), quantity)
        read = balance.read_pixel_targets(balance.write_target(spec), quantity, table, pixels)
        assert read[1] == spec.pixel_targets
        assert quantity == "pixels" or read[0] == spec.targets


@pytest.mark.parametrize("quantity", ["pixels", "both"])
def test_a_descent_on_pixel_shares_comes_near_its_proved_optimum(dataset, table, quantity):
    spec = balance.switch_quantity(dataset, balance.default_spec(table), quantity)
    live = balance.LiveBalance(balance.quantity_table(dataset, quantity), spec)
    live.advance(1500)
    assert live.continuous.relative_gap < 0.02
    assert live.continuous.objective >= live.optimum.bound
