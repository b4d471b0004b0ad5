"""Spacings out of real headers, through a review to the table."""

import shutil
from pathlib import Path

import pytest

from core.domain.measuring import OrganChoice
from core.domain.review import ReviewRequest
from core.jobs.review import run_review
from core.reviews.opening import read_review
from core.services import datasets
from core.services.reviews.measure_tables import class_table
from core.services.reviews.measurements import list_masks, measure_now
from core.services.reviews.stores import review_store
from tests.services.reviews.people import RESEARCHER
from tests.services.reviews.runs import write_predicted_run


@pytest.mark.real_data
def test_the_spacing_of_nifti_files_turns_pixels_into_millimetres(real_data: Path, tmp_path: Path) -> None:
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
        for file in sorted((real_data / "hippocampus_nifti" / kind).glob("hippocampus_00[13]*")):
            shutil.copy(file, tmp_path / kind)
    spec = datasets.propose(str(tmp_path)).spec
    datasets.keep(spec)
    dataset = datasets.scan_now(spec)
    source = write_predicted_run(dataset, shift=0)
    request = ReviewRequest(
        key="k1", title="Hippocampus", source_id=source.id, identity=RESEARCHER, app_version="1"
    )
    done = run_review({"request": request.model_dump_json()}, lambda *_: None, lambda: False)
    review = read_review(review_store(), done["review"])
    found = list_masks(review, RESEARCHER, OrganChoice())
    few = found.missing.model_copy(update={"masks": found.missing.masks[:5]})
    assert measure_now(review, few) == []
    table = class_table(review, found.masks, OrganChoice())
    assert set(table["spacing from"]) == {"image file"}
    assert dataset.spacings is not None
    rows, columns = dataset.spacings[0][:2]
    assert table["area (mm²)"].to_numpy() == pytest.approx(table["area (px)"].to_numpy() * rows * columns)
