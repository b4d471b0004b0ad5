"""What readers answered independently of one another; pure."""

from collections.abc import Sequence

from core.domain.review import ReviewSettings
from core.reviews.states import Decision


def find_answers(decisions: Sequence[Decision], settings: ReviewSettings) -> list[Decision]:
    """The answer of each reader of a case that agreement is computed from, by the order in which they came.

    A blinded reader sees the others' answers once they have answered. From then on a change of mind is no
    independent answer: it counts for the case, but not for agreement. So the last word of each reader is
    taken from before both they and somebody else had answered; with the model hidden it is their first, as
    they see its mask from then on. Where nothing is hidden it is the last word of each. Flags and skips are
    no answers, and adjudicators are no readers.

    Args:
        decisions: All of one case, superseded ones too.
        settings: Of the review: what is hidden from its readers until they have answered.
    """
    whole = [item for item in decisions if not item.class_name and not item.adjudication]
    readers = dict.fromkeys(item.reader for item in whole)
    words = [_find_word(whole, reader, settings) for reader in readers]
    return sorted((word for word in words if word is not None), key=lambda item: item.seq)


def _find_word(whole: Sequence[Decision], reader: str, settings: ReviewSettings) -> Decision | None:
    own = [item for item in whole if item.reader == reader]
    first = min((item.seq for item in own if item.settles), default=None)
    if first is None:
        return None
    if settings.hide_model:
        own = [item for item in own if item.seq <= first]
    elif settings.blind_readers:
        others = (item.seq for item in whole if item.reader != reader and item.settles)
        seen = max(first, min(others, default=own[-1].seq))
        own = [item for item in own if item.seq <= seen]
    last = max(own, key=lambda item: item.seq)
    return last if last.settles else None
