"""Today's samplers on one's target as a background job: with many images nobody waits for it."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from core.balancing import PeerResult, compare_on_table
from core.domain.balance import BalanceSpec
from core.domain.label_table import LabelTable
from core.errors import CancelledError
from core.workspace.files import write_atomic
from core.workspace.paths import workspace


def run_peers(
    arguments: Mapping[str, str], report: Callable[[int, int, str], None], should_stop: Callable[[], bool]
) -> dict[str, str]:
    """Compare on what `write_request` left for `arguments["dataset"]` under `arguments["key"]`."""
    report(0, 0, "Starting")

    def tell(done: int, total: int) -> None:
        if should_stop():
            raise CancelledError("The comparison was stopped; nothing of it is kept.")
        report(done, total, "Tuning the samplers")

    request = peers_path(arguments["dataset"], arguments["key"], "npz")
    found = compare_on_table(*read_request(request), tell)
    write_peers(arguments["dataset"], arguments["key"], found)
    request.unlink(missing_ok=True)
    return {"key": arguments["key"], "message": f"{len(found)} ways to sample compared."}


def peers_path(dataset_id: str, key: str, ending: str) -> Path:
    """Where a comparison lies: its request (`npz`), the id of its run (`run`), its answer (`json`)."""
    return workspace().dataset(dataset_id) / "peers" / f"{key}.{ending}"


def write_request(path: Path, table: LabelTable, spec: BalanceSpec) -> None:
    """Leave what is to be compared.

    Raises:
        WorkspaceError: the workspace cannot be written.
    """
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        vectors=table.vectors,
        multiplicities=table.multiplicities,
        about=np.array(json.dumps({"classes": table.class_names, "spec": spec.model_dump_json()})),
    )
    write_atomic(path, buffer.getvalue())


def read_request(path: Path) -> tuple[LabelTable, BalanceSpec]:
    """The label vectors and the spec of a request; which sample has which row is made up: no part of it."""
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        multiplicities = arrays["multiplicities"]
        rows = np.repeat(np.arange(multiplicities.size), multiplicities)
        table = LabelTable(tuple(about["classes"]), arrays["vectors"], multiplicities, rows, ())
    return table, BalanceSpec.model_validate_json(about["spec"])


def write_peers(dataset_id: str, key: str, found: list[PeerResult]) -> None:
    """Keep an answer."""
    lines = [asdict(item) | {"shares": item.shares.tolist()} for item in found]
    write_atomic(peers_path(dataset_id, key, "json"), json.dumps(lines))


def find_peers(dataset_id: str, key: str) -> list[PeerResult] | None:
    """A kept answer; None where there is none, or where another version of this program wrote it."""
    try:
        lines = json.loads(peers_path(dataset_id, key, "json").read_bytes())
    except FileNotFoundError:
        return None
    names = {field.name for field in fields(PeerResult)}
    if any(set(line) != names for line in lines):
        return None
    return [PeerResult(**line | {"shares": np.array(line["shares"], dtype=np.float64)}) for line in lines]


def write_run(dataset_id: str, key: str, run_id: str) -> None:
    """Say which run compares under this name, for whoever comes back to the page."""
    write_atomic(peers_path(dataset_id, key, "run"), run_id)


def find_run_id(dataset_id: str, key: str) -> str | None:
    """Which run compares, or compared, under this name."""
    try:
        return peers_path(dataset_id, key, "run").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
