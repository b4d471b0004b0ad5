"""Opening what others sent: everything is checked before any of it lies in the workspace under its name."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from core.domain.identity import Identity, Role, check_role
from core.domain.masks import LabelMask
from core.domain.review import CaseSpec
from core.errors import CancelledError, ReviewError
from core.reports.bundles.archive import Archive, open_archive
from core.reports.bundles.folder import BundleFolder, bundle_path, find_bundle, find_mask_name
from core.reports.bundles.manifest import (
    HEAT,
    MANIFEST,
    MOST_MANIFEST_BYTES,
    AnswersManifest,
    BundleManifest,
    encode_manifest,
    parse_answers,
    parse_bundle,
)
from core.reports.folders import check_room, new_folder
from core.reviews.foreign import Answers, MaskKey, find_decisions, read_foreign
from core.reviews.mask_files import decode_mask
from core.reviews.opening import Review, list_reviews, open_review
from core.reviews.store import ReviewStore
from core.workspace.guarded import MAX_DECODED_BYTES, check_size, decode_image, open_header

Report = Callable[[int, int, str], None]
_IMAGE_MODES, _HEAT_MODES = ("L", "RGB"), ("L",)


def unpack_bundle(
    file: Path | IO[bytes], name: str, report: Report, should_stop: Callable[[], bool]
) -> BundleFolder:
    """Check a bundle and keep it in the workspace; one that is there already is not unpacked again.

    Args:
        file: A path, or an open file.
        name: Said in errors.
        report: Told (files done, files in all, sentence).
        should_stop: Asked between files.

    Raises:
        ReviewError: It is no bundle, damaged, or changed.
        UnsafeFileError: It is hostile.
        WorkspaceError: The disk has too little room.
        CancelledError: `should_stop` said so; nothing is left behind.
    """
    with open_archive(file, name) as archive:
        content = archive.read(MANIFEST, MOST_MANIFEST_BYTES)
        manifest = parse_bundle(content, name)
        place = bundle_path(manifest.bundle)
        if place.exists():
            return _find_opened(place, manifest, name)
        checks = _plan(manifest, name)
        _check_listed(archive, manifest, set(checks), name)
        check_room(place, archive.nbytes)
        place.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(place) as folder:
            for done, (entry, check) in enumerate(checks.items()):
                if should_stop():
                    raise CancelledError("Stopped; the bundle was not opened.")
                report(done, len(checks), "Checking the bundle")
                data = _read(archive, manifest, entry, name)
                check(data)
                target = folder / entry  # a name that the manifest's own rules have checked
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            (folder / MANIFEST).write_bytes(content)
    return BundleFolder(place, manifest)


def open_as_review(
    store: ReviewStore,
    file: Path | IO[bytes],
    name: str,
    identity: Identity,
    report: Report,
    should_stop: Callable[[], bool],
) -> Review:
    """Open a bundle as a review; opened again it is the same review.

    Raises:
        AccessError: The person is no researcher.
        AppError: As `unpack_bundle`.
    """
    check_role(identity, Role.RESEARCHER, "open a bundle")
    manifest = unpack_bundle(file, name, report, should_stop).manifest
    for review in list_reviews(store):
        if review.spec.source == "bundle" and review.spec.source_id == manifest.bundle:
            return review
    spec = manifest.spec.model_copy(
        update={"source": "bundle", "source_id": manifest.bundle, "predictions": ""}
    )
    return open_review(store, spec, [item.case for item in manifest.cases], identity)


def read_answers(file: Path | IO[bytes], name: str, review: Review, cases: Mapping[int, CaseSpec]) -> Answers:
    """What somebody has decided on a bundle.

    Args:
        file: A path, or an open file.
        name: Said in errors.
        review: The review that the bundle must have been made from.
        cases: Its cases, by position.

    Raises:
        ReviewError: It brings no answers, those of another review, or was damaged or changed.
        UnsafeFileError: It is hostile.
    """
    with open_archive(file, name) as archive:
        manifest = parse_answers(archive.read(MANIFEST, MOST_MANIFEST_BYTES), name)
        if manifest.review != review.id:
            raise ReviewError(
                f"{name} answers a bundle of another review; open the review that the bundle was made from, "
                "and merge it there."
            )
        records = read_foreign([(item.body, item.hash) for item in manifest.records], manifest.opened_as)
        decisions = find_decisions(records)
        wanted: set[MaskKey] = {
            (place, digest)
            for item in decisions
            if (place := item.record.position) is not None
            and place in cases
            and (digest := item.record.mask_after) is not None
        }
        entries = {
            find_mask_name(manifest, "masks", position, digest): (position, digest)
            for position, digest in wanted
        }
        _check_listed(archive, manifest, set(entries), name)
        masks: dict[MaskKey, LabelMask] = {}
        for entry, (position, digest) in entries.items():
            data = _read(archive, manifest, entry, name)
            case = cases[position]
            masks[position, digest] = decode_mask(
                data, f"{name}: {entry}", digest, review.spec.classes, (case.height, case.width)
            )
    return Answers(manifest.bundle, manifest.installation, tuple(decisions), masks)


def _find_opened(place: Path, manifest: BundleManifest, name: str) -> BundleFolder:
    if encode_manifest(find_bundle(place.name).manifest) != encode_manifest(manifest):
        raise ReviewError(
            f"{name} calls itself the bundle {manifest.bundle[:12]}, which was opened here with another "
            "content; one of the two was changed. Ask the sender for the file as it was written."
        )
    return BundleFolder(place, manifest)


def _plan(manifest: BundleManifest, name: str) -> dict[str, Callable[[bytes], None]]:
    """Every file that the bundle must have, and how its content is checked."""
    checks: dict[str, Callable[[bytes], None]] = {}
    classes = manifest.spec.classes
    for item in manifest.cases:
        case = item.case
        check_size(case.height, case.width, 1, f"{name}, case {case.position}")
        shape = case.height, case.width
        checks[f"images/{case.position:06}.png"] = _picture_check(name, shape, _IMAGE_MODES)
        for which in HEAT if item.doubt else ():
            checks[f"{which}/{case.position:06}.png"] = _picture_check(name, shape, _HEAT_MODES)
        for place, digest in (("masks", case.mask_hash), ("references", item.reference)):
            if digest is not None:
                entry = find_mask_name(manifest, place, case.position, digest)
                checks[entry] = partial(_check_mask, f"{name}: {entry}", digest, classes, shape)
    return checks


def _picture_check(name: str, shape: tuple[int, int], modes: Sequence[str]) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        image = open_header(BytesIO(data), name)
        if image.format != "PNG" or image.size != shape[::-1] or image.mode not in modes:
            raise ReviewError(
                f"{name}: a picture is not what the manifest says ({image.format}, {image.width} x "
                f"{image.height}, {image.mode}, for a case of {shape[1]} x {shape[0]}); the file was changed."
            )
        decode_image(data, name)

    return check


def _check_mask(name: str, digest: str, classes: Sequence[str], shape: tuple[int, int], data: bytes) -> None:
    decode_mask(data, name, digest, classes, shape)


def _check_listed(
    archive: Archive, manifest: BundleManifest | AnswersManifest, needed: set[str], name: str
) -> None:
    """What is needed, what the manifest lists and what the archive holds must be the same."""
    held = set(archive.names) - {MANIFEST}
    missing = sorted(needed - held) or sorted(set(manifest.files) - held)
    if missing:
        raise ReviewError(
            f"{name}: {missing[0]} is missing, and {len(missing) - 1} other files; ask the sender to write "
            "the file again."
        )
    stray = sorted(held - needed) or sorted(held - set(manifest.files))
    if stray:
        raise ReviewError(
            f"{name} holds {stray[0][:100]!r}, which belongs to no case; no bundle does. Do not use it."
        )


def _read(archive: Archive, manifest: BundleManifest | AnswersManifest, entry: str, name: str) -> bytes:
    listed = manifest.files[entry]
    data = archive.read(entry, min(listed.size, MAX_DECODED_BYTES))
    if hashlib.sha256(data).hexdigest() != listed.sha256:
        raise ReviewError(
            f"{name}: {entry} is not the file that the manifest lists; it was changed or damaged on its way. "
            "Ask the sender for it again."
        )
    return data
