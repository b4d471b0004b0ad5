"""What a person may choose about the synthetic fundus set, and the S1 figures that it reproduces."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from core.domain.base import FrozenModel
from core.domain.classes import ClassRole, ClassSpec
from core.errors import DatasetError

# Raised whenever an equal spec would give other pictures, so that files of an older version are not mixed in.
DRAWING = 1

MIN_SIZE, MAX_SIZE = 96, 2048
MAX_IMAGES = 10_000

BACKGROUND, DISC, MACULA, VESSELS, HARD_EXUDATE, SOFT_EXUDATE, FRESH, PIGMENTED, HAEMORRHAGE = range(9)

FUNDUS_CLASSES: tuple[ClassSpec, ...] = tuple(
    ClassSpec(
        key=str(value),
        name=name,
        role=ClassRole.CLASS if value else ClassRole.BACKGROUND,
        index=value,
    )
    for value, name in enumerate(
        (
            "background",
            "optic disc",
            "macula",
            "vessels",
            "hard exudate",
            "soft exudate",
            "fresh coagulates",
            "pigmented coagulates",
            "retinal haemorrhages",
        )
    )
)

# Images of the 115 in S1 that contain each of the eight classes: 100, 97, 100, 90, 37, 7, 10 and 96 %.
S1_IMAGES = 115
S1_PRESENCE: tuple[int, ...] = (115, 112, 115, 104, 43, 8, 12, 110)


class FundusSpec(FrozenModel):
    """A synthetic set of fundus photographs; equal specs give equal bytes."""

    images: int = Field(default=S1_IMAGES, description="How many photographs, 1 to 10000")
    size: int = Field(default=512, description="Side of the square photographs in pixels, 96 to 2048")
    seed: int = Field(default=0, description="Another number, another set; 0 or more")

    @field_validator("images")
    @classmethod
    def _check_images(cls, images: int) -> int:
        if not 1 <= images <= MAX_IMAGES:
            raise DatasetError(
                f"the demo cannot hold {images} images: the number must be within 1..{MAX_IMAGES}; "
                f"choose for example {S1_IMAGES}."
            )
        return images

    @field_validator("size")
    @classmethod
    def _check_size(cls, size: int) -> int:
        if not MIN_SIZE <= size <= MAX_SIZE:
            raise DatasetError(
                f"the demo cannot be drawn at {size} pixels: the size must be within {MIN_SIZE}..{MAX_SIZE}, "
                "as smaller pictures cannot show a single exudate; choose for example 512."
            )
        return size

    @field_validator("seed")
    @classmethod
    def _check_seed(cls, seed: int) -> int:
        if not 0 <= seed < 2**63:
            raise DatasetError(f"the seed {seed} is outside 0..2^63-1; choose for example 0.")
        return seed


def presence_counts(images: int) -> NDArray[np.int64]:
    """`(8,)` how many of `images` contain each class: S1's counts in proportion, halves rounded up.

    Exact at 115. The rarest class (8 of 115) occurs from 8 images on; a smaller set lacks it, as a real one
    would.

    >>> presence_counts(115).tolist()
    [115, 112, 115, 104, 43, 8, 12, 110]
    >>> presence_counts(20).tolist()
    [20, 19, 20, 18, 7, 1, 2, 19]
    """
    shares = np.array(S1_PRESENCE, dtype=np.int64)
    return (2 * shares * images + S1_IMAGES) // (2 * S1_IMAGES)
