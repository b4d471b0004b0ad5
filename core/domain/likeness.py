"""What a search for near duplicates found, and what a person said to it."""

from typing import Final

from pydantic import Field

from core.domain.base import FrozenModel
from core.domain.groups import GroupRule

LIMITS: Final = {"saved again": 32, "edited": 48, "next frame": 64}
"""Most bits of 256 that may differ between images that look alike; docs/splitting.md has the measurements.

Saved again, made smaller or brighter: up to 32. Cropped by 2 % a side: up to 48, where the first fundus
photographs of different eyes meet. Neighbouring frames of a video: up to 64.
"""


class LikenessReport(FrozenModel):
    """The answer of the job `duplicates`; kept beside the dataset's scan.

    `pairs` are sample ids with the bits of 256 by which their hashes differ, the nearest first.
    """

    rule: GroupRule = Field(description="How groups were named: images of one group were not compared")
    compared: int = Field(ge=0, description="Images that were compared")
    flat: int = Field(ge=0, description="Images left out because they show hardly any contrast")
    unread: int = Field(ge=0, description="Images that could not be read")
    slices: int = Field(ge=0, description="Slices left out because their file makes them one group")
    limit: int = Field(ge=0, description="Up to which distance every pair is named")
    pairs: tuple[tuple[str, str, int], ...] = ()


class Dismissals(FrozenModel):
    """Pairs of sample ids that a person has called different, in the order in which they were judged.

    What was judged by one click is one entry.
    """

    judged: tuple[tuple[tuple[str, str], ...], ...] = ()
