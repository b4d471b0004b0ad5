"""DICOM series as volumes: ordered by place, hung by the patient, measured where distances are known."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from core.domain.identity import Identity
from core.domain.measuring import OrganChoice
from core.reviews.opening import Review, read_cases
from core.services import datasets
from core.services.reviews.measure_tables import volume_table
from core.services.reviews.measurements import list_masks, measure_now, open_cases
from core.services.reviews.pictures import Shown
from core.services.reviews.planes import PlaneWish, build_planes
from core.services.reviews.spacing import find_given, give_spacing
from core.services.reviews.stores import review_store
from core.services.reviews.volumes import SliceView, find_slices
from tests.formats.sources.dicoms import SHAPE, make_layers, make_series, spec_of, write_seg, write_series
from tests.reports.sets import RUTH, open_run_review
from tests.services.reviews.runs import write_predicted_run

SAGITTAL = [0, 1, 0, 0, 0, -1]  # rows to the back, columns to the feet; the normal leads to the right
VOXEL = 0.5 * 0.75


def open_images(root: Path, images: list[Dataset]) -> Review:
    """A review of a series on whose every slice the liver covers 9 pixels, but on the first."""
    layers = make_layers(len(images), segments=1)
    placed = [image.get("ImagePositionPatient") for image in images]
    for number, image in enumerate(images):  # A segmentation is drawn on images that lie somewhere
        image.ImagePositionPatient = placed[number] or [0, 0, 900 + number]
    write_seg(root / "seg.dcm", images, layers, ["liver"])
    for position, image in zip(placed, images, strict=True):
        image.ImagePositionPatient = position
    write_series(root / "ct", images)
    spec = spec_of(root)
    datasets.keep(spec)
    return open_run_review(write_predicted_run(datasets.scan_now(spec), shift=0).id)


def at(places: list[float | None]) -> list[Dataset]:
    images = make_series(len(places))
    for image, z in zip(images, places, strict=True):
        image.ImagePositionPatient = None if z is None else [1.0, 2.0, z]
    return images


def liver(review: Review, who: Identity = RUTH) -> dict[str, object]:
    found = list_masks(review, who, OrganChoice())
    assert measure_now(review, found.missing) == []
    table = volume_table(review, list_masks(review, who, OrganChoice()).volumes)
    return {} if table.empty else dict(table.set_index("class").loc["liver"])


def hashes(review: Review) -> dict[int, str]:
    return {case.position: case.mask_hash for case in read_cases(review_store(), review.id)}


def view(review: Review) -> SliceView:
    row = find_slices(open_cases(review), 0)
    assert row is not None
    return row.describe(0)


def test_slices_are_counted_by_where_they_lie_and_gaps_are_seen(tmp_path: Path) -> None:
    review = open_images(tmp_path / "set", at([12.5, 10.0, 5.0, 2.5, 0.0]))  # named and numbered otherwise
    found = liver(review)
    assert (found["volume"], found["series UID"][:4]) == ("P1, series 4", "1.2.")
    assert (found["slices measured"], found["slices in all"], found["whole"]) == (5, 6, "no")
    assert found["volume (mm³)"] == pytest.approx(4 * 9 * VOXEL * 2.5)
    shown = view(review)
    assert (shown.sizes, shown.missing) == ((6, *SHAPE), (2,))
    source = open_cases(review)
    (across,) = build_planes(source, Shown(0), [PlaneWish(1, 2)], seen=hashes(review))
    (gap,) = build_planes(source, Shown(0), [PlaneWish(0, 2)], seen=hashes(review))
    assert (across.height, across.width, across.spacing) == (6, 8, (2.5, 0.75))
    assert set(gap.layers) == {"prediction"}


@pytest.mark.parametrize(
    ("places", "origin"),
    [([0, 2, 5, 6], "not even"), ([None] * 4, "not known"), ([0, 2, None, 6], "not known")],
)
def test_mm3_need_one_known_distance(tmp_path: Path, places: list[float | None], origin: str) -> None:
    review = open_images(tmp_path / "set", at(places))
    found = liver(review)
    assert found["volume (voxels)"] == 3 * 9
    assert np.isnan(found["volume (mm³)"])
    assert found["slice spacing from"] == origin
    give_spacing(review, None, RUTH, slices=3.0)
    found = liver(review)
    if origin == "not even":
        assert np.isnan(found["volume (mm³)"])
    else:
        assert found["volume (mm³)"] == pytest.approx(27 * VOXEL * 3)
        assert found["slice spacing from"] == "given by hand"


def test_a_distance_between_slices_that_was_given_stretches_the_planes(tmp_path: Path) -> None:
    review = open_images(tmp_path / "set", at([None] * 4))
    source, wishes = open_cases(review), [PlaneWish(1, 2)]
    give_spacing(review, None, RUTH, slices=3.0)
    (before,) = build_planes(source, Shown(0), wishes, seen={})
    (after,) = build_planes(source, Shown(0, given=find_given(review)), wishes, seen={})
    assert (before.spacing, after.spacing) == (None, (3.0, 0.75))


def test_views_that_face_different_ways_are_no_volume(tmp_path: Path) -> None:
    images = make_series(2)
    images[1].ImageOrientationPatient = SAGITTAL
    write_seg(tmp_path / "a.dcm", images[:1], make_layers(2, 1)[1:], ["liver"])
    write_seg(tmp_path / "b.dcm", images[1:], make_layers(2, 1)[1:], ["liver"])
    write_series(tmp_path / "ct", images)
    spec = spec_of(tmp_path)
    datasets.keep(spec)
    review = open_run_review(write_predicted_run(datasets.scan_now(spec), shift=0).id)
    assert liver(review) == {}
    assert find_slices(open_cases(review), 0) is None


def test_axial_slices_run_from_the_head_with_the_right_on_the_left(tmp_path: Path) -> None:
    axial, coronal, sagittal = view(open_images(tmp_path / "set", make_series(3))).planes
    assert (axial.title, axial.letters) == ("Axial, as scanned", ("R", "A", "L", "P"))
    assert (coronal.title, coronal.turned, coronal.letters) == ("Coronal", False, ("R", "H", "L", "F"))
    assert (sagittal.title, sagittal.turned, sagittal.letters) == ("Sagittal", False, ("A", "H", "P", "F"))


def test_planes_of_a_sagittal_series_are_turned_upright(tmp_path: Path) -> None:
    images = make_series(3)
    for number, image in enumerate(images):
        image.ImageOrientationPatient, image.ImagePositionPatient = SAGITTAL, [4.0 * number, 0, 0]
        image.PixelData = np.full(SHAPE, 24 + number, np.uint16).tobytes()
    review = open_images(tmp_path / "set", images)
    sagittal, axial, coronal = view(review).planes
    assert (sagittal.title, sagittal.letters) == ("Sagittal, as scanned", ("A", "H", "P", "F"))
    assert (axial.title, axial.turned, axial.letters) == ("Axial", True, ("R", "A", "L", "P"))
    assert (coronal.title, coronal.turned, coronal.letters) == ("Coronal", True, ("R", "H", "L", "F"))
    (cut,) = build_planes(open_cases(review), Shown(0), [PlaneWish(1, 2)], hashes(review))
    assert (cut.height, cut.width, cut.spacing) == (SHAPE[1], 3, (0.75, 4.0))
