"""Opening a review as a background job: keep the predictions, measure every case, write the review down."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from core.domain.balance import ClassTarget
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.review import CaseFigures, CaseSpec, ReviewRequest, ReviewSpec
from core.domain.scan import ScannedDataset
from core.domain.training import PredictRequest
from core.errors import ReviewError
from core.formats.whole import scan_dataset
from core.inference.applied import open_applied
from core.inference.keeping import check_stop, keep_run
from core.inference.keeping_applied import Origin, PicturesFolder, keep_applied
from core.inference.sources import KeptPredictions, SourceFolder, SourceSample, source_folder
from core.jobs.predict import list_pictures
from core.jobs.train import scan_for_run
from core.reviews.figures import compute_band_entropy, compute_disagreement, compute_rarity
from core.reviews.mask_files import digest_mask
from core.reviews.opening import open_review
from core.reviews.store import ReviewStore
from core.runs.folder import RunFolder, find_run
from core.runs.history import read_request
from core.statistics.presence import compute_presence_shares
from core.workspace.database import workspace_database
from core.workspace.paths import dataset_id, workspace

Report = Callable[[int, int, str], None]
StopAsked = Callable[[], bool]
_CHUNK = 1 << 20
_SECOND = "-second"
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Found:
    """Predictions with what the job alone knows: the data's hash, and the share of images of each class."""

    kept: KeptPredictions
    data_hash: str
    shares: dict[str, float]


def run_review(arguments: Mapping[str, str], report: Report, should_stop: StopAsked) -> dict[str, str]:
    """Open the review that `arguments["request"]`, a `ReviewRequest` in JSON, asks for."""
    request = ReviewRequest.model_validate_json(arguments["request"])
    folder, second = source_folder(request.key), source_folder(request.key + _SECOND)
    try:
        found = _keep_first(request, folder, report, should_stop)
        other = _keep(request.second_id, second, report, should_stop).kept if request.second_id else None
        cases = _measure(found, other, request.targets, report, should_stop)
        report(0, 0, "Hashing the weights")
        spec = _describe(request, found)
        store = ReviewStore(workspace_database(), workspace().reviews, request.app_version)
        review = open_review(store, spec, cases, request.identity)
    except BaseException:  # Whatever it was: without a review nobody will ever look into the folder
        folder.remove()
        raise
    finally:
        second.remove()
    return {"review": review.id, "message": f"{len(cases)} cases are ready."}


def _keep_first(
    request: ReviewRequest, folder: SourceFolder, report: Report, should_stop: StopAsked
) -> _Found:
    if request.folder is None:
        return _keep(request.source_id, folder, report, should_stop)
    applied, spec = open_applied(request.folder.folder), request.folder.dataset

    def tell(done: int, total: int) -> None:
        report(done, total, "Reading the masks")

    dataset = _scan(spec, report, should_stop)
    origin = Origin("", str(applied.root), dataset.classes)
    return _with_shares(keep_applied(folder, applied, origin, dataset, tell, should_stop), dataset)


def _keep(source_id: str, folder: SourceFolder, report: Report, should_stop: StopAsked) -> _Found:
    def tell(done: int, total: int) -> None:
        report(done, total, "Keeping the predictions")

    run = find_run(source_id)
    if run.read_spec().kind != "predict":
        dataset = scan_for_run(read_request(run), report, should_stop)
        return _with_shares(keep_run(folder, run, dataset, tell, should_stop), dataset)
    request = _read_predict_request(run)
    applied, origin = open_applied(request.folder), Origin.of(find_run(request.run))
    if request.dataset is None:
        pictures = PicturesFolder(request.images, tuple(list_pictures(request.images)))
        kept = keep_applied(folder, applied, origin, pictures, tell, should_stop)
        return _Found(kept, _hash_pictures(pictures, report, should_stop), {})
    dataset = _scan(request.dataset, report, should_stop)
    return _with_shares(keep_applied(folder, applied, origin, dataset, tell, should_stop), dataset)


def _scan(spec: DatasetSpec, report: Report, should_stop: StopAsked) -> ScannedDataset:
    cache = workspace().dataset(dataset_id(spec.root)) / "counts.cache"
    return scan_dataset(
        spec, cache, lambda done, total: report(done, total, "Checking the dataset"), should_stop
    )


def _with_shares(kept: KeptPredictions, dataset: ScannedDataset) -> _Found:
    shares = compute_presence_shares(dataset.presence).tolist()
    names = [item.name for item in dataset.classes]
    return _Found(kept, dataset.fingerprint, dict(zip(names, shares, strict=True)))


def _read_predict_request(run: RunFolder) -> PredictRequest:
    try:
        return PredictRequest.model_validate_json(run.read_spec().arguments["request"])
    except (KeyError, ValidationError) as error:
        raise ReviewError(f"The run {run.id} has predicted nothing; choose another one.") from error


