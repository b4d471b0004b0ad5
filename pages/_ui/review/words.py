"""What is said of reviews and their cases."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from core.domain.review import Action, CaseFigures, CaseState, ReviewSettings
from pages._ui.words import age, count, counted, duration, figure, share

if TYPE_CHECKING:
    from core.services.reviews.board import Board, Decision
    from core.services.reviews.worklist import ReviewProgress

STATES: Final[dict[CaseState, str]] = {
    "open": "Open",
    "started": "Started",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "corrected": "Corrected",
    "skipped": "Skipped",
    "flagged": "Flagged",
    "conflict": "Readers disagree",
    "taken": "Read by another",
}
_ACTIONS: Final[dict[Action, str]] = {
    "accept": "accepted",
    "reject": "rejected",
    "correct": "corrected",
    "skip": "skipped",
    "flag": "flagged",
    "withdraw": "taken back",
}
FIGURES: Final = {
    "entropy": (
        "Doubt at the outline",
        "Mean entropy in the band around the predicted outlines, 1 is a guess.",
    ),
    "confidence": ("Low confidence", "Mean probability of the model's answer over the image."),
    "dice": ("Low Dice", "Against the reference, mean over the classes; only where there is a reference."),
    "rarity": ("Rare classes", "How much of what the target vector lacks this case would bring."),
    "disagreement": ("Two models differ", "1 − mean Dice between the masks of the two runs."),
}
COLUMNS: Final = {
    "entropy": "Doubt at the outline",
    "confidence": "Confidence",
    "dice": "Dice",
    "rarity": "Rarity",
    "disagreement": "Disagreement",
}


def describe_progress(progress: "ReviewProgress") -> str:
    """How far one person is, and when they will be done."""
    if progress.total == 0:
        parts = ["**No case** is yours to decide"]
    elif progress.done == progress.total:
        parts = [f"**All {count(progress.total)}** decided, you are done"]
    else:
        parts = [f"**{count(progress.done)} of {count(progress.total)}** decided"]
        if progress.seconds_left is not None:
            minutes = math.ceil(progress.seconds_left / 60)
            parts.append(f"about {duration(60 * minutes)} left")
    named: dict[CaseState, str] = {"flagged": "flagged", "skipped": "skipped", "conflict": "in conflict"}
    parts += [
        f"{count(found)} {said}" for state, said in named.items() if (found := progress.states.get(state))
    ]
    return " · ".join(parts)


def describe_share(progress: "ReviewProgress", cases: int) -> str:
    """How far one person is with a review of so many cases, without markup."""
    if progress.total == 0:
        return f"None of {counted(cases, 'case')} is yours to decide"
    said = f"{count(progress.done)} of {counted(progress.total, 'case')} decided"
    return said if progress.total == cases else f"{said} · {count(cases)} in all"


def describe_acceptance(progress: "ReviewProgress") -> str:
    """What the random cases say of all; empty before the first is decided, and where the model is hidden.

    The unit of the sentence is cases, and its interval is a 95 % one.
    """
    found = progress.acceptance
    if found is None or found.share is None:
        return ""
    return (
        f"Random cases: {count(found.accepted)} of {count(found.decided)} accepted "
        f"({share(found.low)} to {share(found.high)})"
    )


def describe_state(board: "Board", position: int) -> str:
    """What has been decided of a case, as far as the person may see it."""
    words = STATES[board.states[position]]
    if not board.asks(position):
        words += ", not asked of you"
    seen = board.seen[position]
    standing = [item for item in seen.decisions if not item.superseded and item.action != "withdraw"]
    return " · ".join([words, *(describe_decision(item, board) for item in standing[-3:])])


def describe_decision(decision: "Decision", board: "Board") -> str:
    """One decision in a few words."""
    who = _name(decision, board)
    about = f"{decision.class_name}: " if decision.class_name else ""
    reason = f" ({decision.reason})" if decision.reason else ""
    settled = "settled: " if decision.adjudication else ""
    return f"{settled}{about}{_name_mask(decision, board)}{_ACTIONS[decision.action]} by {who}{reason}"


def _name(decision: "Decision", board: "Board") -> str:
    return "you" if decision.reader == board.identity.id else decision.reader_name


def _name_mask(decision: "Decision", board: "Board") -> str:
    """Whose drawing was accepted; empty for the model's mask."""
    drawn = {item.mask_after: item for item in board.seen[decision.position].decisions if item.mask_after}
    if decision.action != "accept" or (by := drawn.get(decision.mask_before)) is None:
        return ""
    return "your mask " if by.reader == board.identity.id else f"the mask of {by.reader_name} "


def describe_figures(figures: CaseFigures) -> str:
    """The reasons to look at a case that are known."""
    known = {name: value for name, value in figures.model_dump().items() if value is not None}
    return " · ".join(f"{COLUMNS[name]} {figure(value)}" for name, value in known.items())


def describe_settings(settings: ReviewSettings) -> str:
    """How the cases of a review are ordered and read."""
    parts = [f"{share(settings.random_share)} random cases"]
    if settings.group_cap is not None:
        parts.append(f"at most {settings.group_cap} of a group in a row")
    parts.append(f"{counted(settings.readers_per_case, 'reader')} a case")
    if settings.readers_per_case > 1 and settings.hides_answers:
        parts.append("readers blinded to one another")
    if settings.hide_model:
        parts.append("model hidden until the answer")
    return " · ".join(parts)


def describe_age(moment: str) -> str:
    """How long ago a moment in UTC, ISO 8601, was."""
    return age(datetime.fromisoformat(moment).timestamp())


def describe_filter(parts: Sequence[str]) -> str:
    """The label of the filter's button: what differs from all cases."""
    return f"Filter · {', '.join(parts)}" if parts else "Filter"
