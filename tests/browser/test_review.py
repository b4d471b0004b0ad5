"""A review by keys only, in a browser; and a server that is killed in the middle of it."""

import signal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psutil
import pytest
from playwright.sync_api import Page, expect

from core.domain.identity import Role, local_identity
from core.domain.review import ReviewRequest, ReviewSettings
from core.jobs.review import run_review
from core.reviews.ledger import verify_ledger
from core.reviews.reading import read_decisions
from core.services import accounts as managing
from core.services.reviews.stores import review_store
from core.services.single_user import local_person
from tests.browser.conftest import serving
from tests.services.reviews.runs import scan_eyes, write_predicted_run

pytestmark = pytest.mark.browser
CASES = 30
PASSWORD = "four plain unrelated words"  # noqa: S105  # of accounts that live as long as a test


@pytest.fixture
def review(tmp_path: Path) -> str:
    """Thirty cases in the test's own workspace, the last one first."""
    source = write_predicted_run(scan_eyes(tmp_path / "eyes", CASES))
    request = ReviewRequest(
        key=uuid4().hex, title="Eyes", source_id=source.id, app_version="1", identity=local_person(),
        settings=ReviewSettings(random_share=0),
    )  # fmt: skip
    arguments = {"request": request.model_dump_json()}
    return run_review(arguments, lambda *_: None, lambda: False)["review"]


def open_desk(tab: Page, address: str, review: str) -> None:
    tab.goto(f"{address}/review?review={review}")
    wait_for(tab, CASES - 1)


def wait_for(tab: Page, position: int) -> None:
    """The case is in sight, its pictures are there, and the address names it."""
    expect(tab.locator(".cp-part-sample")).to_have_text(f"images/{position:04}.png")
    expect(tab.get_by_role("button", name="Skip")).to_be_enabled()
    tab.wait_for_url(f"**case={position}**")


def press(tab: Page, key: str, position: int) -> None:
    """Press a key and wait for the case that is then due."""
    tab.keyboard.press(key)
    wait_for(tab, position)


def decided(review: str) -> list[tuple[int, str]]:
    return [(item.position, item.action) for item in read_decisions(review_store(), review)]


def test_cases_are_reviewed_by_keys_only(workspace: Path, review: str, tab: Page) -> None:
    with serving(workspace) as address:
        open_desk(tab, address, review)
        press(tab, "a", 28)
        tab.keyboard.press("r")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("A rejection needs a reason")).to_be_visible()
        assert decided(review) == [(29, "accept")]
        tab.keyboard.press("3")
        press(tab, "Enter", 27)
        press(tab, "s", 26)
        press(tab, "f", 25)
        press(tab, "n", 24)
        press(tab, "p", 25)
        press(tab, "z", 26)
        expect(tab.get_by_text("2 of 30 decided")).to_be_visible()
        tab.reload()
        wait_for(tab, 26)
        press(tab, "a", 25)
    assert decided(review) == [
        (29, "accept"), (28, "reject"), (27, "skip"), (26, "flag"), (26, "withdraw"), (26, "accept"),
    ]  # fmt: skip


def test_decisions_stay_in_sight_whatever_there_is_to_say(workspace: Path, review: str, tab: Page) -> None:
    with serving(workspace) as address:
        tab.goto(f"{address}/review?review={review}&class=scar")
        wait_for(tab, 24)
        press(tab, "f", 18)
        press(tab, "s", 12)
        for width, height in ((1280, 720), (1024, 720), (390, 844)):
            tab.set_viewport_size({"width": width, "height": height})
            expect(tab.get_by_role("button", name="Worklist")).to_be_in_viewport(ratio=1)
            expect(tab.get_by_role("button", name="Accept")).to_be_in_viewport(ratio=1)
            line = tab.locator(".st-key-review-toolbar").bounding_box()
            assert line is not None
            assert line["height"] < 50  # pixels: one row
        tab.keyboard.press("r")
        expect(tab.get_by_text("Image quality too poor")).to_be_in_viewport(ratio=1)


def test_keys_are_silent_while_somebody_types(workspace: Path, review: str, tab: Page) -> None:
    with serving(workspace) as address:
        open_desk(tab, address, review)
        tab.get_by_placeholder("Comment (optional)").click()
        tab.keyboard.type("a rather faint zone")
        tab.keyboard.press("Escape")
        press(tab, "a", 28)
    stored = read_decisions(review_store(), review)
    assert [(item.position, item.comment) for item in stored] == [(29, "a rather faint zone")]


def test_who_was_shut_out_decides_nothing_more(workspace: Path, review: str, tab: Page) -> None:
    root = local_identity("test")
    managing.add("Root", PASSWORD, Role.ADMIN, root)
    ann = managing.add("Ann", PASSWORD, Role.READER, root)
    with serving(workspace) as address:
        tab.goto(f"{address}/review?review={review}")
        tab.get_by_role("textbox", name="Name").fill("Ann")
        tab.get_by_role("textbox", name="Password").fill(PASSWORD)
        tab.keyboard.press("Enter")
        wait_for(tab, CASES - 1)
        press(tab, "a", CASES - 2)
        managing.change(ann.id, root, active=False)
        tab.keyboard.press("a")  # At once, long before the page looks whether her session still stands
        expect(tab.get_by_text("You are no longer signed in")).to_be_visible()
    assert decided(review) == [(CASES - 1, "accept")]


def test_a_filter_and_a_case_can_be_shared_as_a_link(workspace: Path, review: str, tab: Page) -> None:
    with serving(workspace) as address:
        tab.goto(f"{address}/review?review={review}&case=18&class=scar")
        wait_for(tab, 18)
        press(tab, "a", 12)
        assert parse_qs(urlsplit(tab.url).query)["class"] == ["scar"]


def test_a_killed_server_keeps_every_confirmed_decision(workspace: Path, review: str, tab: Page) -> None:
    with serving(workspace) as address:
        open_desk(tab, address, review)
        for position in range(28, 23, -1):
            press(tab, "a", position)
        port = urlsplit(address).port
        assert port is not None
        tab.keyboard.press("a")  # What comes of this one nobody has seen
        kill(port)
    stored = decided(review)
    assert stored[:5] == [(position, "accept") for position in range(29, 24, -1)]
    assert verify_ledger(review_store().database).intact
    with serving(workspace, port=port):
        tab.goto(f"{address}/review?review={review}")
        wait_for(tab, 29 - len(stored))
        press(tab, "a", 28 - len(stored))
    positions = [position for position, _ in decided(review)]
    assert positions == list(range(29, 28 - len(stored), -1))


def kill(port: int) -> None:
    """`kill -9` of the server, and of nobody else."""
    [server] = [child for child in psutil.Process().children() if f"--server.port={port}" in child.cmdline()]
    server.send_signal(signal.SIGKILL)
    server.wait(10)
