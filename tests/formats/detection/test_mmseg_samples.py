"""The layouts of mmsegmentation's test data, each opened by its own folder with nothing else said."""

from pathlib import Path

import pytest

from core.domain.dataset import Pairing
from core.domain.proposal import Answers, Proposal
from core.domain.scan import ScannedDataset
from core.errors import DatasetError
from core.formats.detection.proposing import propose
from core.formats.whole import scan_dataset

pytestmark = pytest.mark.real_data

# Layout: images used, class keys that are balanced.
READ = {
    "loveda": (3, "1 2 3 4 6 7"),
    "potsdam": (1, "0 1 2 3 4 5"),
    "vaihingen": (1, "0 1 2 3 4 5"),
    "cityscapes": (1, "1 2 3 4 7 8 11 13 17 20 21 23 24 26"),
    "bdd100k": (6, "2 8"),
    "mapillary": (1, "17 44 45"),
    "lip": (2, "0 1 2 5 9 13 14 15"),
    "refuge": (1, "0 1 2"),
    "hsidrive20": (3, "0 1 2 3 4 5 6 7 9 10"),
}


def _open(real_data: Path, layout: str, answers: Answers | None = None) -> tuple[Proposal, ScannedDataset]:
    proposal = propose(real_data / "mmseg_format_samples" / f"pseudo_{layout}_dataset", answers)
    return proposal, scan_dataset(proposal.spec, None)


def _keys(dataset: ScannedDataset) -> str:
    return " ".join(dataset.classes[column].key for column in dataset.balanced_columns)


@pytest.mark.parametrize(("layout", "expected"), READ.items(), ids=READ.keys())
def test_every_image_is_read_and_every_value_is_a_class(
    layout: str, expected: tuple[int, str], real_data: Path
) -> None:
    _, dataset = _open(real_data, layout)
    assert (len(dataset.samples), _keys(dataset)) == expected
    assert dataset.images == len(dataset.samples)
    assert dataset.problems == ()


@pytest.mark.parametrize("layout", READ)
def test_names_of_values_are_never_guessed(layout: str, real_data: Path) -> None:
    _, dataset = _open(real_data, layout)
    assert all(item.name == f"class {item.key}" for item in dataset.classes)


def test_loveda_is_told_that_zero_may_mean_no_data(real_data: Path) -> None:
    proposal, _ = _open(real_data, "loveda")
    assert any("name 0 as void" in warning for warning in proposal.warnings)


def test_cityscapes_offers_its_training_ids_and_warns_of_255(real_data: Path) -> None:
    proposal, _ = _open(real_data, "cityscapes")
    assert proposal.spec.pairing.mask_suffix == "_gtFine_labelIds"
    suffixes = [other.pairing.mask_suffix for other in proposal.alternatives]
    assert suffixes == ["_gtFine_labelTrainIds", "_gtFine_instanceIds"]
    rule = Pairing(rule="affix", image_suffix="_leftImg8bit", mask_suffix="_gtFine_labelTrainIds")
    chosen, dataset = _open(real_data, "cityscapes", Answers(pairing=rule))
    assert any("Value 255 stands apart" in warning for warning in chosen.warnings)
    assert _keys(dataset) == "0 1 2 4 5 7 8 10 11 13 255"
    _, left_out = _open(real_data, "cityscapes", Answers(pairing=rule, void=("255",)))
    assert _keys(left_out) == "0 1 2 4 5 7 8 10 11 13"
    assert left_out.totals is not None
    assert dataset.totals is not None
    assert left_out.totals[0] < dataset.totals[0]


def test_instance_numbers_are_warned_of(real_data: Path) -> None:
    rule = Pairing(rule="affix", image_suffix="_leftImg8bit", mask_suffix="_gtFine_instanceIds")
    chosen, _ = _open(real_data, "cityscapes", Answers(pairing=rule))
    assert any("number objects rather than classes" in warning for warning in chosen.warnings)


def test_bdd100k_takes_the_numbers_and_offers_the_renderings(real_data: Path) -> None:
    proposal, _ = _open(real_data, "bdd100k")
    assert {pair.masks for pair in proposal.spec.folders} == {
        "labels/sem_seg/masks/train",
        "labels/sem_seg/masks/val",
    }
    assert [other.folders[0].masks for other in proposal.alternatives] == ["labels/sem_seg/colormaps/train"]


def test_mapillary_offers_its_other_version(real_data: Path) -> None:
    proposal, _ = _open(real_data, "mapillary")
    assert [other.folders[0].masks for other in proposal.alternatives] == ["v2.0"]


def test_empty_files_of_isaid_are_problems_and_nothing_stops(real_data: Path) -> None:
    proposal, dataset = _open(real_data, "isaid")
    assert any("None of the masks" in warning for warning in proposal.warnings)
    assert (len(dataset.samples), dataset.images) == (0, 2)
    assert {Path(item.file).parent.name for item in dataset.problems} == {"img_dir", "ann_dir"}
    assert all("0 bytes" in item.problem for item in dataset.problems)


def test_empty_masks_of_synapse_are_warned_of(real_data: Path) -> None:
    proposal, dataset = _open(real_data, "synapse")
    assert any("empty; check" in warning for warning in proposal.warnings)
    assert len(dataset.samples) == 2


def test_depth_maps_of_nyu_are_warned_of(real_data: Path) -> None:
    proposal, dataset = _open(real_data, "nyu")
    assert any("depth maps" in warning for warning in proposal.warnings)
    assert any("849 different values" in item.problem for item in dataset.problems)


def test_a_palette_that_differs_is_a_problem_and_its_mask_still_counts(real_data: Path) -> None:
    proposal = propose(real_data / "mmseg_format_samples" / "pseudo_dataset")
    dataset = scan_dataset(proposal.spec, None)
    assert len(dataset.samples) == 5
    assert [item.file for item in dataset.problems] == ["gts/00002_gt.png"]


def test_a_folder_of_yaml_files_is_a_sentence(real_data: Path) -> None:
    with pytest.raises(DatasetError, match=r"no pictures, but \.yaml files"):
        propose(real_data / "mmseg_format_samples" / "dsdl_seg")


def test_the_folder_above_all_layouts_says_that_it_holds_several(real_data: Path) -> None:
    warning = propose(real_data / "mmseg_format_samples").warnings[0]
    assert "several datasets" in warning
    assert "pseudo_loveda_dataset" in warning
