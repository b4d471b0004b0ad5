"""What reaches the browser of a reader from whom the model is hidden: all that comes is looked through."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, WebSocket, expect

from core.domain.review import ReviewRequest, ReviewSettings
from core.jobs.review import run_review
from core.reviews.opening import read_review
from core.services.reviews.cases import find_source
from core.services.reviews.pictures import Shown, build_case
from core.services.reviews.stores import review_store
from core.services.single_user import local_person
from tests.browser.conftest import serving
from tests.services.reviews.runs import scan_eyes, write_predicted_run

pytestmark = pytest.mark.browser
CASES = 6


@pytest.fixture
def review(tmp_path: Path) -> str:
    source = write_predicted_run(scan_eyes(tmp_path / "eyes", CASES))
    request = ReviewRequest(
        key=uuid4().hex, title="Eyes", source_id=source.id, app_version="1", identity=local_person(),
        settings=ReviewSettings(hide_model=True),
    )  # fmt: skip
    return run_review({"request": request.model_dump_json()}, lambda *_: None, lambda: False)["review"]


def find_secrets(review: str) -> dict[bytes, int]:
    """Model's mask, doubt and reference of each case as they would travel, and the case's position."""
    opened, secrets = read_review(review_store(), review), {}
    for position in range(CASES):
        shown = build_case(review_store(), opened, find_source(opened), Shown(position), heat=True)
        assert set(shown.layers) == {"prediction", "reference"}
        secrets |= {layer.png: position for layer in shown.layers.values()}
        secrets |= dict.fromkeys(shown.heat.values(), position)
    return secrets


def listen(tab: Page) -> list[bytes]:
    heard: list[bytes] = []

    def keep(frame: bytes | str) -> None:
        heard.append(frame if isinstance(frame, bytes) else frame.encode())

    def follow(socket: WebSocket) -> None:
        socket.on("framereceived", keep)

    tab.on("websocket", follow)
    return heard


def test_nothing_of_a_hidden_model_reaches_the_browser(workspace: Path, review: str, tab: Page) -> None:
    secrets, heard = find_secrets(review), listen(tab)

    def told() -> set[int]:
        whole = b"".join(heard)
        return {position for png, position in secrets.items() if png in whole}

    with serving(workspace) as address:
        tab.goto(f"{address}/review?review={review}&case=0")
        expect(tab.get_by_role("button", name="Skip")).to_be_enabled()
        expect(tab.get_by_role("button", name="Accept")).to_be_disabled()
        for part in ("Conflicts", "Agreement", "Measurements", "Export"):
            tab.get_by_text(part, exact=True).click()
            tab.wait_for_url(f"**view={part}**")
        tab.goto(f"{address}/review?review={review}&case=0")
        expect(tab.get_by_role("button", name="Reject")).to_be_enabled()
        assert told() == set()
        tab.keyboard.press("r")
        tab.keyboard.press("1")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text(f"1 of {CASES} decided")).to_be_visible()
        tab.goto(f"{address}/review?review={review}&case=0")
        expect(tab.get_by_role("button", name="Accept")).to_be_enabled()
        assert told() == {0}
