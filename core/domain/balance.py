"""What a person asks of the balancer (S1), frozen so that it can be kept, compared and solved again."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, field_validator

from core.domain.base import FrozenModel

Distance = Literal["squared", "euclidean"]
DriftKind = Literal["chi2", "published"]
StrengthKind = Literal["relative", "raw", "min_ess", "max_copies"]
Parametrisation = Literal["ratio", "reference", "softmax"]
Start = Literal["multiplicity", "constant", "current"]
Method = Literal["optimum", "descent"]
Quantity = Literal["presence", "pixels", "both"]
PresetName = Literal["ones", "original", "rare-up", "rare-up-regularised"]
PixelPresetName = Literal["original", "rare-half-more", "rare-doubled"]


PIXELS = " (pixels)"
"""Ends the name of a column that holds a class's pixel shares."""


MOST_COPIES = 1_000_000_000
"""Sizes beyond it would overflow when multiplied with the number of images."""


class ClassTarget(FrozenModel):
    """The wanted share of one class, of images or of pixels, and how much missing it matters."""

    name: str
    share: float = Field(ge=0, le=1, description="T of this class, in [0, 1]")
    weight: float = Field(default=1.0, gt=0, description="Factor of this class's squared miss in L")


class Drift(FrozenModel):
    """The price of moving away from the original proportions.

    `strength` says how `value` is meant: `relative` is γ̂ in `c = γ̂·L(p)` (χ²) or its published
    counterpart, `raw` is c itself. The others are wishes, for which the smallest c that grants them is found:
    `min_ess` is the least effective sample size to keep, as a share of N, `max_copies` the most copies of one
    image, a whole number.
    """

    kind: DriftKind = "chi2"
    strength: StrengthKind = "relative"
    value: float = Field(default=0.02, ge=0)


class DescentSettings(FrozenModel):
    """Adam and the parametrisation it works in."""

    parametrisation: Parametrisation = "ratio"
    lr: float = Field(default=0.1, gt=0, description="Learning rate")
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.99, ge=0, lt=1)
    eps: float = Field(default=1e-16, gt=0)
    steps: int = Field(default=2000, ge=1, le=1_000_000)
    start: Start = "multiplicity"
    start_constant: float = Field(default=1.0, gt=0, description="Factor of the start value")


class Bounds(FrozenModel):
    """Limits on whole copies."""

    total: int | None = Field(
        default=None, ge=1, le=MOST_COPIES, description="B, images in the balanced set; None: as many as now"
    )
    max_copies: int | None = Field(
        default=None, ge=1, le=MOST_COPIES, description="M, most copies of one image"
    )
    keep_originals: bool = Field(default=False, description="Every image at least once")


class BalanceSpec(FrozenModel):
    """Everything that determines a balance; the dataset itself apart.

    `quantity` says what is balanced: the share of images that contain each class (`targets`), the mean share
    of an image's pixels that each class covers (`pixel_targets`), or both side by side.
    """

    targets: tuple[ClassTarget, ...] = Field(description="T of presence; not used for quantity pixels")
    quantity: Quantity = "presence"
    pixel_targets: tuple[ClassTarget, ...] = Field(
        default=(), description="T of pixel shares; not used for quantity presence"
    )
    distance: Distance = "squared"
    drift: Drift = Drift()
    bounds: Bounds = Bounds()
    method: Method = "optimum"
    descent: DescentSettings = DescentSettings()
    seed: int = Field(default=0, ge=0, description="Decides which of equal images takes a remainder")

    @field_validator("targets", "pixel_targets")
    @classmethod
    def _check_names(cls, targets: tuple[ClassTarget, ...]) -> tuple[ClassTarget, ...]:
        names = [item.name for item in targets]
        if len(set(names)) != len(names):
            raise ValueError("a class has two targets; give each class one")
        return targets

    @property
    def column_targets(self) -> tuple[ClassTarget, ...]:
        """The targets by the names of the columns that are balanced; see `core.balancing.shares`."""
        pixels = tuple(item.model_copy(update={"name": item.name + PIXELS}) for item in self.pixel_targets)
        return {"presence": self.targets, "pixels": pixels, "both": (*self.targets, *pixels)}[self.quantity]

    def with_column_targets(self, targets: Sequence[ClassTarget]) -> Self:
        """The spec with other targets, given as `column_targets` gives them; those not in use are kept.

        >>> spec = BalanceSpec(targets=(), quantity="pixels")
        >>> spec.with_column_targets([ClassTarget(name="scar (pixels)", share=0.01)]).pixel_targets[0].name
        'scar'
        """
        first_of_pixels = {"presence": len(targets), "pixels": 0, "both": len(self.targets)}[self.quantity]
        presence = tuple(targets[:first_of_pixels]) if self.quantity != "pixels" else self.targets
        pixels = tuple(
            item.model_copy(update={"name": item.name.removesuffix(PIXELS)})
            for item in targets[first_of_pixels:]
        )
        return self.model_copy(
            update={
                "targets": presence,
                "pixel_targets": self.pixel_targets if self.quantity == "presence" else pixels,
            }
        )
