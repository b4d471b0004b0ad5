"""Who gets in, who does not, and what whoever guesses learns by it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from core.accounts import passwords, signing_in
from core.accounts.accounts import change_account, list_accounts, reset_password, unlock_account
from core.accounts.attempts import FREE_FAILURES
from core.accounts.sessions import find_person
from core.accounts.signing_in import change_password, sign_in
from core.domain.identity import Role
from core.errors import AccessError
from core.workspace.database import Database
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, Clock, add, begin

NAMES = {"known": "Root", "unknown": "Nobody"}


def refusal(database: Database, name: str, clock: Clock) -> str:
    with pytest.raises(AccessError) as caught:
        sign_in(database, name, "a wrong password here", clock)
    return str(caught.value)


def test_name_and_password_open_the_account_and_nothing_else_does(database: Database) -> None:
    admin = begin(database)
    add(database, admin, "Ann", Role.RESEARCHER)
    ann = sign_in(database, "ANN", PASSWORD).identity
    assert (ann.name, ann.role, ann.sign_in, ann.verified) == ("Ann", Role.RESEARCHER, "password", True)
    for name, password in (("Ann", PASSWORD + "x"), ("Ann", ""), ("", ""), ("Ann", PASSWORD.upper())):
        with pytest.raises(AccessError):
            sign_in(database, name, password)


def test_the_password_itself_is_stored_nowhere(database: Database) -> None:
    begin(database)
    with database.reading() as session:
        stored = session.scalars(text("SELECT password_hash FROM accounts")).one()
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_a_name_that_does_not_exist_is_refused_with_the_same_words_and_the_same_work(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database)
    clock, hashes = Clock(), []

    def watched(stored: str, password: str) -> bool:
        hashes.append(stored)
        return passwords.matches(stored, password)

    monkeypatch.setattr(signing_in, "matches", watched)
    said = {kind: refusal(database, name, clock) for kind, name in NAMES.items()}
    assert said["known"] == said["unknown"]
    costs = [stored.rsplit("$", 2)[0] for stored in hashes]
    assert len(costs) == 2
    assert costs[0] == costs[1]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_the_sixth_failure_locks_a_name_for_a_minute_whether_or_not_it_exists(
    database: Database, name: str
) -> None:
    begin(database)
    clock = Clock()
    for _ in range(FREE_FAILURES + 1):
        assert "locked after" not in refusal(database, name, clock)
    assert "Try again in 1 minute (at 08:01:00 UTC)" in refusal(database, name, clock)
    clock.now += 59
    assert "locked" in refusal(database, name, clock)
    clock.now += 2
    assert "wrong" in refusal(database, name, clock)
    assert "Try again in 2 minutes" in refusal(database, name, clock)


def test_no_lock_is_longer_than_an_hour_and_what_is_a_day_old_is_forgotten(database: Database) -> None:
    begin(database)
    clock = Clock()
    for _ in range(FREE_FAILURES + 9):
        refusal(database, "Root", clock)
        clock.now += 3601
    refusal(database, "Root", clock)
    assert "Try again in 60 minutes" in refusal(database, "Root", clock)
    clock.now += 86_401
    for _ in range(FREE_FAILURES):
        refusal(database, "Root", clock)
    assert sign_in(database, "Root", PASSWORD, clock)


def test_the_right_password_does_not_open_a_locked_name_and_a_success_forgets_failures(
    database: Database,
) -> None:
    begin(database)
    clock = Clock()
    for _ in range(FREE_FAILURES + 1):
        refusal(database, "Root", clock)
    with pytest.raises(AccessError, match="locked"):
        sign_in(database, "Root", PASSWORD, clock)
    clock.now += 61
    assert sign_in(database, "Root", PASSWORD, clock)
    for _ in range(FREE_FAILURES):
        refusal(database, "Root", clock)
    assert sign_in(database, "Root", PASSWORD, clock)


def test_many_attempts_at_once_get_no_more_tries_than_one_after_the_other(database: Database) -> None:
    begin(database)
    clock = Clock()

    def attempt(_: int) -> bool:
        return "wrong" in refusal(database, "Root", clock)

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(12))) == FREE_FAILURES + 1


def test_many_at_once_under_a_new_name_each_get_a_sentence(database: Database) -> None:
    begin(database)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: refusal(database, "Nobody", Clock()), range(4)))
    assert len(set(said)) == 1


def test_an_admin_sees_a_lock_and_ends_it(database: Database) -> None:
    admin = begin(database)
    ann = add(database, admin, "Ann")
    clock = Clock()
    for _ in range(FREE_FAILURES + 1):
        refusal(database, "ann", clock)
    assert (
        next(item.locked_until for item in list_accounts(database, admin) if item.name == "Ann") > clock.now
    )
    unlock_account(database, ann.id, admin)
    assert sign_in(database, "Ann", PASSWORD, clock)


def test_a_closed_account_is_refused_like_a_wrong_password_until_it_is_reopened(database: Database) -> None:
    admin = begin(database)
    ann = add(database, admin, "Ann")
    change_account(database, ann.id, admin, active=False)
    with pytest.raises(AccessError, match="wrong"):
        sign_in(database, "Ann", PASSWORD)
    change_account(database, ann.id, admin, active=True)
    assert sign_in(database, "Ann", PASSWORD)


def test_a_reset_password_works_and_the_old_one_and_its_sessions_do_not(database: Database) -> None:
    admin = begin(database)
    ann = add(database, admin, "Ann")
    token = sign_in(database, "Ann", PASSWORD).token
    reset_password(database, ann.id, OTHER_PASSWORD, admin)
    assert find_person(database, token) is None
    assert sign_in(database, "Ann", OTHER_PASSWORD)
    with pytest.raises(AccessError):
        sign_in(database, "Ann", PASSWORD)


def test_changing_the_own_password_asks_for_the_old_one_and_signs_out_elsewhere(database: Database) -> None:
    begin(database)
    here, there = sign_in(database, "Root", PASSWORD), sign_in(database, "Root", PASSWORD)
    with pytest.raises(AccessError, match="wrong"):
        change_password(database, here.identity, "not the old password", OTHER_PASSWORD, here.token)
    assert find_person(database, there.token)
    change_password(database, here.identity, PASSWORD, OTHER_PASSWORD, here.token)
    assert find_person(database, here.token)
    assert find_person(database, there.token) is None
    assert sign_in(database, "Root", OTHER_PASSWORD)


def test_a_hash_of_another_cost_is_renewed_at_sign_in(database: Database) -> None:
    begin(database)
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.writing() as session:
        session.execute(text("UPDATE accounts SET password_hash = :old"), {"old": old})
    sign_in(database, "Root", PASSWORD)
    with database.reading() as session:
        assert not passwords.is_outdated(session.scalars(text("SELECT password_hash FROM accounts")).one())
    assert sign_in(database, "Root", PASSWORD)


def test_a_hostile_name_or_password_is_refused_like_any_other(database: Database) -> None:
    begin(database)
    for hostile in ("\0", "x" * 100_000, "\ud800", "Robert'); DROP TABLE accounts;--", "%"):
        for name, password in ((hostile, PASSWORD), ("Root", hostile)):
            with pytest.raises(AccessError, match=r"wrong|locked"):
                sign_in(database, name, password, Clock())
    later = Clock()
    later.now += 3601
    assert sign_in(database, "Root", PASSWORD, later)
