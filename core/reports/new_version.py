"""The reviewed set as a dataset of its own: accepted and corrected masks are its references.

images/NAME.*            as they are, linked or copied; slices of volumes as PNG
masks/NAME.png           one number a class, or masks/CLASS/NAME.png where classes may overlap
index.csv, dataset.toml  what opens it, with the groups of the dataset that it comes from
review.json, origin.csv  the review, where its ledger ended, and where each mask comes from
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from core.data.copies import SourceDataset, SourceSample
from core.data.entries import Entry
from core.data.layouts.plain import PlainLayout, write_label
from core.data.layouts.protocol import INDEX_FILE, WriteContext, write_image
from core.data.materialise import encode_index
from core.data.naming import name_copies
from core.data.placing import place_bytes
from core.domain.augmentation import MaterialiseSpec
from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.masks import LabelMask
from core.domain.review_export import NewDatasetRequest
from core.domain.scan import Sample, ScannedDataset
from core.errors import CancelledError, DatasetError, ReviewError
from core.formats.whole import read_label
from core.inference.sources import KeptPredictions, move_classes
from core.reports.csv_files import encode_csv
from core.reports.folders import check_folder, check_room, new_folder
from core.reports.provenance import PROVENANCE, describe_review
from core.reports.reviewed import LeftOut, ReviewedCase, ReviewedSet
from core.workspace.files import write_atomic

Report = Callable[[int, int, str], None]
ORIGIN_FILE = "origin.csv"
_COPIED = 3  # bytes a pixel of an image that cannot be linked


@dataclass(frozen=True, slots=True)
class NewDataset:
    """What was written: samples by where their mask comes from, and what could not be read."""

    folder: Path
    samples: Mapping[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One sample of the new dataset: its reviewed mask, or None for the reference it has."""

    sample: Sample
    name: str
    origin: str
    reviewed: ReviewedCase | None


def write_new_dataset(
    reviewed: ReviewedSet,
    dataset: ScannedDataset | None,
    request: NewDatasetRequest,
    report: Report,
    should_stop: Callable[[], bool],
) -> NewDataset:
    """Write the reviewed set as a new dataset; its folder appears when all of it is there.

    Args:
        reviewed: The settled cases.
        dataset: The one that was predicted, as it is now; None where mere images were.
        request: What is asked.
        report: Told (samples done, samples in all, sentence).
        should_stop: Asked between samples.

    Raises:
        ReviewError: The review came as a bundle, or the folder cannot be used.
        DatasetError: No image could be read.
        WorkspaceError: The folder cannot be written, or the disk has too little room.
        CancelledError: `should_stop` said so; nothing is left behind.
    """
    writing = _Writing(reviewed, dataset, request)
    check_folder(request.folder, writing.source.spec.root)
    items = writing.list_items()
    pixels = sum(item.case.height * item.case.width for item in reviewed.cases)
    check_room(request.folder, round(pixels / len(reviewed.cases) * _COPIED * len(items)))
    with new_folder(request.folder) as folder:
        context = writing.context(folder)
        for done, item in enumerate(items):
            if should_stop():
                raise CancelledError("Stopped; no dataset was written.")
            report(done, len(items), "Writing the dataset")
            writing.write(context, item)
        writing.finish(context)
    report(len(items), len(items), "")
    return NewDataset(request.folder, Counter(row[1] for row in writing.origins), tuple(writing.notes))


