"""All decisions of a review as a table, those that were replaced by later ones too."""

from core.data.placing import place_bytes
from core.errors import ReviewError
from core.formats.wording import say_count
from core.reports.context import ExportContext, Written
from core.reports.csv_files import encode_csv
from core.reviews.opening import read_cases
from core.reviews.reading import read_decisions

DECISIONS_FILE = "decisions.csv"
_COLUMNS = (
    "record", "time_utc", "case", "sample", "reader_id", "reader", "adjudication", "class", "action",
    "reason", "comment", "seconds", "mask_before", "mask_after", "mask_version", "supersedes", "superseded",
)  # fmt: skip


def write_decisions(context: ExportContext) -> Written:
    """`decisions.csv`, a line a decision in the ledger's order, and `cases.csv` with what came of it.

    Raises:
        ReviewError: Nothing is decided yet.
    """
    store, review = context.reviewed.store, context.reviewed.review
    samples = {case.position: case.sample for case in read_cases(store, review.id)}
    decisions = read_decisions(store, review.id)
    if not decisions:
        raise ReviewError(
            "Nothing is decided yet, so there is no decision to write; decide some cases first."
        )
    rows: list[tuple[object, ...]] = [_COLUMNS]
    rows += [
        (
            item.seq, item.time, item.position, samples[item.position], item.reader, item.reader_name,
            _say(item.adjudication), item.class_name, item.action, item.reason, item.comment,
            f"{item.seconds:.3f}", item.mask_before, item.mask_after or "", item.mask_version or "",
            item.supersedes or "", _say(item.superseded),
        )
        for item in decisions
    ]  # fmt: skip
    place_bytes(context.folder / DECISIONS_FILE, encode_csv(rows))
    cases = len({item.position for item in decisions})
    said = f"{say_count(len(decisions), 'decision')} on {say_count(cases, 'case')} written."
    return Written({}, (said,))


def _say(value: bool) -> str:
    return "yes" if value else "no"
