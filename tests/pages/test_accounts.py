"""Accounts on the Settings page."""

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Identity, Role
from core.errors import AccessError
from core.services import accounts
from tests.pages.conftest import OpenPage
from tests.pages.test_sign_in import PASSWORD, cheap_hashes, fill_in, people

__all__ = ["cheap_hashes", "people"]  # fixtures
OTHER = "some quite different words"


def settings(open_page: OpenPage, name: str) -> AppTest:
    page = fill_in(open_page("settings"), name)
    page.switch_page("pages/settings.py").run()
    return page


def type_twice(page: AppTest, key: str, password: str, again: str | None = None) -> None:
    page.text_input(key=f"{key}.new").set_value(password)
    page.text_input(key=f"{key}.again").set_value(password if again is None else again)
    page.button(key=f"{key}.save").click().run()
    assert not page.exception


def dialog(call: str, name: str = "") -> AppTest:
    """A dialog that is open; one that a button opens would close at the next run without a browser."""
    app = AppTest.from_string(
        f"from pages._ui.accounts import first, manage, own\n{call}", default_timeout=30
    )
    if name:
        app.session_state["sign_in.token"] = accounts.sign_in(name, PASSWORD).token
    return app.run()


def admin_of(people: dict[Role, str]) -> Identity:
    return accounts.sign_in(people[Role.ADMIN], PASSWORD).identity


def test_the_first_account_turns_sign_in_on_and_signs_in(open_page: OpenPage) -> None:
    page = open_page("settings").button(key="first.open").click().run()
    assert "cannot be turned off here" in page.warning[0].value
    page = dialog("first._turn_on()")
    page.text_input(key="first.name").set_value("Root")
    type_twice(page, "first", PASSWORD)
    person = accounts.find_person(page.session_state["sign_in.token"])
    assert person is not None
    assert (person.name, person.role) == ("Root", Role.ADMIN)
    assert open_page("home").title[0].value == "Sign in"


def test_passwords_that_differ_change_nothing(open_page: OpenPage) -> None:
    page = dialog("first._turn_on()")
    page.text_input(key="first.name").set_value("Root")
    type_twice(page, "first", PASSWORD, "something else altogether")
    assert "differ" in page.error[0].value
    assert accounts.find_mode(oidc=False) == "local"


def test_an_admin_adds_a_reader_who_can_sign_in(people: dict[Role, str]) -> None:
    page = dialog("manage._add()", people[Role.ADMIN])
    page.text_input(key="new.name").set_value("Dr Ann Lee")
    type_twice(page, "new", OTHER)
    assert accounts.sign_in("dr ann lee", OTHER).identity.role is Role.READER


def test_a_dialog_that_was_left_open_does_nothing_for_who_is_no_longer_an_admin(
    people: dict[Role, str],
) -> None:
    page = dialog("manage._add()", people[Role.ADMIN])
    accounts.sign_out(page.session_state["sign_in.token"])
    page.text_input(key="new.name").set_value("Intruder")
    type_twice(page, "new", OTHER)
    assert "no longer signed in" in page.error[0].value
    with pytest.raises(AccessError):
        accounts.sign_in("Intruder", OTHER)


def test_an_admin_gives_a_role_and_reopens_an_account(open_page: OpenPage, people: dict[Role, str]) -> None:
    page = settings(open_page, people[Role.ADMIN])
    admin = admin_of(people)
    reader = accounts.find_account(people[Role.READER], admin)
    page.selectbox(key="accounts.chosen").select(reader.id).run()
    page.selectbox(key=f"accounts.role.{reader.id}").select(Role.RESEARCHER).run()
    page.button(key="accounts.give").click().run()
    assert accounts.find_account(reader.id, admin).role is Role.RESEARCHER
    page.button(key="accounts.close").click().run()
    assert accounts.find_account(reader.id, admin).active  # it asks first
    accounts.change(reader.id, admin, active=False)
    page.run()
    page.button(key="accounts.reopen").click().run()
    assert accounts.find_account(reader.id, admin).active


def test_the_last_admin_is_told_why_the_role_stays(open_page: OpenPage, people: dict[Role, str]) -> None:
    page = settings(open_page, people[Role.ADMIN])
    own = accounts.find_account(people[Role.ADMIN], admin_of(people))
    page.selectbox(key="accounts.chosen").select(own.id).run()
    page.selectbox(key=f"accounts.role.{own.id}").select(Role.READER).run()
    page.button(key="accounts.give").click().run()
    assert "last admin" in page.error[0].value


@pytest.mark.parametrize("deed", ["_reset", "_close"])
def test_an_admin_gives_a_new_password_or_closes_an_account(people: dict[Role, str], deed: str) -> None:
    reader = accounts.find_account(people[Role.READER], admin_of(people))
    find = f"accounts.find_account({reader.id!r}, sign_in.identity())"
    call = f"from core.services import accounts\nfrom pages._ui import sign_in\nmanage.{deed}({find})"
    page = dialog(call, people[Role.ADMIN])
    if deed == "_reset":
        type_twice(page, "reset", OTHER)
        assert accounts.sign_in(people[Role.READER], OTHER)
    else:
        page.button(key="close.save").click().run()
        assert not accounts.find_account(reader.id, admin_of(people)).active
    with pytest.raises(AccessError):
        accounts.sign_in(people[Role.READER], PASSWORD)


def test_a_reader_changes_the_own_password_and_stays_signed_in(people: dict[Role, str]) -> None:
    page = dialog("own._change()", people[Role.READER])
    page.text_input(key="own.old").set_value(PASSWORD)
    type_twice(page, "own", OTHER)
    assert accounts.find_person(page.session_state["sign_in.token"])
    assert accounts.sign_in(people[Role.READER], OTHER)
    with pytest.raises(AccessError):
        accounts.sign_in(people[Role.READER], PASSWORD)


def test_nobody_but_an_admin_sees_the_accounts(open_page: OpenPage, people: dict[Role, str]) -> None:
    page = settings(open_page, people[Role.RESEARCHER])
    assert "Accounts" not in {item.value for item in page.subheader}
    assert not page.dataframe
