"""What is known of one written image of a balanced set."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["original", "augmented", "flipped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One image of the balanced set; paths are POSIX and relative to its folder.

    Attributes:
        sample: The source's sample id.
        group: Images of one group must never be split between training and validation.
        copy: 1 is the image itself, 2 and more are its duplicates.
        image: Its file; with one file a band, the first.
        masks: Its mask files, one or one a class.
        seed: What a duplicate was drawn with; None for originals.
        kind: `original`, `augmented` or `flipped`.
        tries: Draws it took; 0 for originals.
        sizes: Bytes of every file written, by path.
    """

    sample: str
    group: str
    copy: int
    image: str
    masks: tuple[str, ...]
    seed: int | None
    kind: Kind
    tries: int
    sizes: dict[str, int]
