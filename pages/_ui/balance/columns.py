"""What a target speaks of: a class by the images that hold it, or by the pixels that it covers."""

from dataclasses import dataclass
from typing import Final

from core.domain.balance import PIXELS
from core.domain.scan import ScannedDataset
from core.services import balance
from pages._ui.theme import colours_by_name
from pages._ui.words import share

IMAGES_TITLE: Final = "Share of images that hold each class"
PIXELS_TITLE: Final = "Share of an image’s pixels that each class covers, in the mean"


@dataclass(frozen=True, slots=True)
class Column:
    """One class in one quantity: what one target speaks of.

    Attributes:
        name: Of the class.
        colour: Of the class, everywhere.
        of_pixels: Whether its share is one of pixels; else of images.
        original: The share before, in [0, 1].
        most: The largest share that any mixture of the images could have.
    """

    name: str
    colour: str
    of_pixels: bool
    original: float
    most: float

    @property
    def full_name(self) -> str:
        """The name where both quantities are spoken of."""
        return f"{self.name}, pixels" if self.of_pixels else self.name

    def say(self, value: float) -> str:
        """A share of this column in words."""
        return pixel_share(value) if self.of_pixels else share(value)

    def say_points(self, value: float) -> str:
        """A difference of two of its shares, in percentage points."""
        return pixel_points(value) if self.of_pixels else f"{100 * value:.1f}"


def describe_columns(dataset: ScannedDataset, live: balance.LiveBalance) -> list[Column]:
    """The columns of the rows that a descent balances."""
    colours, table = colours_by_name(dataset.classes), live.table
    first_of_pixels = {"presence": len(table.class_names), "pixels": 0, "both": len(live.spec.targets)}
    most = table.vectors.max(axis=0, initial=0)
    columns = []
    for i, original in enumerate(table.shares.tolist()):
        of_pixels = i >= first_of_pixels[live.spec.quantity]
        name = table.class_names[i].removesuffix(PIXELS) if of_pixels else table.class_names[i]
        columns.append(Column(name, colours[name], of_pixels, original, float(most[i])))
    return columns


def pixel_share(value: float) -> str:
    """A share of pixels: small ones keep two digits, since a lesion covers few.

    >>> pixel_share(0.3141), pixel_share(0.00123), pixel_share(0.0), pixel_share(4e-9)
    ('31.4 %', '0.12 %', '0 %', '< 0.0001 %')
    """
    if 0 < value < 1e-6:
        return "< 0.0001 %"
    return f"{pixel_points(value)} %"


def pixel_points(value: float) -> str:
    """A share of pixels, or a difference of two, in per cent without the sign.

    >>> pixel_points(0.0123), pixel_points(0.00009), pixel_points(1e-9), pixel_points(-0.002)
    ('1.2', '0.0090', '0', '-0.20')
    """
    percent = 100 * value
    if abs(percent) < 5e-5:
        return "0"
    if abs(percent) >= 1:
        return f"{percent:.1f}".removesuffix(".0") if percent in (0, 100) else f"{percent:.1f}"
    return f"{percent:#.2g}"
