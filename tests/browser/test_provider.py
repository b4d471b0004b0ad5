"""Signing in at an identity provider, from the button to the role, against one that runs beside the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving
from tests.browser.provider import CLIENT, SECRET, providing

pytestmark = pytest.mark.browser
PEOPLE: dict[str, dict[str, object]] = {
    "root": {"sub": "1", "name": "Root", "groups": ["it"]},
    "ann": {"sub": "2", "name": "Dr Ann Lee", "groups": ["radiology"]},
    "stranger": {"sub": "3", "name": "Stranger"},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that trusts a provider of its own."""
    home = tmp_path_factory.mktemp("provider")
    with providing(PEOPLE) as provider, pytest.MonkeyPatch.context() as patch:
        secrets = home / "secrets.toml"
        secrets.write_text(
            f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{"x" * 40}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"

[roles]
admin = ["it"]
reader = ["radiology"]
"""
        )
        patch.setenv("STREAMLIT_SECRETS_FILES", str(secrets))
        with serving(Path(home)) as address:
            yield address


def enter(tab: Page, app: str, who: str, page: str = "") -> None:
    tab.goto(f"{app}/{page}")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name=who).click()


def test_a_group_of_the_provider_gives_the_role(app: str, tab: Page) -> None:
    enter(tab, app, "root")
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("Root")
    tab.goto(f"{app}/settings")
    expect(tab.get_by_role("heading", name="Accounts", exact=True)).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("heading", name="Accounts", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab).to_have_url(f"{app}/")  # Nobody who comes next is led to where this person was
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.goto(f"{app}/settings")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not [item for item in tab.context.cookies() if item["name"] == "_streamlit_user" and item["value"]]


def test_a_reader_of_the_provider_sees_no_dataset(app: str, tab: Page) -> None:
    enter(tab, app, "ann", "dataset")
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("Dr Ann Lee")
    expect(tab.get_by_role("link", name="Dataset")).to_have_count(0)


def test_who_first_comes_without_a_group_is_a_reader(app: str, tab: Page) -> None:
    enter(tab, app, "stranger")
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("reader")


def test_signing_in_leads_to_the_page_that_was_asked_for(app: str, tab: Page) -> None:
    enter(tab, app, "root", "train?run=train-1")
    expect(tab.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    assert tab.url == f"{app}/train?run=train-1"
    tab.get_by_role("link", name="Home").click()
    expect(tab).to_have_url(f"{app}/")  # Once, not whenever somebody comes to the first page


def test_no_address_leads_away_from_the_app(app: str, tab: Page) -> None:
    tab.goto(f"{app}/review")
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    tab.evaluate("sessionStorage.setItem('counterpoise.asked', '//example.org/')")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name="root").click()
    expect(tab.get_by_test_id("stSidebar")).to_contain_text("Root")
    tab.wait_for_function("sessionStorage.getItem('counterpoise.asked') === null")
    tab.wait_for_timeout(1000)  # Whoever leaves would be gone by now
    assert tab.url.startswith(f"{app}/")
