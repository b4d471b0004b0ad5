import hashlib
import json

import pytest

from core.reviews.records import (
    NO_HASH,
    Fault,
    LedgerEntry,
    Link,
    Record,
    RecordedReader,
    StoredRecord,
    canonical_json,
    hash_body,
    walk_chain,
)
from tests.reviews.sets import person


def make_record(seq: int, previous: str, reason: str = "") -> StoredRecord:
    entry = LedgerEntry(
        action="skip",
        reader=RecordedReader.of(person("ann")),
        app_version="1",
        review="r",
        dataset_hash="d",
        model_hash="m",
        position=seq,
        reason=reason,
    )
    record = Record(**entry.model_dump(), seq=seq, time="2026-01-01T00:00:00.000Z", previous=previous)
    body = canonical_json(record)
    return StoredRecord(seq, body, hash_body(body))


def make_chain(length: int) -> list[StoredRecord]:
    rows: list[StoredRecord] = []
    for seq in range(1, length + 1):
        rows.append(make_record(seq, rows[-1].hash if rows else NO_HASH))
    return rows


def head_of(rows: list[StoredRecord]) -> Link:
    return Link(rows[-1].seq, rows[-1].hash) if rows else Link(0, NO_HASH)


def find_fault(rows: list[StoredRecord], head: Link, noted: Link | None = None) -> Fault | None:
    found = list(walk_chain(rows, head, noted))
    assert all(isinstance(item, Record) for item in found[:-1])
    last = found[-1] if found else None
    return last if isinstance(last, Fault) else None


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_chain_as_it_was_written_is_whole(length: int) -> None:
    rows = make_chain(length)
    assert find_fault(rows, head_of(rows), head_of(rows)) is None


def test_the_hash_is_that_of_any_sha256_over_sorted_json() -> None:
    row = make_record(1, NO_HASH, "größer\n“x”")
    anew = json.dumps(json.loads(row.body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert anew == row.body
    assert hashlib.sha256(anew.encode("utf-8")).hexdigest() == row.hash


@pytest.mark.parametrize("broken", [1, 3, 5])
def test_a_changed_field_is_named(broken: int) -> None:
    rows = make_chain(5)
    old = rows[broken - 1]
    rows[broken - 1] = StoredRecord(old.seq, old.body.replace('"skip"', '"flag"'), old.hash)
    fault = find_fault(rows, head_of(rows))
    assert fault is not None
    assert (fault.seq, fault.kind) == (broken, "changed")


def test_a_field_changed_together_with_its_hash_shows_at_the_next_record() -> None:
    rows = make_chain(5)
    head = head_of(rows)
    rows[2] = make_record(3, rows[1].hash, "forged")
    fault = find_fault(rows, head)
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "unlinked")


def test_the_last_record_changed_together_with_its_hash_shows_at_the_end() -> None:
    rows = make_chain(5)
    head = head_of(rows)
    rows[4] = make_record(5, rows[3].hash, "forged")
    fault = find_fault(rows, head)
    assert fault is not None
    assert fault.kind == "cut"


@pytest.mark.parametrize("removed", [1, 3])
def test_a_removed_record_is_named(removed: int) -> None:
    rows = make_chain(5)
    head = head_of(rows)
    del rows[removed - 1]
    fault = find_fault(rows, head)
    assert fault is not None
    assert (fault.seq, fault.kind) == (removed, "missing")
    assert f"Record {removed} is missing" in fault.sentence


def test_several_removed_records_are_named() -> None:
    rows = make_chain(9)
    fault = find_fault(rows[:2] + rows[5:], head_of(rows))
    assert fault is not None
    assert "Records 3 to 5 are missing" in fault.sentence


def test_an_inserted_record_is_named() -> None:
    rows = make_chain(4)
    forged = make_record(3, rows[1].hash, "forged")
    moved = [StoredRecord(row.seq + 1, row.body, row.hash) for row in rows[2:]]
    fault = find_fault([*rows[:2], forged, *moved], Link(5, rows[-1].hash))
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "misplaced")


def test_reordered_records_are_named() -> None:
    rows = make_chain(5)
    second, third = rows[1], rows[2]
    rows[1] = StoredRecord(2, third.body, third.hash)
    rows[2] = StoredRecord(3, second.body, second.hash)
    fault = find_fault(rows, head_of(rows))
    assert fault is not None
    assert (fault.seq, fault.kind) == (2, "misplaced")
    assert "written as record 3" in fault.sentence


def test_a_cut_tail_is_named() -> None:
    rows = make_chain(5)
    fault = find_fault(rows[:3], head_of(rows))
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "cut")


def test_a_tail_cut_together_with_the_head_needs_a_note() -> None:
    rows = make_chain(5)
    noted = head_of(rows)
    assert find_fault(rows[:3], head_of(rows[:3])) is None
    fault = find_fault(rows[:3], head_of(rows[:3]), noted)
    assert fault is not None
    assert (fault.seq, fault.kind) == (4, "cut")


def test_a_chain_written_anew_as_a_whole_needs_a_note() -> None:
    rows, forged = make_chain(5), [make_record(1, NO_HASH, "forged")]
    while len(forged) < 6:
        forged.append(make_record(len(forged) + 1, forged[-1].hash))
    assert find_fault(forged, head_of(forged)) is None
    fault = find_fault(forged, head_of(forged), head_of(rows))
    assert fault is not None
    assert (fault.seq, fault.kind) == (5, "replaced")


def test_a_record_that_this_program_never_wrote_is_named() -> None:
    fault = find_fault([StoredRecord(1, "[]", hash_body("[]"))], Link(1, hash_body("[]")))
    assert fault is not None
    assert (fault.seq, fault.kind) == (1, "changed")
