"""The table of peers, at once and in the background."""

import numpy as np

from core.domain.balance import Bounds, ClassTarget, DescentSettings, Drift
from core.jobs.peers import run_peers
from core.services import balance
from core.services.balance import peers


def test_the_table_names_every_method_with_its_tuned_number(table):
    found = peers.peer_table(peers.compare_peers(table, balance.default_spec(table)))
    assert found["method"].iloc[0] == "Original set"
    assert found["method"].iloc[-1] == "Optimum (ours)"
    assert found["parameter"].iloc[1].startswith("t = ")
    assert (found["distance"] >= found["optimum_at_equal_ess"] * 0.999).all()
    assert found["distance"].idxmin() in {6, 7}
    assert found["worst_miss"].between(0, 1).all()


def test_settings_of_ones_own_have_a_line_of_their_own(table):
    update = {"drift": Drift(strength="min_ess", value=0.9), "bounds": Bounds(max_copies=3)}
    found = peers.peer_table(
        peers.compare_peers(table, balance.default_spec(table).model_copy(update=update))
    )
    assert found["method"].iloc[-1] == "Optimum at your settings (ours)"
    assert found["ess"].iloc[-1] >= 0.9 - 1e-6


def test_pixel_shares_leave_out_who_knows_only_presence(dataset):
    spec = balance.switch_quantity(dataset, balance.default_spec(balance.label_table(dataset)), "pixels")
    found = peers.peer_table(peers.compare_peers(balance.quantity_table(dataset, "pixels"), spec))
    assert found["note"].astype(bool).tolist() == [False] + 5 * [True] + 2 * [False]
    assert found["distance"].isna().tolist() == found["note"].astype(bool).tolist()


def test_a_comparison_is_kept_under_what_was_asked(dataset_id, dataset, table):
    spec = balance.default_spec(table)
    key = balance.peers_key(dataset.fingerprint, spec)
    assert balance.find_peers(dataset_id, key) is None
    balance.keep_peers(dataset_id, key, table, spec)
    kept = balance.find_peers(dataset_id, key)
    assert kept[0].name == "original"
    slower = spec.model_copy(update={"descent": DescentSettings(lr=0.01)})
    assert balance.peers_key(dataset.fingerprint, slower) == key
    moved = spec.model_copy(update={"targets": (ClassTarget(name="disc", share=0.5), *spec.targets[1:])})
    assert balance.peers_key(dataset.fingerprint, moved) != key


def test_the_job_finds_what_is_found_at_once(dataset_id, dataset, table, monkeypatch):
    monkeypatch.setattr(peers, "submit", lambda run: None)
    spec = balance.default_spec(table)
    run = balance.start_peers(dataset_id, "key", table, spec)
    assert balance.find_peers_run(dataset_id, "key") == run
    seen = []
    run_peers({"dataset": dataset_id, "key": "key"}, lambda *told: seen.append(told), lambda: False)
    assert seen[-1][0] == seen[-1][1]
    for one, other in zip(
        balance.find_peers(dataset_id, "key"), balance.compare_peers(table, spec), strict=True
    ):
        np.testing.assert_allclose(one.shares, other.shares)
        assert one.name == other.name
