"""Who may see which page, and what nobody sees before signing in."""

import tomllib

import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from core.accounts import passwords
from core.domain.identity import Role, local_identity
from core.services import accounts
from tests.conftest import ROOT
from tests.pages.conftest import OpenPage

PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def people(workspace: object) -> dict[Role, str]:
    """Accounts are on: one of each role, by its name."""
    assert workspace
    names = {role: f"The {role}" for role in reversed(Role)}
    for role, name in names.items():
        accounts.add(name, PASSWORD, role, local_identity("test"))
    return names


def fill_in(page: AppTest, name: str, password: str = PASSWORD) -> AppTest:
    page.text_input(key="sign_in.name").set_value(name)
    page.text_input(key="sign_in.password").set_value(password)
    page.button(key="sign_in.go").click().run()
    assert not page.exception
    return page


def everything_said(page: AppTest) -> str:
    return " ".join(
        str(element.value) for kind in ("title", "markdown", "caption", "code") for element in page.get(kind)
    )


def links(page: AppTest) -> set[str]:
    return {element.proto.label for element in page.sidebar.get("page_link")}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_anything_before_sign_in(
    name: str, open_page: OpenPage, scanned: str, people: dict[Role, str]
) -> None:
    page = open_page(name, dataset=scanned)
    assert [title.value for title in page.title] == ["Sign in"]
    assert "Retina" not in everything_said(page)
    assert not links(page)


@pytest.mark.parametrize("name", PAGES)
def test_without_accounts_nobody_signs_in(name: str, open_page: OpenPage) -> None:
    assert [title.value for title in open_page(name).title] != ["Sign in"]


def test_the_right_password_leads_to_the_page_of_the_address(
    open_page: OpenPage, scanned: str, people: dict[Role, str]
) -> None:
    page = fill_in(open_page("home", dataset=scanned), people[Role.RESEARCHER])
    page.switch_page("pages/dataset.py").run()
    assert page.title[0].value != "Sign in"
    assert "Retina" in everything_said(page)
    assert "The researcher" in everything_said(page)


def test_a_wrong_password_says_one_sentence_whoever_was_meant(
    open_page: OpenPage, people: dict[Role, str]
) -> None:
    said = [
        fill_in(open_page(), name, "not the right password").error[0].value
        for name in (people[Role.READER], "Nobody")
    ]
    assert said[0] == said[1]
    assert "Name or password is wrong" in said[0]


def test_a_lock_is_said_with_its_time(open_page: OpenPage, people: dict[Role, str]) -> None:
    page = open_page()
    for _ in range(7):
        page = fill_in(page, "Nobody", "wrong")
    assert "Try again in 1 minute" in page.error[0].value


def test_a_reader_sees_reviews_and_their_own_settings_only(
    open_page: OpenPage, people: dict[Role, str]
) -> None:
    page = fill_in(open_page(), people[Role.READER])
    assert links(page) <= {"Review", "Settings"}
    for name in PAGES:
        page.switch_page(f"pages/{name}.py").run()
        assert not page.exception
        assert page.title[0].value in {"Review", "Settings"}
    page.switch_page("pages/settings.py").run()
    assert not {"Workspace", "Devices", "Accounts"} & {item.value for item in page.subheader}


def test_who_is_signed_in_elsewhere_is_out_at_once_when_the_account_is_closed(
    open_page: OpenPage, people: dict[Role, str]
) -> None:
    page = fill_in(open_page(), people[Role.RESEARCHER])
    admin = local_identity("test")
    accounts.change(accounts.find_account(people[Role.RESEARCHER], admin).id, admin, active=False)
    page.switch_page("pages/train.py").run()
    assert [title.value for title in page.title] == ["Sign in"]
    assert "no longer signed in" in everything_said(page)


def test_signing_out_ends_the_session_on_the_server(open_page: OpenPage, people: dict[Role, str]) -> None:
    page = fill_in(open_page(), people[Role.ADMIN])
    token = page.session_state["sign_in.token"]
    assert accounts.find_person(token)
    page.button(key="frame.sign_out").click().run()
    assert [title.value for title in page.title] == ["Sign in"]
    assert accounts.find_person(token) is None


@pytest.mark.parametrize("reloaded", [False, True])
def test_what_one_person_left_in_a_tab_is_gone_for_the_next(
    open_page: OpenPage, people: dict[Role, str], reloaded: bool
) -> None:
    page = fill_in(open_page(), people[Role.ADMIN])
    token = page.session_state["sign_in.token"]
    if reloaded:  # known by the cookie, which this stands for
        page = open_page()
        page.session_state["sign_in.token"] = token
        page.run()
    page.session_state["balance.spec"] = "the admin's"
    accounts.sign_out(token)
    fill_in(page.run(), people[Role.RESEARCHER])
    assert "balance.spec" not in page.session_state


def test_a_database_that_cannot_be_read_lets_nobody_in(
    open_page: OpenPage, people: dict[Role, str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("COUNTERPOISE_DATABASE_URL", f"sqlite:///{tmp_path}")
    page = open_page("dataset")
    assert "cannot be" in page.error[0].value
    assert not page.title


def test_a_broken_secrets_file_lets_nobody_in(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from streamlit import config
    from streamlit.runtime.secrets import secrets_singleton

    broken = f"{tmp_path}/secrets.toml"
    with open(broken, "w") as file:  # noqa: PTH123
        file.write("[auth\n")
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [broken])
    secrets_singleton._reset()
    try:
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    finally:
        config.set_option("secrets.files", before)
        secrets_singleton._reset()
    assert "nobody can until it is mended" in page.error[0].value
    assert not page.title


def test_others_who_can_reach_a_server_without_accounts_are_warned_of(open_page: OpenPage) -> None:
    from streamlit import config

    assert not open_page().warning
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")  # noqa: S104  # the case that is warned of
    try:
        assert "nobody has to sign in" in open_page().warning[0].value
    finally:
        config.set_option("server.address", before)


def test_the_server_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
