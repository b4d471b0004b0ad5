"""Classes of a dataset: names, roles, and how they occur in mask files."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from core.domain.base import FrozenModel

# Okabe-Ito without black, then the Paul Tol "muted" and "light" hues that stay apart from it under the common
# colour-vision deficiencies; lightness alternates, so that neighbours differ in grey as well.
CLASS_COLOURS: tuple[str, ...] = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
    "#882255", "#44AA99", "#999933", "#332288", "#DDCC77", "#AA4499", "#88CCEE",
    "#117733", "#EE8866", "#6699CC", "#BBCC33", "#661100", "#AAAA00",
)  # fmt: skip
BACKGROUND_COLOUR = "#8A8F98"
VOID_COLOUR = "#C9CCD1"


class ClassRole(StrEnum):
    """What a value in a mask stands for."""

    CLASS = "class"
    BACKGROUND = "background"
    VOID = "void"


class ClassSpec(FrozenModel):
    """One class of a dataset.

    `key` says how the class occurs in the mask files: the pixel value (`"80"`) of an index mask, the colour
    (`"#80ff00"`) of a colour mask, the folder or suffix (`"tubings"`, `"_EX"`) of one-file-per-class masks,
    the column or word of a label table. For thresholded two-level masks the keys are `"0"` and `"1"`: below
    and at or above the threshold. The union's complement in one-file-per-class masks has the key
    `"background"`.
    """

    key: str = Field(min_length=1, description="How the class occurs in the mask files")
    name: str = Field(min_length=1, max_length=120, description="The name that people read")
    role: ClassRole = Field(default=ClassRole.CLASS, description="class, background or void")
    index: int | None = Field(default=None, ge=0, le=65535, description="Value in written index masks")
    colour: str | None = Field(default=None, pattern=r"^#[0-9A-Fa-f]{6}$", description="Display colour")


def is_background_name(name: str) -> bool:
    """Whether a class's name says that nothing is there, as people and labelling programs write it.

    >>> is_background_name("Background"), is_background_name("_background_"), is_background_name("ground")
    (True, True, False)
    """
    return name.strip(" _").casefold() == "background"


def class_colours(classes: Sequence[ClassSpec]) -> list[str]:
    """Display colours, one a class: the chosen one, else the next of the colour-blind safe series.

    Background and void take their greys, and do not use up a colour.

    >>> class_colours([ClassSpec(key="0", name="bg", role="background"), ClassSpec(key="1", name="disc")])
    ['#8A8F98', '#E69F00']
    """
    greys = {ClassRole.BACKGROUND: BACKGROUND_COLOUR, ClassRole.VOID: VOID_COLOUR}
    colours, used = [], 0
    for item in classes:
        own = greys.get(item.role)
        if own is None:
            own = CLASS_COLOURS[used % len(CLASS_COLOURS)]
            used += 1
        colours.append(item.colour or own)
    return colours
