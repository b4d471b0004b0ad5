"""The promises of the ledger: nothing lost, nothing doubled, nothing half, nothing changed unseen."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import ReviewError
from core.reviews.assigning import assign, release
from core.reviews.deciding import decide
from core.reviews.ledger import Verification, verify_ledger
from core.reviews.mask_files import digest_mask
from core.reviews.opening import close_review
from core.reviews.reading import read_corrected, read_decisions
from core.reviews.records import Link
from core.reviews.store import ReviewStore
from core.workspace.database import Database
from tests.reviews.sets import ADMIN, CLASSES, ask, begin, draw, make_store, person

ROOT = Path(__file__).resolve().parents[2]
READERS, EACH = 20, 200


def change(database: Database, statement: str, table: str = "ledger") -> None:
    """What somebody with the database's password may do: switch the guard off, then change a row."""
    with database.writing() as session:
        if database.engine.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
        else:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        session.execute(text(statement))


def fault_of(verification: Verification) -> tuple[int, str]:
    assert verification.fault is not None
    return verification.fault.seq, verification.fault.kind


@pytest.fixture
def five(store: ReviewStore) -> ReviewStore:
    """A ledger of five records: an opened review and four decisions."""
    review = begin(store)
    for number in range(4):
        decide(store, review.id, number % 3, person("ann"), ask(str(number), "reject", reason="blurred"))
    return store


def test_twenty_readers_at_once_lose_and_double_nothing(store: ReviewStore) -> None:
    review = begin(store, cases=EACH)

    def read_all(number: int) -> list[int]:
        reader = person(f"reader{number}")
        return [decide(store, review.id, case, reader, ask(f"{number}-{case}")).seq for case in range(EACH)]

    with ThreadPoolExecutor(READERS) as pool:
        confirmed = [seq for seqs in pool.map(read_all, range(READERS)) for seq in seqs]
    assert sorted(confirmed) == list(range(2, READERS * EACH + 2))
    assert len({item.token for item in read_decisions(store, review.id)}) == READERS * EACH
    verification = verify_ledger(store.database)
    assert verification.intact
    assert verification.records == READERS * EACH + 1


def test_impatient_readers_in_several_processes_lose_and_double_nothing(store: ReviewStore) -> None:
    review = begin(store, cases=10)
    workers = [start_writer(store, review.id, "shared", 10) for _ in range(2)]  # the same tokens from both
    workers += [start_writer(store, review.id, f"own{number}", 10) for number in range(2)]
    for worker in workers:
        output, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        assert len(output.splitlines()) == 10
    assert len(read_decisions(store, review.id)) == 30
    verification = verify_ledger(store.database)
    assert verification.intact
    assert verification.records == 31


def test_what_was_confirmed_outlives_a_kill_in_the_middle_of_saving(store: ReviewStore) -> None:
    review = begin(store, cases=10)
    worker = start_writer(store, review.id, "killed", 100_000)
    assert worker.stdout is not None
    confirmed = [worker.stdout.readline().split() for _ in range(25)]
    os.kill(worker.pid, signal.SIGKILL)
    rest, _ = worker.communicate(timeout=60)
    confirmed += [line.split() for line in rest.splitlines() if line.endswith(".")]
    kept = read_decisions(store, review.id)
    assert [str(item.seq) for item in kept[: len(confirmed)]] == [seq for seq, _ in confirmed]
    assert len(kept) <= len(confirmed) + 1  # the one that was stored but not yet confirmed
    verification = verify_ledger(store.database)
    assert verification.intact
    assert verification.records == len(kept) + 1
    for item in kept:
        if item.mask_after is not None:
            mask = read_corrected(store, review.id, item.position, item.mask_after)
            assert digest_mask(mask, CLASSES) == item.mask_after


def test_an_intact_ledger_is_said_to_be_so(five: ReviewStore) -> None:
    verification = verify_ledger(five.database)
    assert verification.intact
    assert verification.last.seq == verification.records == 5
    assert verify_ledger(five.database, verification.last).intact


@pytest.mark.parametrize(
    ("statement", "seq", "kind"),
    [
        ("UPDATE ledger SET body = replace(body, 'blurred', 'sharp') WHERE seq = 3", 3, "changed"),
        ("UPDATE ledger SET hash = '" + "0" * 64 + "' WHERE seq = 3", 3, "changed"),
        ("UPDATE ledger_head SET seq = 4", 6, "cut"),
    ],
)
def test_a_record_changed_by_hand_is_named(five: ReviewStore, statement: str, seq: int, kind: str) -> None:
    change(five.database, statement)
    assert fault_of(verify_ledger(five.database)) == (seq, kind)


def test_a_removed_record_is_named(five: ReviewStore) -> None:
    change(five.database, "DELETE FROM decisions WHERE seq = 4", "decisions")
    change(five.database, "DELETE FROM ledger WHERE seq = 4")
    assert fault_of(verify_ledger(five.database)) == (4, "missing")


