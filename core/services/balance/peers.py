"""Today's samplers on the same target, in one table."""

from dataclasses import replace

import pandas as pd

from core import balancing
from core.balancing import PeerResult
from core.domain.balance import BalanceSpec, Bounds, Drift
from core.domain.label_table import LabelTable


def compare_peers(table: LabelTable, spec: BalanceSpec) -> list[PeerResult]:
    """Tune every peer to the spec's T; see `core.balancing.peers`. Seconds at 100 000 images.

    Raises:
        TargetError: the target breaks a rule.
    """
    free = spec.model_copy(update={"bounds": Bounds(), "drift": Drift(), "distance": "squared"})
    found = balancing.compare_peers(balancing.build_problem(table, free), spec.seed)
    return [replace(item, title=f"{item.title} (ours)") if item.name == "optimum" else item for item in found]


def peer_table(results: list[PeerResult]) -> pd.DataFrame:
    """One line a method.

    Columns: method, parameter, distance, ess, largest_copies, duplicates, optimum_at_equal_ess, ratio,
    source.
    """
    return pd.DataFrame(
        {
            "method": [item.title for item in results],
            "parameter": [f"{item.parameter} = {item.value:.3g}" * bool(item.parameter) for item in results],
            "distance": [item.distance for item in results],
            "ess": [item.ess for item in results],
            "largest_copies": [item.largest_copies for item in results],
            "duplicates": [item.duplicates for item in results],
            "optimum_at_equal_ess": [item.equal_ess_distance for item in results],
            "ratio": [item.ratio for item in results],
            "source": [item.source for item in results],
        }
    )
