"""What a case's decisions amount to; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.review import Action, CaseState


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it is stored.

    Attributes:
        seq: Its record in the ledger; later ones are larger.
        class_name: The class it is about; empty for the case as a whole.
        mask_before: Hash of the mask that the reader saw.
        mask_after: Hash of the corrected mask, for `correct`.
        mask_version: 1 for the first corrected mask of the case, and so on.
        supersedes: The decision of the same reader that it replaces.
        superseded: Whether a later one replaces it.
    """

    seq: int
    token: str
    review: str
    position: int
    reader: str
    reader_name: str
    adjudication: bool
    class_name: str
    action: Action
    reason: str
    comment: str
    seconds: float
    mask_before: str
    mask_after: str | None
    mask_version: int | None
    supersedes: int | None
    superseded: bool
    time: str

    @property
    def settles(self) -> bool:
        """Whether it says what becomes of the whole case."""
        return not self.class_name and self.action in ("accept", "reject", "correct")

    @property
    def mask(self) -> str | None:
        """Hash of the mask that this decision stands for; None where it stands for none."""
        return {"accept": self.mask_before, "correct": self.mask_after}.get(self.action)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case has come to; `mask` is the hash of the mask to go on with, None where there is none."""

    state: CaseState
    mask: str | None = None


def compute_outcome(decisions: Sequence[Decision], predicted_mask: str, readers: int) -> Outcome:
    """What a case has come to.

    An adjudicator's latest word settles it. Else as many readers as the review asks for must have settled it,
    and all for the same mask: two readers who each drew their own are a conflict, since only one mask can go
    on. A reader who flags or skips has not settled it.

    Args:
        decisions: Of one case; superseded ones, those taken back and those about one class are passed over.
        predicted_mask: Hash of the model's mask.
        readers: How many readers the review asks for.
    """
    standing = [item for item in decisions if not item.superseded and item.action != "withdraw"]
    whole = [item for item in standing if not item.class_name]
    words = [item for item in whole if item.adjudication and item.settles]
    if words:
        return _settled(max(words, key=lambda item: item.seq).mask, predicted_mask)
    verdicts = [item for item in whole if item.settles and not item.adjudication]
    if len(verdicts) < readers:
        return Outcome(_unsettled(standing, whole, verdicts))
    masks = {item.mask for item in verdicts}
    return Outcome("conflict") if len(masks) > 1 else _settled(masks.pop(), predicted_mask)


def _unsettled(
    standing: Sequence[Decision], whole: Sequence[Decision], verdicts: Sequence[Decision]
) -> CaseState:
    if any(item.action == "flag" for item in whole):
        return "flagged"
    if verdicts or any(item.class_name for item in standing):
        return "started"
    return "skipped" if whole else "open"


def _settled(mask: str | None, predicted_mask: str) -> Outcome:
    if mask is None:
        return Outcome("rejected")
    return Outcome("accepted" if mask == predicted_mask else "corrected", mask)
