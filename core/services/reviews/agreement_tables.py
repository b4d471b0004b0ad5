"""Agreement as tables; what is n/a is missing in them."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.reports.kept_measures import measured_folder, pair_key, read_pairs
from core.reviews.agreement import Estimate
from core.reviews.opening import Review
from core.services.reviews.agreement import AnswerList
from core.services.reviews.agreement_figures import ClassAgreement, VerdictAgreement
from core.services.reviews.measurements import open_cases
from core.services.reviews.stores import review_store

if TYPE_CHECKING:
    import pandas as pd

ALL, MODEL = "All readers", "model"


def verdict_table(found: Sequence[VerdictAgreement]) -> "pd.DataFrame":
    """One line for all readers, then one for each two."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "Readers": " and ".join(item.readers) or ALL,
                "Cases": item.accepted.count,
                "Same verdict, share": item.equal,
                "Same mask, share": item.same,
                **_spread("Kappa, accepted or not", item.accepted),
                **_spread("Kappa, three verdicts", item.verdicts),
            }
            for item in found
        ]
    )


def class_table(found: Sequence[ClassAgreement], unit: str) -> "pd.DataFrame":
    """Dice and HD95 of readers, one line a class."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "Class": item.name,
                "Cases with a Dice": item.dice.count,
                **_spread("Dice", item.dice),
                "Cases with a distance": item.distance.count,
                **_spread(f"HD95 ({unit})", item.distance),
                "Nobody has it, cases": item.absent,
                "Only some have it, cases": item.one_sided,
            }
            for item in found
        ]
    )


def model_table(found: Sequence[ClassAgreement]) -> "pd.DataFrame":
    """The model with the readers, one line a class."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "Class": item.name,
                "Cases with a Dice": item.model.count,
                **_spread("Dice with readers", item.model),
                "Cases for the index": item.index.count,
                **_spread("Williams' index", item.index),
            }
            for item in found
        ]
    )


def case_table(review: Review, found: AnswerList) -> "pd.DataFrame":
    """One line a case, class and pair of masks, the model's among them; what is not compared yet is n/a."""
    import pandas as pd

    kept = read_pairs(measured_folder(review_store(), review.id), open_cases(review).classes)
    lines = []
    for item in found.cases:
        masks: list[tuple[str, str, str | None]] = [(MODEL, "predicted", item.case.mask_hash)]
        masks += [(one.name, one.verdict, one.mask) for one in item.answers]
        for (first, said, mask), (second, answered, other) in combinations(masks, 2):
            row = kept.get(pair_key(item.compare(mask, other))) if mask and other else None
            for place, name in enumerate(found.classes):
                known = row if row is not None else np.full(2 * len(found.classes), np.nan)
                lines.append(
                    (
                        item.case.sample, name, first, said, second, answered,
                        known[place], known[len(found.classes) + place], found.unit,
                    )
                )  # fmt: skip
    columns = ["case", "class", "first", "first said", "second", "second said", "dice", "hd95", "hd95 unit"]
    return pd.DataFrame(lines, columns=columns)


def _spread(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}: from": estimate.low, f"{name}: to": estimate.high}
