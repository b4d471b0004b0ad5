"""What a layout is: how one image of a balanced set and its masks become files, and what comes last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.data.copies import Drawn, SourceDataset, SourceSample
from core.data.entries import Entry
from core.data.pictures import encode_picture
from core.data.placing import place_bytes, place_file
from core.data.volumes import DrawnVolume, VolumeSample
from core.domain.augmentation import MaterialiseSpec
from core.domain.scan import Sample

INDEX_FILE = "index.csv"  # what is written last: every image with its source and its group
_TYPES = {".jpg": ".jpg", ".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tif": ".tif", ".tiff": ".tif"}


@dataclass(frozen=True, slots=True)
class WriteContext:
    """What every process that writes must know.

    Attributes:
        folder: Where to.
        title: The name of the set, for files that have one.
        dataset: What is read.
        spec: How it is written.
        seed: The plan's seed.
        image_suffix: The one suffix of all images, such as `.png`; empty: each as its source.
        bands: The one number of bands of all images; 0: each as its source.
        verbatim: Whether masks keep the values and the palette of their source.
        labels: Class keys by sample id, where pictures have labels as wholes; else empty.
    """

    folder: Path
    title: str
    dataset: SourceDataset
    spec: MaterialiseSpec
    seed: int
    image_suffix: str = ""
    bands: int = 0
    verbatim: bool = False
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one image: its image files, its mask files."""

    images: tuple[str, ...]
    masks: tuple[str, ...]


class SetLayout(Protocol):
    """One way to lay out a balanced set, whatever its samples are."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """Decide what is the same for all images: suffix, bands, the masks' encoding.

        Raises:
            DatasetError: The dataset cannot be written in this layout at all.
        """

    def name(self, name: str) -> str:
        """What a name with sub-folders becomes here."""

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write the files that describe the set.

        Raises:
            WorkspaceError: The folder cannot be written.
        """


class Layout(SetLayout, Protocol):
    """A layout of images."""

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write the files of one image; the original itself where `drawn` is None.

        Raises:
            DatasetError: A file cannot be read, or does not fit the layout.
            WorkspaceError: The folder cannot be written.
        """


class VolumeLayout(SetLayout, Protocol):
    """A layout of whole volumes."""

    def write(
        self, context: WriteContext, source: VolumeSample, drawn: DrawnVolume | None, name: str
    ) -> Files:
        """Write the files of one volume, as `Layout.write` does."""


def write_image(context: WriteContext, source: SourceSample, drawn: Drawn | None, stem: str) -> str:
    """Write one image file under a path without suffix; returns its path.

    The original is linked or copied, unless the layout wants another file type of it.
    """
    own = source.image_path.suffix if source.is_file else source.picture.suffix
    if source.is_file and drawn is None and context.image_suffix in ("", own.lower()):
        path = f"{stem}{own}"
        place_file(source.image_path, context.folder / path, context.spec.link)
        return path
    picture = source.picture if drawn is None else drawn.picture
    suffix = context.image_suffix or _match_suffix(own, picture.suffix)
    kind = _TYPES.get(suffix.lower(), ".png")
    place_bytes(context.folder / f"{stem}{suffix}", encode_picture(picture, kind))
    return f"{stem}{suffix}"


def find_common_suffix(samples: Sequence[Sample]) -> str:
    """The suffix that all images already have, if it is one that can be written; else `.png`."""
    suffixes = {sample.image.suffix for sample in samples if sample.image is not None}
    only = suffixes.pop() if len(suffixes) == 1 else ".png"
    return only if only == ".png" or only in _TYPES else ".png"


def _match_suffix(own: str, written: str) -> str:
    """The source's own spelling of a file type (`.JPEG`), where the type stays the same."""
    return own if _TYPES.get(own.lower(), own.lower()) == written else written