def _hash_pictures(pictures: PicturesFolder, report: Report, should_stop: StopAsked) -> str:
    """A hash of names and contents, in their order."""
    root = pictures.root.parent if pictures.root.is_file() else pictures.root
    whole = hashlib.sha256()
    for done, name in enumerate(pictures.pictures):
        check_stop(should_stop)
        report(done, len(pictures.pictures), "Reading the images")
        whole.update(f"{name}\0{_hash_files([root / name])}\0".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _hash_files(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as opened:
                while part := opened.read(_CHUNK):
                    digest.update(part)
        except OSError as error:
            raise ReviewError(f"{file} cannot be read ({error.strerror or error}).") from error
    return digest.hexdigest()


def _hash_model(run: RunFolder) -> str:
    """The hash of the weights that predicted, fold after fold; `unknown` where they are gone."""
    folds = sorted(path.parent for path in (run.path / "checkpoints").glob("fold*/best.json"))
    if not folds:
        return _UNKNOWN
    from core.training.checkpoints import find_weights  # loads torch: seconds, and only here

    return _hash_files([find_weights(fold) for fold in folds])


def _measure(
    found: _Found,
    other: KeptPredictions | None,
    targets: Sequence[ClassTarget],
    report: Report,
    should_stop: StopAsked,
) -> list[CaseSpec]:
    """Every case with its reasons to be looked at."""
    kept, names = found.kept, [item.name for item in found.kept.classes]
    if other is not None and [item.name for item in other.classes] != names:
        raise ReviewError(
            "The second run predicts other classes, so the two cannot be compared; choose another one."
        )
    twins = {} if other is None else {item.name: item.position for item in other.source.samples}
    cases, presence = [], []
    for done, sample in enumerate(kept.source.samples):
        check_stop(should_stop)
        report(done, len(kept.source.samples), "Measuring the cases")
        twin = twins.get(sample.name)
        second = None if other is None or twin is None else other.read_prediction(twin).mask
        case, drawn = _measure_case(kept, sample, second)
        cases.append(case)
        presence.append(drawn)
    rarity = _compute_rarity(found, np.array(presence, np.bool_).reshape(len(cases), len(names)), targets)
    return [
        case.model_copy(update={"figures": case.figures.model_copy(update={"rarity": value})})
        for case, value in zip(cases, rarity, strict=True)
    ]


def _measure_case(
    kept: KeptPredictions, sample: SourceSample, second: LabelMask | None
) -> tuple[CaseSpec, list[bool]]:
    """One case, and which classes its prediction holds."""
    prediction, source = kept.read_prediction(sample.position), kept.source
    mask, doubt, names = prediction.mask, prediction.entropy, [item.name for item in source.classes]
    if second is not None and second.shape != mask.shape:
        second = None  # The image was another one when the second run predicted it
    drawn = [place in source.drawn and bool(mask.region(place).any()) for place in range(len(names))]
    scores = [score for score in sample.dice.values() if score is not None]
    figures = CaseFigures(
        entropy=None if doubt is None else compute_band_entropy(mask, doubt, source.drawn),
        confidence=sample.confidence,
        dice=float(np.mean(scores)) if scores else None,
        disagreement=None if second is None else compute_disagreement(mask, second, source.drawn),
    )
    case = CaseSpec(
        position=sample.position,
        sample=sample.name,
        mask_hash=digest_mask(mask, names),
        height=mask.shape[0],
        width=mask.shape[1],
        group=sample.group,
        fold=sample.fold,
        classes=tuple(name for name, there in zip(names, drawn, strict=True) if there),
        figures=figures,
    )
    return case, drawn


def _compute_rarity(
    found: _Found, presence: NDArray[np.bool_], targets: Sequence[ClassTarget]
) -> Sequence[float | None]:
    """Of each case; None where no target vector was chosen.

    Where the dataset has no labels, how often each class is predicted stands for how often it occurs.
    """
    names = [item.name for item in found.kept.classes]
    wanted = [item for item in targets if item.name in names]
    if not wanted:
        return [None] * len(presence)
    columns = presence[:, [names.index(item.name) for item in wanted]]
    predicted = compute_presence_shares(columns).tolist()
    shares = [found.shares.get(item.name, share) for item, share in zip(wanted, predicted, strict=True)]
    rarity = compute_rarity(columns, np.array(shares), np.array([item.share for item in wanted]))
    return [float(value) for value in rarity]


def _describe(request: ReviewRequest, found: _Found) -> ReviewSpec:
    source = found.kept.source
    name = source.dataset.name if source.dataset is not None else (source.images or Path()).name
    return ReviewSpec(
        title=request.title,
        source="run" if request.folder is None else "folder",
        source_id=request.source_id,
        dataset=name[:255],
        dataset_hash=found.data_hash,
        model_hash=_hash_model(find_run(source.run)) if source.run else _UNKNOWN,
        classes=tuple(item.name for item in source.classes),
        settings=request.settings,
        predictions=request.key,
    )
