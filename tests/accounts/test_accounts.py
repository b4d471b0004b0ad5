"""What admins may do to accounts, and what nobody may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from core.accounts.accounts import (
    change_account,
    create_account,
    create_first_admin,
    find_mode,
    list_accounts,
    list_people,
    reset_password,
    unlock_account,
)
from core.accounts.signing_in import sign_in
from core.domain.identity import Identity, Role, local_identity
from core.errors import AccessError
from core.workspace.database import Database
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, add, begin


def test_accounts_are_on_from_the_first_one_and_a_provider_comes_before_them(database: Database) -> None:
    assert find_mode(database, oidc=False) == "local"
    begin(database)
    assert find_mode(database, oidc=False) == "accounts"
    assert find_mode(database, oidc=True) == "oidc"


def test_there_is_one_first_admin_however_many_try_at_once(database: Database) -> None:
    def attempt(number: int) -> bool:
        try:
            create_first_admin(database, f"admin{number}", PASSWORD)
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_the_first_account_is_an_admins(database: Database) -> None:
    with pytest.raises(AccessError, match="must be an admin's"):
        create_account(database, "Ann", PASSWORD, Role.READER, local_identity("root"))


def test_names_that_look_the_same_are_one(database: Database) -> None:
    admin = begin(database)
    add(database, admin, "Ann Lee")
    for name in ("ann lee", "ANN LEE", "Ann  Lee", " Ann Lee\n", "Ａnn Lee"):
        with pytest.raises(AccessError, match="There is an account with the name"):
            add(database, admin, name)


def test_a_name_that_could_mislead_is_refused(database: Database) -> None:
    for name in ("", "   ", ".ann", "a" * 65, "ann\0x", "a|b", "<b>ann", "a\u202eb", "ann\u200b"):
        with pytest.raises(AccessError, match="A name has 1 to 64"):
            create_first_admin(database, name, PASSWORD)


def test_a_name_with_accents_is_one_however_the_keyboard_composes_them(database: Database) -> None:
    admin = begin(database)
    assert add(database, admin, "Jose\u0301").name == "José"
    assert sign_in(database, "JOSÉ", PASSWORD).identity.name == "José"


def test_a_password_that_is_tried_first_is_refused(database: Database) -> None:
    for password in ("short", "a" * 129, "a" * 16, "password1234", "annleeannlee1", "Counterpoise1"):
        with pytest.raises(AccessError, match="password"):
            create_first_admin(database, "Annlee", password)


def test_the_last_admin_stays_one(database: Database) -> None:
    admin = begin(database)
    add(database, admin, "Ann", Role.READER)
    for role, active in ((Role.RESEARCHER, None), (Role.READER, None), (None, False)):
        with pytest.raises(AccessError, match="last admin"):
            change_account(database, admin.id, admin, role=role, active=active)
    assert sign_in(database, admin.name, PASSWORD).identity.role is Role.ADMIN


def test_two_admins_who_take_each_others_role_leave_one(database: Database) -> None:
    first = begin(database)
    second = sign_in(database, add(database, first, "Second", Role.ADMIN).name, PASSWORD).identity

    def demote(pair: tuple[Identity, Identity]) -> bool:
        by, other = pair
        try:
            change_account(database, other.id, by, role=Role.READER)
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, [(first, second), (second, first)])) == [False, True]


def test_nobody_but_an_admin_manages_accounts(database: Database) -> None:
    admin = begin(database)
    for role in (Role.READER, Role.RESEARCHER):
        account = add(database, admin, f"Some {role}", role)
        person = sign_in(database, account.name, PASSWORD).identity
        attempts: list[Callable[[], object]] = [
            partial(add, database, person, "Bob"),
            partial(list_accounts, database, person),
            partial(change_account, database, account.id, person, role=Role.ADMIN),
            partial(unlock_account, database, admin.id, person),
            partial(reset_password, database, admin.id, OTHER_PASSWORD, person),
        ]
        for attempt in attempts:
            with pytest.raises(AccessError, match="may not"):
                attempt()


def test_readers_are_listed_for_researchers_without_the_closed_ones(database: Database) -> None:
    admin = begin(database)
    gone = add(database, admin, "Gone")
    add(database, admin, "Ann")
    change_account(database, gone.id, admin, active=False)
    assert [person.name for person in list_people(database, admin)] == ["Ann", "Root"]
    assert [item.name for item in list_accounts(database, admin)] == ["Ann", "Gone", "Root"]


def test_an_account_that_is_not_there_is_said_to_be_so(database: Database) -> None:
    admin = begin(database)
    with pytest.raises(AccessError, match="no such account"):
        change_account(database, "nobody", admin, role=Role.READER)


def test_the_person_of_the_single_user_mode_has_a_name_whatever_the_machine_says() -> None:
    for user in ("", "\0", "x" * 1000):
        person = local_identity(user)
        assert person.id.startswith("local:")
        assert not person.verified
