"""How much room a balanced set takes, from the sizes of its sources; light enough for a page to ask."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.domain.scan import Sample
from core.formats.folders.listing import is_picture

# Deformed pixels compress a little worse, and a JPEG that becomes a PNG takes several times its size.
_SAME_TYPE, _TO_PNG = 1.5, 8.0
_LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".jp2", ".j2k", ".jpx")
_UNPACKED = 2.0  # slices of a volume that was packed as a whole
_MASK_BYTES = 4096  # a mask that is written anew takes at least a block


@dataclass(frozen=True, slots=True)
class Amount:
    """How many images of one sample are to be written: the original itself (0 or 1) and its duplicates."""

    sample: Sample
    originals: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class WriteWay:
    """What decides how large files become.

    Attributes:
        root: The dataset's folder.
        linked: Whether originals are hard links, which take no room.
        image_suffix: The one suffix of all images; empty: each as its source.
        verbatim: Whether masks stay the files that they are.
    """

    root: Path
    linked: bool
    image_suffix: str = ""
    verbatim: bool = False


def estimate_bytes(way: WriteWay, amounts: Sequence[Amount], most: int | None = None) -> int:
    """How many bytes will be written; rather too many than too few.

    Args:
        way: How.
        amounts: What.
        most: Look at the files of so many samples at most, evenly spread; the rest is taken to be like them.
    """
    # Slices of one volume share its file, and images of one COCO file their annotations.
    shares = Counter(file for amount in amounts for file in _list_files(amount.sample))
    step = 1 if most is None else max(-(-len(amounts) // most), 1)
    looked_at = amounts[::step]
    needed = sum(_estimate(way, amount, shares) for amount in looked_at)
    return round(needed * len(amounts) / max(len(looked_at), 1))


def can_link(root: Path, folder: Path) -> bool:
    """Whether files of `root` can have a second name in `folder`, or in what exists of it."""
    return _device(root) == _device(find_existing(folder))


def find_existing(folder: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _list_files(sample: Sample) -> set[PurePosixPath]:
    return {file for file in (sample.image, *(mask for _, mask in sample.masks)) if file is not None}


def _estimate(way: WriteWay, amount: Amount, shares: Mapping[PurePosixPath, int]) -> float:
    sample, needed = amount.sample, 0.0
    if sample.image is not None:
        kept, grown = _treat_image(way, sample.image.name, sample.image.suffix.lower())
        size = _size(way.root / sample.image) / shares[sample.image]
        needed += amount.duplicates * size * grown
        needed += amount.originals * (0 if way.linked and kept else size if kept else size * grown)
    sizes = (_size(way.root / file) * _SAME_TYPE / shares[file] for _, file in sample.masks)
    masks = sum(max(size, _MASK_BYTES) for size in sizes)
    return needed + masks * (amount.duplicates + (0 if way.linked and way.verbatim else amount.originals))


def _treat_image(way: WriteWay, name: str, suffix: str) -> tuple[bool, float]:
    """Whether an original stays the file that it is, and how much larger a file written anew becomes."""
    if not is_picture(name):
        return False, _UNPACKED
    to_png = way.image_suffix == ".png" and suffix in _LOSSY
    return way.image_suffix in ("", suffix), _TO_PNG if to_png else _SAME_TYPE


def _device(path: Path) -> int:
    try:
        return path.stat().st_dev
    except OSError:
        return -1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # it becomes a problem when its turn comes
