"""Keeping, for a review, masks that lie in a folder: `predict` wrote it, or another program in its layout.

Its files are read and written anew, not linked: the folder is a person's own, who may change it. What is said
of a case (its size, confidence, Dice) is taken from the files themselves, not from the folder's index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.naming import keep_apart, name_copies
from core.domain.classes import ClassSpec
from core.domain.masks import LabelMask
from core.domain.scan import Sample, ScannedDataset
from core.errors import ReviewError
from core.formats.folders.listing import stem
from core.inference.applied import AppliedFolder
from core.inference.comparing import compare_with_reference
from core.inference.keeping import StopAsked, Told, as_scanned, check_stop, find_spacing
from core.inference.predictions import write_classes, write_prediction
from core.inference.sources import KeptPredictions, PredictionSource, SourceFolder, SourceSample, link_classes
from core.runs.folder import RunFolder
from core.runs.history import read_request


@dataclass(frozen=True, slots=True)
class PicturesFolder:
    """Mere images: the folder (or the one file), and the pictures in it, POSIX and relative."""

    root: Path
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who predicted: a training run of this workspace, or, with an empty id, nobody whom it knows.

    Attributes:
        run: Its id.
        title: What it is called.
        classes: Names, roles and colours that it knows.
    """

    run: str
    title: str
    classes: Sequence[ClassSpec]

    @classmethod
    def of(cls, run: RunFolder) -> "Origin":
        """A training run. Raises `RunError` where its request is damaged."""
        request = read_request(run)
        return cls(run.id, request.title, request.dataset.classes)


def keep_applied(
    folder: SourceFolder,
    applied: AppliedFolder,
    origin: Origin,
    images: ScannedDataset | PicturesFolder,
    tell: Told,
    should_stop: StopAsked,
) -> KeptPredictions:
    """Keep the predictions of other images.

    Args:
        folder: Where to; new.
        applied: The folder that holds them.
        origin: Who predicted.
        images: What was predicted: a dataset, or a folder of pictures.
        tell: Told how far.
        should_stop: Asked before each sample.

    Raises:
        ReviewError: A mask is missing, damaged, of another size than its image, or of no image.
        CancelledError: `should_stop` said so.
        WorkspaceError: The workspace cannot be written.
    """
    names, places = applied.list_names(), _find_places(images)
    dataset = images if isinstance(images, ScannedDataset) else None
    kept = []
    for position, name in enumerate(names):
        check_stop(should_stop)
        tell(position, len(names))
        if name not in places:
            raise ReviewError(
                f"The prediction {name} in {applied.root} belongs to no image of {_name(images)}; choose the "
                "dataset that was predicted, or put the image back."
            )
        kept.append(_keep(folder, applied, position, name, images, places[name]))
    write_classes(folder.path, applied.classes)
    source = PredictionSource(
        run=origin.run,
        title=origin.title,
        classes=link_classes(applied.classes, origin.classes if dataset is None else dataset.classes),
        dataset=None if dataset is None else as_scanned(dataset),
        dataset_classes=() if dataset is None else dataset.classes,
        images=images.root if isinstance(images, PicturesFolder) else None,
        samples=tuple(kept),
    )
    folder.write(source)
    return KeptPredictions(folder, source)


def name_predicted(sample: Sample) -> str:
    """What the job `predict` calls a sample's files, before equal names are kept apart."""
    return stem(sample.id) + (f"_{sample.part}" if sample.part else "")


def name_apart(names: Sequence[str]) -> dict[str, int]:
    """The place of each name once equal ones (in upper or lower case) are kept apart, as `predict` does.

    >>> name_apart(["a", "B", "b"])
    {'a': 0, 'B': 1, 'b_': 2}
    """
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    apart = keep_apart({(name, 0): name for name in names})
    return {apart[name, 0]: place for name, place in sorted(first.items(), key=lambda item: item[1])}


def _find_places(images: ScannedDataset | PicturesFolder) -> dict[str, int]:
    """The place of each image by what its files may be called.

    As `predict` calls them; for datasets also as exports do, below their image folder: `left_1` for
    `images/left_1.png`.
    """
    if isinstance(images, PicturesFolder):
        return name_apart([stem(path) for path in images.pictures])
    drawn = [sample for sample in images.samples if sample.image is not None]
    places = name_apart([name_predicted(item) if item.image is not None else "" for item in images.samples])
    exported = name_copies(images.spec, drawn, {sample.id: 1 for sample in drawn})
    for place, sample in enumerate(images.samples):
        if (sample.id, 1) in exported:
            places.setdefault(exported[sample.id, 1], place)
    return places


def _name(images: ScannedDataset | PicturesFolder) -> str:
    return str(images.root) if isinstance(images, PicturesFolder) else images.spec.name


def _keep(
    folder: SourceFolder,
    applied: AppliedFolder,
    position: int,
    name: str,
    images: ScannedDataset | PicturesFolder,
    place: int,
) -> SourceSample:
    prediction = applied.read(name)
    mask, sure = prediction.mask, prediction.confidence
    height, width = mask.shape
    mean = None if sure is None else float(sure.mean())
    if isinstance(images, PicturesFolder):
        picture = images.pictures[place]
        found = SourceSample(
            position=position, name=picture, stem=name, picture=picture, height=height, width=width,
            confidence=mean,
        )  # fmt: skip
    else:
        _check_size(images, place, applied, name, mask)
        sample = images.samples[place]
        found = SourceSample(
            position=position, name=sample.id, stem=name, sample=sample, group=sample.group, height=height,
            width=width, confidence=mean, spacing=find_spacing(images, place),
            dice=compare_with_reference(images, applied.classes, sample, mask) if sample.masks else {},
        )  # fmt: skip
    write_prediction(folder.path, position, prediction)
    return found


def _check_size(
    images: ScannedDataset, place: int, applied: AppliedFolder, name: str, mask: LabelMask
) -> None:
    if images.sizes is None:
        return
    height, width = images.sizes[place].tolist()
    if mask.shape != (height, width):
        raise ReviewError(
            f"The mask {name} in {applied.root} has {mask.shape[0]} x {mask.shape[1]} pixels, its image "
            f"{height} x {width}; masks must have the size of their images."
        )
