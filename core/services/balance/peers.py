"""Today's samplers on the same target, in one table: at once where that is quick, else in the background."""

from hashlib import blake2b

import pandas as pd

from core import balancing
from core.balancing import PeerResult
from core.domain.balance import BalanceSpec, DescentSettings
from core.domain.label_table import LabelTable
from core.jobs import peers as job
from core.jobs.submit import submit
from core.runs.folder import create_run

_QUICK = 30_000  # rows × columns that are compared within about a second on a quiet machine


def compare_peers(table: LabelTable, spec: BalanceSpec) -> list[PeerResult]:
    """Tune every peer to the spec's T; see `core.balancing.peers`. Seconds at 100 000 images.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    return balancing.compare_on_table(table, spec)


def is_quick(table: LabelTable) -> bool:
    """Whether a person may wait for `keep_peers`; else `start_peers` is the way."""
    return bool(table.vectors.size <= _QUICK)


def peers_key(fingerprint: str, spec: BalanceSpec) -> str:
    """The name of a comparison: another dataset, T, γ or cap has another one."""
    asked = spec.model_copy(update={"descent": DescentSettings(), "method": "optimum"})
    return blake2b((fingerprint + asked.model_dump_json()).encode(), digest_size=12).hexdigest()


def find_peers(dataset_id: str, key: str) -> list[PeerResult] | None:
    """What was compared before under this name, or None."""
    return job.find_peers(dataset_id, key)


def keep_peers(dataset_id: str, key: str, table: LabelTable, spec: BalanceSpec) -> None:
    """Compare here and now; `find_peers` has the answer afterwards, also after a reload.

    Raises:
        TargetError: the target or a setting breaks a rule.
        InfeasibleError: size, caps and floors contradict each other.
    """
    job.write_peers(dataset_id, key, compare_peers(table, spec))


def start_peers(dataset_id: str, key: str, table: LabelTable, spec: BalanceSpec) -> str:
    """Compare in the background; returns the run's id, which `find_peers_run` knows too.

    Raises:
        RunError: the process cannot be started.
    """
    job.write_request(job.peers_path(dataset_id, key, "npz"), table, spec)
    run = create_run("peers", {"dataset": dataset_id, "key": key})
    job.write_run(dataset_id, key, run.id)
    submit(run)
    return run.id


def find_peers_run(dataset_id: str, key: str) -> str | None:
    """The latest run that compares, or compared, under this name."""
    return job.find_run_id(dataset_id, key)


def peer_table(results: list[PeerResult]) -> pd.DataFrame:
    """One line a method.

    Columns: method, parameter, distance, ess, largest_copies, duplicates, worst_miss, optimum_at_equal_ess,
    ratio, source, note. Figures are missing where the note says why.
    """
    return pd.DataFrame(
        {
            "method": [item.title + " (ours)" * item.is_ours for item in results],
            "parameter": [
                f"{item.parameter} = {item.value:.4g}" if item.parameter else "" for item in results
            ],
            "distance": [item.distance for item in results],
            "ess": [item.ess for item in results],
            "largest_copies": [item.largest_copies for item in results],
            "duplicates": [item.duplicates for item in results],
            "worst_miss": [item.worst_miss for item in results],
            "optimum_at_equal_ess": [item.equal_ess_distance for item in results],
            "ratio": [item.ratio for item in results],
            "source": [item.source for item in results],
            "note": [item.left_out for item in results],
        }
    )
