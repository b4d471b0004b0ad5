"""Review bundles: sent out, opened somewhere else, sent back, merged."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO
from uuid import uuid4

from core.domain.identity import Identity, Role, check_role
from core.domain.review_export import BundleCases, OpenBundleRequest, ReviewBundleRequest
from core.errors import ReviewError
from core.jobs.submit import start
from core.reports.bundles.folder import find_bundle
from core.reports.bundles.manifest import BundleManifest
from core.reports.bundles.opening import open_as_review, read_answers
from core.reports.bundling import check_new_file, write_answers
from core.reviews.merging import Merged, merge_answers
from core.reviews.opening import Review, read_cases, read_review
from core.reviews.reading import read_decisions
from core.services.reviews.stores import review_store
from core.workspace.files import replacing
from core.workspace.paths import workspace

Report = Callable[[int, int, str], None]
_LEFT_BEHIND = 86_400.0  # seconds; opening takes minutes


def start_bundle(
    review_id: str,
    file: Path,
    identity: Identity,
    cases: BundleCases = "all",
    references: bool = False,
    names: bool = False,
) -> str:
    """Write a bundle in the background; returns the run's id.

    Args:
        review_id: The review.
        file: Where to: a new file that ends in `.zip`.
        identity: Who asks.
        cases: All, or those that are not decided yet.
        references: Whether the dataset's own masks go along.
        names: Whether the names of image files go along; they often tell who a patient is.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such review, or the file cannot be written there.
        RunError: The process cannot be started.
    """
    check_role(identity, Role.RESEARCHER, "send a bundle out")
    store = review_store()
    review = read_review(store, review_id)
    target = file.expanduser().absolute()
    check_new_file(target)
    request = ReviewBundleRequest(
        review=review.id,
        file=target,
        cases=cases,
        references=references,
        names=names,
        app_version=store.app_version,
        made_by=identity.name,
    )
    return start("review_bundle", request)


def open_bundle(
    file: Path | IO[bytes],
    name: str,
    identity: Identity,
    report: Report | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Review:
    """Open a bundle as a review of this workspace; opened again it is the same review.

    Args:
        file: A path, or an open file such as an upload.
        name: Said in errors.
        identity: Who opens it.
        report: Told (files done, files in all, sentence).
        should_stop: Asked between files.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: It is no bundle, damaged, or changed; the sentence says which.
        UnsafeFileError: It is hostile.
        WorkspaceError: The workspace cannot be written.
        CancelledError: `should_stop` said so.
    """
    store = review_store()
    return open_as_review(store, file, name, identity, report or _ignore, should_stop or _never)


def start_opening(file: Path | IO[bytes], name: str, identity: Identity) -> str:
    """Open a bundle in the background; returns the run's id, and that of the review is in its result.

    Args:
        file: A path on this machine, or an upload, which is kept in the workspace until it is opened.
        name: Said in errors.
        identity: Who opens it.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: There is no such file.
        RunError: The process cannot be started.
        WorkspaceError: The workspace cannot be written.
    """
    check_role(identity, Role.RESEARCHER, "open a bundle")
    place = file.expanduser().absolute() if isinstance(file, Path) else _keep_upload(file)
    if not place.is_file():
        raise ReviewError(f"There is no file {place}; check the path.")
    request = OpenBundleRequest(
        file=place,
        name=name[-200:],
        uploaded=not isinstance(file, Path),
        identity=identity,
        app_version=review_store().app_version,
    )
    return start("review_open", request)


def count_answers(review_id: str) -> int:
    """How many decisions would go back."""
    return len(read_decisions(review_store(), review_id))


def encode_answers(review_id: str, identity: Identity) -> bytes:
    """What goes back to where the bundle came from: the content of a zip file.

    Raises:
        AccessError: The person is no researcher: it holds what all readers decided.
        ReviewError: The review did not come as a bundle, or nothing is decided yet.
    """
    check_role(identity, Role.RESEARCHER, "send decisions back")
    store = review_store()
    review = read_review(store, review_id)
    manifest = _find_manifest(review)
    buffer = BytesIO()
    write_answers(store, review, manifest.bundle, manifest.review, buffer)
    return buffer.getvalue()


def save_answers(review_id: str, file: Path, identity: Identity) -> int:
    """Write what goes back into a new file; returns how many decisions it brings.

    Raises:
        AccessError: As `encode_answers`.
        ReviewError: As `encode_answers`, or the file is there already.
        WorkspaceError: The file cannot be written.
    """
    check_role(identity, Role.RESEARCHER, "send decisions back")
    store = review_store()
    review = read_review(store, review_id)
    manifest = _find_manifest(review)
    target = file.expanduser().absolute()
    check_new_file(target)
    with replacing(target) as temporary:
        return write_answers(store, review, manifest.bundle, manifest.review, temporary)


def merge(review_id: str, file: Path | IO[bytes], name: str, identity: Identity) -> Merged:
    """Bring decisions on a bundle back into the review that it was made from; merged again it adds nothing.

    Args:
        review_id: The review that the bundle was made from.
        file: A path, or an open file such as an upload.
        name: Said in errors.
        identity: Who merges.

    Raises:
        AccessError: The person is no researcher.
        ReviewError: The file brings no answers to this review, is damaged, or was changed; nothing is merged.
        UnsafeFileError: It is hostile.
    """
    check_role(identity, Role.RESEARCHER, "merge a bundle")
    store = review_store()
    review = read_review(store, review_id)
    cases = {case.position: case for case in read_cases(store, review.id)}
    answers = read_answers(file, name, review, cases)
    return merge_answers(store, review.id, answers, identity)


def _find_manifest(review: Review) -> BundleManifest:
    if review.spec.source != "bundle":
        raise ReviewError(
            "This review was opened here, not from a bundle, so its decisions need not be sent back; export "
            "them instead."
        )
    return find_bundle(review.spec.source_id).manifest


def _keep_upload(file: IO[bytes]) -> Path:
    """An upload as a file of the workspace; the job that opens it removes it."""
    _remove_leftovers()
    place = workspace().home / "incoming" / f"{uuid4().hex}.zip"
    with replacing(place) as temporary, temporary.open("wb") as kept:
        shutil.copyfileobj(file, kept)
    return place


def _remove_leftovers() -> None:
    """Remove what workers that were killed could not: uploads, and bundles that are half unpacked."""
    home = workspace()
    oldest = time.time() - _LEFT_BEHIND
    for place in [*(home.home / "incoming").glob("*.zip"), *home.bundles.glob(".*")]:
        with suppress(OSError):  # Another process may be removing it just now
            if place.stat().st_mtime > oldest:
                continue
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()


def _ignore(done: int, total: int, message: str) -> None:
    """Report to nobody."""


def _never() -> bool:
    return False
