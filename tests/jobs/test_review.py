"""Reviews opened by the job, from runs whose predictions are written, not trained."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.balance import ClassTarget
from core.domain.identity import Identity, Role
from core.domain.review import MaskFolder, ReviewRequest
from core.domain.scan import ScannedDataset
from core.domain.training import PredictRequest
from core.errors import AccessError, CancelledError, ReviewError
from core.inference.sources import open_kept, source_folder
from core.jobs.review import run_review
from core.reviews.mask_files import digest_mask
from core.reviews.opening import list_reviews, read_cases, read_review
from core.runs.folder import create_run
from core.services.reviews.pictures import Shown, build_case
from core.services.reviews.stores import review_store
from tests.services.reviews.runs import scan_eyes, write_applied_folder, write_predicted_run

RESEARCHER = Identity(id="id-ann", name="Ann", sign_in="password", role=Role.RESEARCHER)


@pytest.fixture
def dataset(tmp_path: Path) -> ScannedDataset:
    return scan_eyes(tmp_path / "eyes")


def ask(source: str, **more: object) -> dict[str, str]:
    content = {
        "key": "k1", "title": "Eyes", "source_id": source, "identity": RESEARCHER, "app_version": "1",
    }  # fmt: skip
    return {"request": ReviewRequest.model_validate(content | more).model_dump_json()}


def run(arguments: dict[str, str], should_stop: Callable[[], bool] = lambda: False) -> str:
    return run_review(arguments, lambda *_: None, should_stop)["review"]


def test_every_predicted_sample_becomes_a_case_with_its_figures(dataset: ScannedDataset) -> None:
    source = write_predicted_run(dataset)
    review_id = run(ask(source.id, targets=[ClassTarget(name="scar", share=0.5)]))
    cases = read_cases(review_store(), review_id)
    assert [case.sample for case in cases] == [sample.id for sample in dataset.samples]
    assert cases[0].classes == ("disc", "scar")
    assert cases[3].figures.entropy == pytest.approx(3 / 12, abs=0.01)
    assert cases[3].figures.dice == pytest.approx(0.75)
    assert [case.position for case in cases if case.figures.rarity == 1] == [0, 6]
    assert cases[1].figures.rarity == 0
    assert cases[1].figures.disagreement is None


def test_the_hash_of_a_case_is_that_of_its_kept_mask(dataset: ScannedDataset) -> None:
    review_id = run(ask(write_predicted_run(dataset).id))
    spec = read_review(review_store(), review_id).spec
    kept = open_kept(spec.predictions)
    for case in read_cases(review_store(), review_id)[:3]:
        assert digest_mask(kept.read_prediction(case.position).mask, spec.classes) == case.mask_hash


def test_a_review_outlives_its_run(dataset: ScannedDataset) -> None:
    source = write_predicted_run(dataset)
    review_id = run(ask(source.id))
    shutil.rmtree(source.path)
    kept = open_kept(read_review(review_store(), review_id).spec.predictions)
    assert kept.read_prediction(3).mask.shape == (24, 32)
    reference = kept.read_reference(3)
    assert reference is not None
    assert kept.read_image(3).shape == (24, 32, 3)
    assert np.array_equal(kept.read_prediction(3).mask.pixels, np.roll(reference.pixels, 1, axis=0))


def test_a_second_run_tells_where_two_models_differ(dataset: ScannedDataset) -> None:
    first, second = write_predicted_run(dataset, shift=1), write_predicted_run(dataset, shift=1)
    other = write_predicted_run(dataset, shift=12)
    same = read_cases(review_store(), run(ask(first.id, second_id=second.id)))
    differing = read_cases(review_store(), run(ask(first.id, second_id=other.id, key="k2")))
    assert {case.figures.disagreement for case in same} == {0.0}
    assert all((case.figures.disagreement or 0) > 0.5 for case in differing)


@pytest.mark.parametrize("overlapping", [False, True])
def test_the_folder_of_a_prediction_can_be_reviewed(
    dataset: ScannedDataset, overlapping: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trained = write_predicted_run(dataset)
    folder = tmp_path_factory.mktemp("applied") / "out"
    write_applied_folder(dataset, folder, overlapping)
    request = PredictRequest(run=trained.id, dataset=dataset.spec, images=dataset.spec.root, folder=folder)
    predicted = create_run("predict", {"request": request.model_dump_json()})
    review_id = run(ask(predicted.id))
    cases = read_cases(review_store(), review_id)
    assert [case.sample for case in cases] == [sample.id for sample in dataset.samples]
    kept = open_kept(read_review(review_store(), review_id).spec.predictions)
    reference, mask = kept.read_reference(6), kept.read_prediction(6).mask
    assert reference is not None
    assert mask.overlapping == overlapping
    assert np.array_equal(mask.region(3), reference.region(3))


@pytest.fixture
def masks(dataset: ScannedDataset, tmp_path_factory: pytest.TempPathFactory) -> MaskFolder:
    """The references as another program might have written them: no confidence, no entropy, no index."""
    folder = tmp_path_factory.mktemp("others") / "masks of others"
    write_applied_folder(dataset, folder, overlapping=False, prefix="")
    for part in ("confidence", "entropy"):
        shutil.rmtree(folder / part)
    (folder / "index.csv").unlink()
    return MaskFolder(folder=folder, dataset=dataset.spec)


def test_masks_of_another_program_can_be_reviewed(dataset: ScannedDataset, masks: MaskFolder) -> None:
    (masks.folder / "masks/0003.png").unlink()  # what nobody predicted is no case
    review = read_review(review_store(), run(ask(masks.folder.name, folder=masks)))
    cases = read_cases(review_store(), review.id)
    assert [case.sample for case in cases] == [item.id for item in dataset.samples if "0003" not in item.id]
    assert {case.figures.dice for case in cases} == {1.0}
    assert {(case.figures.entropy, case.figures.confidence) for case in cases} == {(None, None)}
    assert (review.spec.source, review.spec.model_hash) == ("folder", "unknown")
    assert review.spec.dataset_hash == dataset.fingerprint
    shown = build_case(review_store(), review, open_kept(review.spec.predictions), Shown(0), heat=True)
    assert (shown.doubt, dict(shown.heat)) == (False, {})


def test_masks_that_do_not_fit_the_dataset_are_refused(masks: MaskFolder) -> None:
    mask = masks.folder / "masks/0002.png"
    mask.rename(masks.folder / "masks/stranger.png")
    with pytest.raises(ReviewError, match="stranger in .* belongs to no image of eyes"):
        run(ask("others", folder=masks))
    (masks.folder / "masks/stranger.png").unlink()
    Image.fromarray(np.zeros((24, 31), np.uint8)).save(mask)
    with pytest.raises(ReviewError, match="24 x 31 pixels, its image 24 x 32"):
        run(ask("others", folder=masks))
    assert list_reviews(review_store()) == []
    assert not source_folder("k1").path.exists()


def test_mere_images_have_no_reference(
    dataset: ScannedDataset, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trained = write_predicted_run(dataset)
    folder = tmp_path_factory.mktemp("applied") / "out"
    write_applied_folder(dataset, folder, overlapping=False, prefix="")
    request = PredictRequest(run=trained.id, images=dataset.spec.root / "images", folder=folder)
    predicted = create_run("predict", {"request": request.model_dump_json()})
    review_id = run(ask(predicted.id))
    review = read_review(review_store(), review_id)
    kept = open_kept(review.spec.predictions)
    assert kept.read_reference(0) is None
    assert kept.read_image(0).shape == (24, 32, 3)
    assert review.spec.dataset == "images"
    assert len(review.spec.dataset_hash) == 64


def test_a_stopped_job_leaves_no_review_and_no_folder(dataset: ScannedDataset) -> None:
    asked = iter([False] * 15 + [True] * 1000)
    with pytest.raises(CancelledError):
        run(ask(write_predicted_run(dataset).id), lambda: next(asked))
    assert list_reviews(review_store()) == []
    assert not source_folder("k1").path.exists()


def test_a_reader_may_open_none(dataset: ScannedDataset) -> None:
    reader = RESEARCHER.model_copy(update={"role": Role.READER})
    with pytest.raises(AccessError, match="open a review"):
        run(ask(write_predicted_run(dataset).id, identity=reader))
    assert not source_folder("k1").path.exists()


def test_a_run_without_predictions_says_so(dataset: ScannedDataset) -> None:
    source = write_predicted_run(dataset)
    (source.path / "predictions" / "index.csv").unlink()
    with pytest.raises(ReviewError, match="predicted nothing"):
        run(ask(source.id))


def test_a_missing_mask_is_named(dataset: ScannedDataset) -> None:
    source = write_predicted_run(dataset)
    (source.path / "predictions" / "000005.mask.png").unlink()
    with pytest.raises(ReviewError, match=r"000005\.mask\.png is missing"):
        run(ask(source.id))
