from pathlib import Path

import numpy as np
import pytest

from core.domain.measuring import MeasureRequest, OrganChoice
from core.domain.review import ReviewSettings
from core.errors import AccessError, CancelledError
from core.inference.sources import source_folder
from core.jobs.measure import run_measure
from core.reports.measuring import measure
from core.reviews.assigning import assign
from core.reviews.opening import Review
from core.services.reviews import measurements
from core.services.reviews.measure_tables import class_table, list_measures, organ_table
from core.services.reviews.measurements import (
    MeasureList,
    list_masks,
    measure_now,
    open_cases,
)
from core.services.reviews.spacing import find_given, find_spacing, give_spacing
from core.services.reviews.stores import review_store
from tests.services.reviews.doubles import answer, open_double
from tests.services.reviews.people import ANN, BEN, RESEARCHER

NONE = OrganChoice()


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return open_double(tmp_path / "eyes", ReviewSettings(readers_per_case=1))


def measured(review: Review, organs: OrganChoice = NONE) -> MeasureList:
    found = list_masks(review, ANN, organs)
    assert measure_now(review, found.missing) == []
    return list_masks(review, ANN, organs)


def test_every_class_of_every_case_is_a_line_with_its_units(review: Review) -> None:
    found = measured(review)
    assert found.left == 0
    table = class_table(review, found.masks, NONE)
    assert len(table) == 6 * 3
    assert list(table["class"][:3]) == ["disc", "vessel", "scar"]
    disc, vessel = table.iloc[0], table.iloc[1]
    assert (disc["area (px)"], disc["components"]) == (4 * 32, 1)
    assert np.isnan(disc["area (mm²)"])
    assert (vessel["area (px)"], vessel["centroid row (px)"]) == (0, pytest.approx(np.nan, nan_ok=True))
    assert set(list_measures(review, NONE)) < set(table.columns)
    assert (disc["mask"], disc["state"], disc["spacing from"]) == ("model", "open", "not known")


def test_the_mask_to_go_on_with_is_measured(review: Review) -> None:
    answer(review, 0, ANN, draw=(1, 20, 22))
    answer(review, 1, ANN, "reject")
    answer(review, 2, ANN)
    found = measured(review)
    assert found.without == 1  # rejected
    table = class_table(review, found.masks, NONE)
    first = table[(table["class"] == "disc")].iloc[0]
    assert (first["area (px)"], first["mask"], first["state"]) == (6 * 32, "reader", "corrected")
    settled = list_masks(review, ANN, NONE, settled_only=True)
    assert [item.case.position for item in settled.masks] == [0, 2]


def test_what_is_hidden_from_a_reader_is_not_measured_for_them(tmp_path: Path) -> None:
    review = open_double(tmp_path / "more", ReviewSettings(readers_per_case=2, hide_model=True))
    assign(review_store(), review.id, {0: [ANN.id, BEN.id]}, RESEARCHER)
    answer(review, 0, ANN, draw=(1, 20, 22))
    assert list_masks(review, BEN, NONE).hidden == 6
    assert [item.case.position for item in list_masks(review, ANN, NONE).masks] == [0]


def test_a_given_spacing_is_said_to_be_given_and_can_be_taken_back(review: Review) -> None:
    with pytest.raises(AccessError):
        give_spacing(review, (0.5, 0.5), ANN)
    give_spacing(review, (0.5, 0.25), RESEARCHER)
    table = class_table(review, measured(review).masks, NONE)
    line = table.iloc[0]
    assert line["area (mm²)"] == 4 * 32 * 0.125
    assert (line["spacing row (mm)"], line["spacing column (mm)"]) == (0.5, 0.25)
    assert line["spacing from"] == "given by hand"
    assert np.isnan(line["major axis (px)"])  # pixels are not square: a length in pixels means nothing
    give_spacing(review, None, RESEARCHER)
    assert find_given(review) is None
    assert list_masks(review, ANN, NONE).masks[0].origin == "unknown"


def test_the_spacing_of_the_file_comes_first_unless_it_is_nonsense(review: Review) -> None:
    give_spacing(review, (0.5, 0.5), RESEARCHER)

    class Filed:
        def __init__(self, spacing: tuple[float, float]) -> None:
            self.spacing = lambda _: spacing

    given = find_given(review)
    assert find_spacing(Filed((0.2, 0.3)), 0, given) == ((0.2, 0.3), "file")
    for wrong in ((0.0, 0.3), (1e6, 1.0), (float("nan"), 1.0)):
        assert find_spacing(Filed(wrong), 0, given) == ((0.5, 0.5), "given")


def test_organs_are_compared_as_a_person_says(review: Review) -> None:
    organs = OrganChoice(pairs=(("disc", "scar"),), lungs=("disc",), heart="scar")
    table = organ_table(review, measured(review, organs).masks, organs)
    assert table["disc and scar: left / right"][0] == pytest.approx(4 / 3)
    assert table["cardiothoracic ratio"][0] == 1
    assert np.isnan(table["cardiothoracic ratio"][1])  # no scar there
    assert "class" not in table


def test_nothing_is_measured_twice(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(review)
    answer(review, 3, ANN, draw=(1, 20, 22))
    missing = list_masks(review, ANN, NONE).missing
    assert [item.position for item in missing.masks] == [3]
    counted: list[int] = []
    measure(review_store(), review, missing, lambda done, total, _: counted.append(total))
    assert counted == [1]


def test_the_job_measures_and_keeps_what_it_has_when_it_is_stopped(review: Review) -> None:
    wanted = list_masks(review, ANN, NONE).missing  # three masks: equal ones are measured once
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 2

    with pytest.raises(CancelledError, match="2 of 3"):
        run_measure({"request": wanted.model_dump_json()}, lambda *_: None, stop)
    left = list_masks(review, ANN, NONE).missing
    assert len(left.masks) == 1
    done = run_measure({"request": left.model_dump_json()}, lambda *_: None, lambda: False)
    assert done["message"] == "All masks are measured."
    assert list_masks(review, ANN, NONE).left == 0


def test_a_mask_that_was_changed_is_said_and_the_others_are_measured(review: Review) -> None:
    folder = source_folder(review.spec.predictions).path
    (folder / "000000.mask.png").write_bytes(b"no picture")
    wanted = list_masks(review, ANN, NONE).missing
    (problem,) = measure_now(review, wanted)
    assert "cannot be read" in problem
    assert len(class_table(review, list_masks(review, ANN, NONE).masks, NONE)) == 5 * 3


def test_a_damaged_file_of_figures_is_measured_anew(review: Review) -> None:
    measured(review)
    (kept,) = (review_store().folder / review.id / "measured").glob("masks-*.npz")
    kept.write_bytes(kept.read_bytes()[:100])
    assert list_masks(review, ANN, NONE).left == 3


def test_much_work_is_not_quick(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list_masks(review, ANN, NONE).quick
    monkeypatch.setattr(measurements, "_QUICK_PIXELS", 10)
    assert not list_masks(review, ANN, NONE).quick


def test_a_request_survives_json(review: Review) -> None:
    wanted = list_masks(review, ANN, OrganChoice(pairs=(("a", "b"),))).missing
    assert MeasureRequest.model_validate_json(wanted.model_dump_json()) == wanted
    assert open_cases(review) is open_cases(review)