@dataclass
class _Writing:
    """One new dataset at work."""

    reviewed: ReviewedSet
    dataset: ScannedDataset | None
    request: NewDatasetRequest
    kept: KeptPredictions = field(init=False)
    source: SourceDataset = field(init=False)
    entries: list[Entry] = field(default_factory=list)
    origins: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.reviewed.source, KeptPredictions):
            raise ReviewError(
                "This review came as a bundle, without the original images; send the decisions back, and "
                "make the new dataset where the bundle was made."
            )
        self.kept = self.reviewed.source
        self.source = _describe_source(self.kept, self.dataset, self.reviewed)

    def context(self, folder: Path) -> WriteContext:
        return WriteContext(
            folder, self.request.name, self.source, MaterialiseSpec(link=self.request.link), seed=0
        )

    def list_items(self) -> list[_Item]:
        """The samples of the new dataset, in the order of the old."""
        masks = {self._id(item.case.position): item for item in self.reviewed.cases}
        reasons = {self._id(case.position): reason for case, reason in self.reviewed.left_out}
        items = []
        for sample, name in self._list_samples():
            item = masks.get(sample.id)
            if item is not None:
                items.append(_Item(sample, name, item.state, item))
            elif sample.masks and self._keeps(reasons.get(sample.id)):
                items.append(_Item(sample, name, "reference", None))
        return items

    def _keeps(self, reason: LeftOut | None) -> bool:
        refused = reason in ("rejected", "class rejected")
        choice = self.request.rejected if refused else self.request.unreviewed
        return choice == "keep_reference"

    def _list_samples(self) -> list[tuple[Sample, str]]:
        if self.dataset is None:
            return [(_as_sample(self.kept, p), self.kept.name(p)) for p in self._positions()]
        samples = [sample for sample in self.dataset.samples if sample.image is not None]
        names = name_copies(self.dataset.spec, samples, {sample.id: 1 for sample in samples})
        return [(sample, names[sample.id, 1]) for sample in samples]

    def _positions(self) -> list[int]:
        return [item.case.position for item in self.reviewed.cases]

    def _id(self, position: int) -> str:
        return _as_sample(self.kept, position).id

    def write(self, context: WriteContext, item: _Item) -> None:
        """Write one sample; one that cannot be read becomes a note."""
        source = SourceSample(self.source, item.sample)
        try:
            label = self._read(item)
            if label.shape != source.picture.pixels.shape[:2]:
                raise DatasetError(f"{item.sample.id}: the image has another size than its mask by now.")
            image = write_image(context, source, None, f"images/{item.name}")
        except DatasetError as error:
            self.notes.append(f"{item.sample.id} was left out: {error}")
            return
        masks = write_label(context, label, item.name)
        sample = item.sample
        self.entries.append(Entry(sample.id, sample.group, 1, image, masks, None, "original", 0, {}))
        digest = item.reviewed.mask_hash if item.reviewed else ""
        self.origins.append((image, item.origin, digest))

    def _read(self, item: _Item) -> LabelMask:
        if item.reviewed is not None:
            return _complete(self.reviewed.read_mask(item.reviewed), self.source)
        dataset = self.dataset
        if dataset is None:
            raise ReviewError(f"{item.sample.id} has no reference.")
        spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
        mask = read_label(spec, dataset.classes, item.sample)
        names = [known.name for known in dataset.classes]
        return _as_layers(
            move_classes(mask, names, [known.name for known in self.source.classes]), self.source
        )

    def finish(self, context: WriteContext) -> None:
        """Write what opens the dataset, and where it comes from."""
        if not self.entries:
            raise DatasetError(f"No image could be read. {self.notes[0]}")
        samples = [sample for sample, _ in self._list_samples()]
        place_bytes(context.folder / INDEX_FILE, encode_index(self.entries, samples))
        place_bytes(
            context.folder / ORIGIN_FILE, encode_csv([("image", "mask_from", "mask_hash"), *self.origins])
        )
        about = describe_review(self.reviewed, self.request.app_version)
        about |= {"samples": dict(Counter(origin for _, origin, _ in self.origins))}
        write_atomic(context.folder / PROVENANCE, json.dumps(about, indent=2, ensure_ascii=False))
        PlainLayout().finish(context, self.entries)


def _describe_source(
    kept: KeptPredictions, dataset: ScannedDataset | None, reviewed: ReviewedSet
) -> SourceDataset:
    overlapping = reviewed.read_mask(reviewed.cases[0]).overlapping
    overlapping = overlapping or (dataset is not None and dataset.overlapping)
    if dataset is not None:
        spec = dataset.spec.model_copy(update={"threshold": dataset.threshold})
    elif kept.source.images is not None:
        root = kept.source.images
        folders = (FolderPair(images=".", masks="."),)
        root = root.parent if root.is_file() else root
        spec = DatasetSpec(name=reviewed.review.spec.title[:120], root=root, format="index", folders=folders)
    else:
        raise ReviewError("The images of this review are gone, so no dataset can be made of them.")
    return SourceDataset(spec, kept.classes, overlapping)


def _as_sample(kept: KeptPredictions, position: int) -> Sample:
    found = kept.sample(position)
    return found.sample or Sample(found.name, PurePosixPath(found.picture), group=found.group)


def _complete(mask: LabelMask, source: SourceDataset) -> LabelMask:
    """A reviewed mask in the form of the new dataset.

    A person has looked at every pixel, so what no class covers is background, not void.
    """
    layered = _as_layers(mask, source)
    ground = _find_ground(source.classes)
    if ground is None:
        return layered
    if not layered.overlapping:
        filled = np.where(layered.pixels < 0, ground, layered.pixels).astype(np.int16)
        return LabelMask(filled, layered.class_count)
    stack = layered.stack().copy()
    stack[ground] = ~np.delete(stack, ground, axis=0).any(axis=0)
    return LabelMask(stack, layered.class_count)


def _as_layers(mask: LabelMask, source: SourceDataset) -> LabelMask:
    if mask.overlapping or not source.overlapping:
        return mask
    return LabelMask(mask.stack(), mask.class_count)


def _find_ground(classes: tuple[ClassSpec, ...]) -> int | None:
    return next((p for p, item in enumerate(classes) if item.role is ClassRole.BACKGROUND), None)
