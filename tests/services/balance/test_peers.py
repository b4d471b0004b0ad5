"""The table of peers."""

from core.services import balance
from core.services.balance import peers


def test_the_table_names_every_method_with_its_tuned_number(table):
    found = peers.peer_table(peers.compare_peers(table, balance.default_spec(table)))
    assert found["method"].iloc[0] == "Original set"
    assert found["method"].iloc[-1] == "Optimum (ours)"
    assert found["parameter"].iloc[1].startswith("t = ")
    assert (found["distance"] >= found["optimum_at_equal_ess"] * 0.999).all()
    assert found["distance"].idxmin() in {6, 7}
