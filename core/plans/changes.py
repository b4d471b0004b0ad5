"""What has become of a dataset since a plan was made for it."""

from dataclasses import dataclass

from core.domain.scan import ScannedDataset
from core.plans.plan import BalancePlan


@dataclass(frozen=True, slots=True)
class DatasetChanges:
    """How a dataset differs from the state that a plan was made for.

    Attributes:
        new: Images that the plan does not know.
        gone: Images of the plan that cannot be used any more, in the plan's order.
    """

    new: int
    gone: tuple[str, ...]

    def describe(self) -> str:
        """In words, for the middle of a sentence.

        >>> DatasetChanges(3, ("eye_1.png",)).describe()
        '3 images are new, 1 is gone (eye_1.png)'
        """
        parts = [f"{self.new:,} image{' is' if self.new == 1 else 's are'} new"] * bool(self.new)
        if self.gone:
            noun = "" if self.new else " image" if len(self.gone) == 1 else " images"
            first = self.gone[0] if len(self.gone) == 1 else f"{self.gone[0]} first"
            parts.append(f"{len(self.gone):,}{noun} {'is' if len(self.gone) == 1 else 'are'} gone ({first})")
        return ", ".join(parts) or "the images are the same, but masks or classes are not"


def find_changes(plan: BalancePlan, dataset: ScannedDataset) -> DatasetChanges | None:
    """What has changed; None where the dataset is as it was when the plan was made.

    A plan whose names were edited by hand knows other images than the dataset, whatever its fingerprint says.
    """
    found = {sample.id for sample in dataset.samples}
    if plan.dataset.fingerprint == dataset.fingerprint and plan.copies.keys() == found:
        return None
    gone = tuple(name for name in plan.copies if name not in found)
    return DatasetChanges(len(found - plan.copies.keys()), gone)
