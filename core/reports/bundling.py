"""Writing a bundle: a review with everything that deciding takes, as one file."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.domain.measuring import CutVolume
from core.domain.review import SETTLED, CaseSpec
from core.domain.review_export import ReviewBundleRequest
from core.errors import CancelledError, ReviewError
from core.reports.bundles.folder import drop_equal_bands
from core.reports.bundles.manifest import (
    MANIFEST,
    AnsweredRecord,
    AnswersManifest,
    BundledCase,
    BundledFile,
    BundleManifest,
    encode_manifest,
)
from core.reports.folders import check_room
from core.reports.sources import CaseSource
from core.reports.volumes import list_volumes
from core.reviews.foreign import read_part
from core.reviews.mask_files import encode_mask
from core.reviews.opening import Review, read_cases
from core.reviews.reading import read_corrected, read_decisions, read_outcomes
from core.reviews.store import ReviewStore
from core.workspace.files import replacing

Report = Callable[[int, int, str], None]
_BYTES_A_PIXEL = 4  # an image and two heat maps, hardly packed: rather too many than too few


def write_bundle(
    store: ReviewStore,
    review: Review,
    source: CaseSource,
    request: ReviewBundleRequest,
    report: Report,
    should_stop: Callable[[], bool],
) -> int:
    """Write the bundle of a review; returns how many cases it holds.

    Groups (patients) go along as numbers only, and so do the names of images unless they are asked for.

    Raises:
        ReviewError: There is a file of that name, or no case to send.
        AppError: An image or mask cannot be read.
        WorkspaceError: The file cannot be written, or the disk has too little room.
        CancelledError: `should_stop` said so; nothing is left behind.
    """
    check_new_file(request.file)
    cases = _choose_cases(store, review, request)
    check_room(request.file, sum(case.height * case.width * _BYTES_A_PIXEL for case in cases))
    groups = _number_groups(cases)
    bundled: list[BundledCase] = []
    with replacing(request.file) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        writer = _Writer(archive)
        for done, case in enumerate(cases):
            if should_stop():
                raise CancelledError("Stopped; no bundle was written.")
            report(done, len(cases), "Writing the bundle")
            bundled.append(_write_case(writer, review, source, case, request, groups))
        manifest = BundleManifest(
            bundle=uuid4().hex,
            review=review.id,
            app_version=request.app_version,
            made=store.now(),
            made_by=request.made_by,
            spec=review.spec,
            classes=source.classes,
            cases=tuple(bundled),
            volumes=_number_volumes(source, {case.position for case in cases}),
            files=writer.files,
        )
        archive.writestr(MANIFEST, encode_manifest(manifest), zipfile.ZIP_DEFLATED)
    report(len(cases), len(cases), "")
    return len(cases)


def write_answers(
    store: ReviewStore, review: Review, bundle: str, origin: str, file: Path | io.BytesIO
) -> int:
    """Write what goes back: the ledger's records of a review, and its corrected masks.

    Args:
        store: Where the review lies.
        review: The review that a bundle became.
        bundle: The bundle's id.
        origin: Id of the review that the bundle was made from.
        file: Where to.

    Returns:
        How many decisions go back.

    Raises:
        ReviewError: Nothing is decided yet, or a mask cannot be read.
    """
    decisions = read_decisions(store, review.id)
    if not decisions:
        raise ReviewError(
            "Nothing is decided yet, so there is nothing to send back; decide some cases first."
        )
    part = read_part(store, review.id)
    with zipfile.ZipFile(file, "w") as archive:
        writer = _Writer(archive)
        for position, digest in sorted(
            {(item.position, item.mask_after) for item in decisions if item.mask_after}
        ):
            name, content = encode_mask(
                read_corrected(store, review.id, position, digest), review.spec.classes
            )
            writer.add(f"masks/{position:06}/{name}", content)
        manifest = AnswersManifest(
            bundle=bundle,
            review=origin,
            app_version=store.app_version,
            made=store.now(),
            files=writer.files,
            installation=part.installation,
            opened_as=review.id,
            records=tuple(AnsweredRecord(body=body, hash=digest) for body, digest in part.records),
        )
        archive.writestr(MANIFEST, encode_manifest(manifest), zipfile.ZIP_DEFLATED)
    return len(decisions)


def check_new_file(file: Path) -> None:
    """Raise unless a bundle can be written under a name that nothing has.

    Raises:
        ReviewError: Something lies there, or it does not end in `.zip`.
    """
    if file.suffix.lower() != ".zip":
        raise ReviewError(f"{file.name} must end in .zip, so that others know what it is.")
    if file.exists():
        raise ReviewError(f"{file} is there already, so nothing was written; choose another name.")


class _Writer:
    """Adds files and keeps what the manifest says of them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, BundledFile] = {}

    def add(self, name: str, content: bytes) -> None:
        self._archive.writestr(name, content)  # PNG is packed already
        self.files[name] = BundledFile(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _choose_cases(store: ReviewStore, review: Review, request: ReviewBundleRequest) -> list[CaseSpec]:
    cases = read_cases(store, review.id)
    if request.cases == "undecided":
        outcomes = read_outcomes(store, review.id)
        cases = [case for case in cases if outcomes[case.position].state not in SETTLED]
    if not cases:
        raise ReviewError("Every case of this review is decided, so there is none to send; choose all cases.")
    return cases


def _number_groups(cases: Sequence[CaseSpec]) -> dict[str, str]:
    """Numbers in place of groups, which are often patients."""
    groups = dict.fromkeys(case.group for case in cases if case.group)
    return {"": "", **{group: str(number) for number, group in enumerate(groups, start=1)}}


def _number_volumes(source: CaseSource, sent: set[int]) -> tuple[CutVolume, ...]:
    """The volumes of the cases that are sent, with numbers for names: those may tell who a patient is."""
    found: list[CutVolume] = []
    for volume in list_volumes(source):
        positions = tuple(position for position in volume.positions if position in sent)
        if positions:
            changed = {"name": f"volume {len(found) + 1}", "uid": "", "positions": positions}
            found.append(volume.model_copy(update=changed))
    return tuple(found)


def _write_case(
    writer: _Writer,
    review: Review,
    source: CaseSource,
    case: CaseSpec,
    request: ReviewBundleRequest,
    groups: dict[str, str],
) -> BundledCase:
    position = case.position
    prediction = source.read_prediction(position)
    name, content = encode_mask(prediction.mask, review.spec.classes)
    if not name.startswith(case.mask_hash):
        raise ReviewError(
            f"{case.sample}: the predicted mask is not the one that this review was opened on; open a new "
            "review of the new predictions."
        )
    writer.add(f"images/{position:06}.png", _encode(drop_equal_bands(source.read_image(position))))
    writer.add(f"masks/{position:06}/{name}", content)
    for which, share in (("confidence", prediction.confidence), ("entropy", prediction.entropy)):
        if share is not None:
            writer.add(f"{which}/{position:06}.png", _encode(_to_grey(share)))
    reference = source.read_reference(position) if request.references else None
    if reference is not None:
        kept, content = encode_mask(reference, review.spec.classes)
        writer.add(f"references/{position:06}/{kept}", content)
    sent = case.model_copy(
        update={
            "sample": case.sample if request.names else f"case {position}",
            "group": groups[case.group],
        }
    )
    digest = None if reference is None else kept.partition(".")[0]
    doubt = prediction.entropy is not None
    return BundledCase(case=sent, spacing=source.spacing(position), reference=digest, doubt=doubt)


def _to_grey(share: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8))


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
