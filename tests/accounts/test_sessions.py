"""How long somebody stays signed in."""

import pytest
from sqlalchemy import text

from core.accounts.accounts import change_account
from core.accounts.sessions import IDLE_SECONDS, LONGEST_SECONDS, end_session, find_person
from core.accounts.signing_in import sign_in
from core.domain.identity import Role
from core.workspace.database import Database
from tests.accounts.people import PASSWORD, Clock, add, begin


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token(database: Database, clock: Clock) -> str:
    begin(database)
    return sign_in(database, "Root", PASSWORD, clock).token


def test_a_token_finds_its_person_and_the_database_holds_only_its_hash(
    database: Database, clock: Clock, token: str
) -> None:
    person = find_person(database, token, clock=clock)
    assert person is not None
    assert person.name == "Root"
    with database.reading() as session:
        assert token not in session.scalars(text("SELECT token_hash FROM sessions")).all()


def test_a_made_up_token_finds_nobody(database: Database, clock: Clock, token: str) -> None:
    for made_up in ("", "x", "\0", "\ud800", "x" * 10_000, token[:-1], token + "x", token.swapcase()):
        assert find_person(database, made_up, clock=clock) is None


def test_a_session_ends_after_an_hour_without_use(database: Database, clock: Clock, token: str) -> None:
    clock.now += IDLE_SECONDS - 1
    assert find_person(database, token, clock=clock)  # which is a use
    clock.now += IDLE_SECONDS - 1
    assert find_person(database, token, used=False, clock=clock)  # which is none
    clock.now += 1
    assert find_person(database, token, clock=clock) is None


def test_a_session_in_use_ends_after_a_working_day(database: Database, clock: Clock, token: str) -> None:
    end = clock.now + LONGEST_SECONDS
    while clock.now + 1800 < end:
        clock.now += 1800
        assert find_person(database, token, clock=clock)
    clock.now = end
    assert find_person(database, token, clock=clock) is None


def test_signing_out_ends_the_session_for_good(database: Database, clock: Clock, token: str) -> None:
    other = sign_in(database, "Root", PASSWORD, clock).token
    end_session(database, token)
    end_session(database, token)
    assert find_person(database, token, clock=clock) is None
    assert find_person(database, other, clock=clock)


def test_roles_and_closing_count_at_once(database: Database) -> None:
    admin = begin(database)
    ann = add(database, admin, "Ann")
    token = sign_in(database, "Ann", PASSWORD).token
    change_account(database, ann.id, admin, role=Role.RESEARCHER)
    found = find_person(database, token)
    assert found is not None
    assert found.role is Role.RESEARCHER
    change_account(database, ann.id, admin, active=False)
    assert find_person(database, token) is None
    change_account(database, ann.id, admin, active=True)
    assert find_person(database, token) is None  # what was ended stays so


def test_old_sessions_are_cleared_away(database: Database, clock: Clock, token: str) -> None:
    clock.now += LONGEST_SECONDS
    sign_in(database, "Root", PASSWORD, clock)
    with database.reading() as session:
        assert (
            session.scalar(text("SELECT count(*) FROM sessions WHERE began < :now"), {"now": clock.now}) == 0
        )
    assert token
