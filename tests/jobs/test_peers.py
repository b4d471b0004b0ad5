"""The comparison with peers in the background."""

import json

import numpy as np
import pytest

from core.balancing import group_label_vectors
from core.domain.balance import BalanceSpec, ClassTarget
from core.errors import CancelledError
from core.jobs.peers import find_peers, peers_path, read_request, run_peers, write_request

SPEC = BalanceSpec(targets=(ClassTarget(name="cup", share=0.5), ClassTarget(name="scar", share=0.25)))
ARGUMENTS = {"dataset": "eyes", "key": "k"}


@pytest.fixture(autouse=True)
def request_file() -> None:
    presence = np.array([[1, 0]] * 4 + [[1, 1]] * 2 + [[0, 0]] * 6, np.uint8)
    table = group_label_vectors(presence, ["cup", "scar"], [str(i) for i in range(12)])
    write_request(peers_path("eyes", "k", "npz"), table, SPEC)


def test_a_request_survives_its_file() -> None:
    table, spec = read_request(peers_path("eyes", "k", "npz"))
    assert spec == SPEC
    assert table.shares == pytest.approx([0.5, 1 / 6])
    assert len(table.row_of_sample) == 12


def test_an_answer_takes_the_place_of_its_request() -> None:
    run_peers(ARGUMENTS, lambda *_: None, lambda: False)
    found = find_peers("eyes", "k")
    assert found is not None
    assert found[0].shares == pytest.approx([0.5, 1 / 6])
    assert not peers_path("eyes", "k", "npz").exists()


def test_a_stopped_comparison_leaves_no_answer() -> None:
    with pytest.raises(CancelledError, match="nothing of it is kept"):
        run_peers(ARGUMENTS, lambda *_: None, lambda: True)
    assert find_peers("eyes", "k") is None


def test_an_answer_of_another_version_counts_as_none() -> None:
    path = peers_path("eyes", "k", "json")
    path.write_text(json.dumps([{"name": "optimum"}]))
    assert find_peers("eyes", "k") is None