def test_a_cut_tail_is_named(five: ReviewStore) -> None:
    noted = verify_ledger(five.database).last
    change(five.database, "DELETE FROM decisions WHERE seq = 5", "decisions")
    change(five.database, "DELETE FROM ledger WHERE seq = 5")
    assert fault_of(verify_ledger(five.database)) == (5, "cut")
    change(five.database, "UPDATE ledger_head SET seq = 4, hash = (SELECT hash FROM ledger WHERE seq = 4)")
    assert verify_ledger(five.database).intact  # as far as the database alone can tell
    assert fault_of(verify_ledger(five.database, noted)) == (5, "cut")


def test_a_decision_changed_without_its_record_is_named_with_the_field(five: ReviewStore) -> None:
    change(five.database, "UPDATE decisions SET action = 'accept' WHERE seq = 3", "decisions")
    verification = verify_ledger(five.database)
    assert fault_of(verification) == (3, "decision")
    assert "differs from its record in action" in str(verification.fault)


def test_a_decision_removed_without_its_record_is_named(five: ReviewStore) -> None:
    change(five.database, "DELETE FROM decisions WHERE seq = 5", "decisions")
    verification = verify_ledger(five.database)
    assert fault_of(verification) == (5, "decision")
    assert "is missing" in str(verification.fault)


@pytest.fixture
def assigned(store: ReviewStore) -> ReviewStore:
    """Record 1 opens a review, 2 and 3 give a case to two, 4 takes it from one, 5 decides it, 6 closes."""
    review = begin(store)
    assign(store, review.id, {0: ["id-ann", "id-ben"]}, ADMIN)
    release(store, review.id, "id-ben", ADMIN)
    decide(store, review.id, 0, person("ann"), ask("1"))
    close_review(store, review.id, ADMIN)
    return store


@pytest.mark.parametrize(
    ("statement", "seq", "said"),
    [
        ("UPDATE reviews SET spec = replace(spec, 'Lungs', 'Hearts')", 1, "changed"),
        ("DELETE FROM cases WHERE position = 2", 1, "changed"),
        ("UPDATE reviews SET closed = NULL", 6, "by hand"),
        ("DELETE FROM assignments", 2, "undone by hand"),
        ("UPDATE assignments SET kind = 'adjudicator'", 1, "added to case 0"),
        ("INSERT INTO assignments SELECT review, 0, 'id-ben', kind FROM assignments", 4, "undone"),
        ("INSERT INTO assignments SELECT review, 1, 'id-ben', kind FROM assignments", 1, "added to case 1"),
        ("INSERT INTO reviews SELECT 'new', spec, created, created_by, NULL FROM reviews", 1, "no record"),
        ("UPDATE cases SET spec = replace(spec, 'case-0', 'case-9') WHERE position = 0", 5, "of record 5"),
        ("UPDATE cases SET spec = 'none'", 5, "of record 5"),
    ],
)
def test_what_stands_beside_the_ledger_is_compared_with_it(
    assigned: ReviewStore, statement: str, seq: int, said: str
) -> None:
    assert verify_ledger(assigned.database).intact
    change(assigned.database, statement)
    found = verify_ledger(assigned.database).fault
    assert found is not None
    assert (found.seq, found.kind) == (seq, "standing")
    assert said in found.sentence


def test_a_ledger_whose_end_is_not_noted_any_more_is_named_and_takes_nothing(five: ReviewStore) -> None:
    change(five.database, "DELETE FROM ledger_head")
    assert fault_of(verify_ledger(five.database)) == (6, "cut")
    with pytest.raises(ReviewError, match="where the ledger ends"):
        begin(five)


def test_a_note_of_another_ledger_does_not_fit(five: ReviewStore) -> None:
    assert fault_of(verify_ledger(five.database, Link(3, "f" * 64))) == (3, "replaced")


def start_writer(store: ReviewStore, review: str, name: str, count: int) -> "subprocess.Popen[str]":
    """Another process that decides and corrects, and says each confirmed decision on a line of its own."""
    url = store.database.engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.reviews.test_ledger",
            url,
            str(store.folder.parent),
            review,
            name,
            str(count),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def _write(url: str, folder: str, review: str, name: str, count: str) -> None:
    from core.workspace.database import open_database

    store = make_store(open_database(url), Path(folder))
    for number in range(int(count)):
        token = f"{name}-{number}"
        if number % 5:
            made = decide(store, review, number % 10, person(name), ask(token))
        else:
            drawn = draw((number // 5 % 6, number // 30 % 8))
            made = decide(store, review, number % 10, person(name), ask(token, "correct"), drawn)
        print(made.seq, ".", flush=True)


if __name__ == "__main__":
    _write(*sys.argv[1:])
