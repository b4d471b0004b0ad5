"""Signing in as a browser does it: cold links, reloads, two people, signing out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.domain.identity import Role, local_identity
from core.jobs.demo import run_demo
from core.services import accounts
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test
DEMO = {"images": "12", "size": "96", "seed": "0"}


@pytest.fixture(scope="module")
def guarded_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with accounts and a dataset."""
    home = tmp_path_factory.mktemp("guarded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPOISE_HOME", str(home))
        dataset = run_demo(DEMO, lambda *_: None, lambda: False)["dataset"]
        for name, role in (("Root", Role.ADMIN), ("Rita", Role.RESEARCHER), ("Dr Ann Lee", Role.READER)):
            accounts.add(name, PASSWORD, role, local_identity("test"))
    return home, dataset


@pytest.fixture(scope="module")
def guarded(guarded_home: tuple[Path, str]) -> Iterator[str]:
    """The address of a server with accounts."""
    with serving(guarded_home[0]) as address:
        yield address


def fill_in(tab: Page, name: str, password: str = PASSWORD) -> None:
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.get_by_role("textbox", name="Name").fill(name)
    tab.get_by_role("textbox", name="Password").fill(password)
    tab.keyboard.press("Enter")


def wait_until_kept(tab: Page) -> None:
    tab.wait_for_function("document.cookie.includes('counterpoise_session=')")


def session_cookie(tab: Page) -> str:
    return next((c["value"] for c in tab.context.cookies() if c["name"] == "counterpoise_session"), "")


def test_a_cold_deep_link_shows_the_sign_in_page_and_then_the_page(
    guarded_home: tuple[Path, str], tab: Page
) -> None:
    home, dataset = guarded_home
    with serving(home) as address:
        tab.goto(f"{address}/dataset?dataset={dataset}")
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "undus" not in tab.content()
        expect(tab.get_by_test_id("stSidebar")).to_have_count(0)
        fill_in(tab, "rita")
        expect(tab.get_by_role("heading", name="Presence")).to_be_visible()
        expect(tab.get_by_test_id("stSidebar")).to_contain_text("Rita")


def test_a_reload_and_a_second_tab_stay_signed_in_and_signing_out_ends_both(guarded: str, tab: Page) -> None:
    tab.goto(guarded)
    fill_in(tab, "Rita")
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    wait_until_kept(tab)
    token = session_cookie(tab)
    assert token not in tab.url
    tab.reload()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    second = tab.context.new_page()
    second.goto(f"{guarded}/settings")
    expect(second.get_by_role("heading", name="Settings")).to_be_visible()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.wait_for_function("!document.cookie.includes('counterpoise_session=')")
    second.get_by_role("link", name="Home").click()
    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.context.add_cookies([{"name": "counterpoise_session", "value": token, "url": guarded}])
    tab.reload()  # a token that somebody kept opens nothing any more
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_two_people_in_two_browsers_see_what_their_roles_see(
    guarded: str, guarded_home: tuple[Path, str], browser: Browser
) -> None:
    tabs = [browser.new_context(viewport={"width": 1280, "height": 720}).new_page() for _ in range(2)]
    for tab, name in zip(tabs, ("Root", "dr ann lee"), strict=True):
        tab.set_default_timeout(30_000)
        tab.goto(f"{guarded}/dataset?dataset={guarded_home[1]}")
        fill_in(tab, name)
    admin, reader = tabs
    expect(admin.get_by_role("heading", name="Presence")).to_be_visible()
    expect(reader.get_by_text("Dr Ann Lee").first).to_be_visible()
    expect(reader.get_by_role("link", name="Dataset")).to_have_count(0)
    assert "Presence" not in reader.content()
    wait_until_kept(reader)
    reader.goto(f"{guarded}/balance?dataset={guarded_home[1]}")
    expect(reader.get_by_text("Dr Ann Lee").first).to_be_visible()
    expect(reader.get_by_role("heading", name="Balance")).to_have_count(0)
    expect(admin.get_by_text("Root").first).to_be_visible()
    for tab in tabs:
        tab.context.close()


def test_a_wrong_password_says_so_and_the_page_stays_shut(guarded: str, tab: Page) -> None:
    tab.goto(f"{guarded}/settings")
    expect(tab.get_by_role("textbox", name="Name")).to_be_focused()
    fill_in(tab, "Root", "not the right password")
    expect(tab.get_by_text("Name or password is wrong")).to_be_visible()
    expect(tab.get_by_role("heading", name="Settings")).to_have_count(0)
    assert not session_cookie(tab)


def test_turning_sign_in_on_signs_the_first_admin_in(tmp_path: Path, tab: Page) -> None:
    with serving(tmp_path) as address:
        tab.goto(f"{address}/settings")
        tab.get_by_role("button", name="Turn sign-in on").click()
        dialog = tab.get_by_role("dialog")
        dialog.get_by_role("textbox", name="Name").fill("Root")
        for name in ("New password", "The same again"):
            dialog.get_by_role("textbox", name=name).fill(PASSWORD)
        dialog.get_by_role("button", name="Make the account").click()
        expect(tab.get_by_role("button", name="Add an account")).to_be_visible()
        expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
        tab.reload()
        expect(tab.get_by_role("button", name="Add an account")).to_be_visible()
