"""The Review page without a browser: the list, the form, and what the desk tells the viewer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Identity, Role
from core.domain.review import DecisionRequest, ReviewRequest, ReviewSettings
from core.errors import WorkspaceError
from core.jobs.review import run_review
from core.reviews.deciding import decide
from core.reviews.reading import read_decisions
from core.services.reviews.stores import review_store
from core.services.single_user import local_person
from pages._ui import sign_in
from pages._ui.review import desk, viewer
from tests.pages.conftest import OpenPage
from tests.services.reviews.runs import scan_eyes, write_applied_folder, write_predicted_run

Desk = Callable[..., AppTest]


class Browser:
    """Stands for the viewer in the browser: keeps what it is told, sends what a test wants."""

    def __init__(self) -> None:
        self.told: list[viewer.ViewerInput] = []
        self.sends: dict[str, Any] | None = None

    def show(self, desk: viewer.ViewerInput, key: str) -> None:
        self.told.append(desk)

    def take(self, key: str, form: Any) -> viewer.ViewerEvent | None:
        sent, self.sends = self.sends, None
        return None if sent is None else viewer.read_event(sent, form)

    @property
    def position(self) -> int:
        return self.told[-1].queue[0].position

    def press(self, app: AppTest, kind: str, **more: Any) -> viewer.ViewerInput:
        """Send an event about the case in sight, and give what the browser is told then."""
        self.sends = {"token": uuid4().hex, "kind": kind, "position": self.position, "seconds": 1.5, **more}
        app.run()
        assert not app.exception
        return self.told[-1]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    stand_in = Browser()
    monkeypatch.setattr(viewer, "show", stand_in.show)
    monkeypatch.setattr(viewer, "take", stand_in.take)
    return stand_in


@pytest.fixture
def open_review(tmp_path: Path) -> Callable[..., str]:
    """Open a review of twelve cases; returns its id."""

    def opened(**settings: Any) -> str:
        source = write_predicted_run(scan_eyes(tmp_path / "eyes"))
        request = ReviewRequest(
            key=uuid4().hex, title="Eyes", source_id=source.id, app_version="1",
            identity=local_person(), settings=ReviewSettings.model_validate(settings),
        )  # fmt: skip
        arguments = {"request": request.model_dump_json()}
        return run_review(arguments, lambda *_: None, lambda: False)["review"]

    return opened


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.error, app.button)
    return "\n".join(str(getattr(item, "label", "") or item.value) for kind in kinds for item in kind)


def test_without_anything_predicted_the_page_leads_to_training(open_page: OpenPage) -> None:
    app = open_page("review")
    assert "train a model first" in texts(app)
    assert [button.label for button in app.button if button.key == "review.train"] == ["Train a model"]


def test_a_finished_run_is_offered_and_the_job_is_asked_for(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("core.jobs.submit.submit", asked.append)
    write_predicted_run(scan_eyes(tmp_path / "eyes"))
    app = open_page("review")
    assert app.selectbox(key="review.source").options == ["eyes · U-Net · rare up · 12 held-out images"]
    assert app.button(key="review.open").label == "Start the new review"
    app.slider(key="review.random").set_value(20)
    assert not app.toggle(key="review.blind.False").value  # one reader a case: nobody to be blinded from
    app.number_input(key="review.readers").set_value(2).run()
    app.button(key="review.open").click().run()
    assert not app.exception
    request = ReviewRequest.model_validate_json(asked[0].read_spec().arguments["request"])
    assert (request.settings.random_share, request.settings.readers_per_case) == (0.2, 2)
    assert request.settings.blind_readers
    assert request.title == "U-Net · rare up · eyes"


def test_a_folder_of_masks_is_asked_for_or_refused_in_a_sentence(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("core.jobs.submit.submit", asked.append)
    dataset = scan_eyes(tmp_path / "eyes")
    write_applied_folder(dataset, tmp_path / "out", overlapping=False)
    app = open_page("review")  # nothing is trained here
    assert not [item for item in app.button if item.key == "review.open"]
    app.text_input(key="review.folder").set_value(str(tmp_path)).run()
    assert "is missing or damaged" in texts(app)
    app.text_input(key="review.folder").set_value(f'"{tmp_path / "out"}"').run()
    assert "12 predicted images" in texts(app)
    app.button(key="review.open").click().run()
    assert not app.exception
    request = ReviewRequest.model_validate_json(asked[0].read_spec().arguments["request"])
    assert request.folder is not None
    assert (request.folder.folder, request.folder.dataset) == (tmp_path / "out", dataset.spec)


def test_the_most_doubtful_case_comes_first_and_goes_along(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    open_page("review", review=open_review(random_share=0))
    told = browser.told[-1]
    assert told.queue[0].position == 11
    assert [item.position for item in told.queue[1:]] == [10, 9, 8]
    assert [picture.position for picture in told.pictures] == [11]


def test_a_decision_is_stored_before_the_next_case_is_told(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    told = browser.press(app, "accept", comment="clear")
    stored = read_decisions(review_store(), review)
    assert [(item.position, item.action, item.comment) for item in stored] == [(11, "accept", "clear")]
    assert told.queue[0].position == 10
    assert told.confirmed == stored[0].token
    assert app.query_params["case"] == "10"
    assert "**1 of 12** decided" in texts(app)


def test_an_event_that_comes_twice_is_dealt_with_once(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    token = uuid4().hex
    browser.press(app, "accept", token=token)
    told = browser.press(app, "accept", token=token, position=11)
    assert len(read_decisions(review_store(), review)) == 1
    assert (told.confirmed, told.problem, told.queue[0].position) == (token, "", 10)


def test_a_rejection_without_a_reason_is_refused_in_place(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review()
    app = open_page("review", review=review)
    before = browser.position
    told = browser.press(app, "reject")
    assert "a rejection needs a reason" in told.problem
    assert told.queue[0].position == before
    assert read_decisions(review_store(), review) == []
    assert browser.press(app, "reject", reason="Wrong class").problem == ""


def test_a_database_that_cannot_be_written_keeps_the_case_in_sight(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("review", review=open_review())
    before = browser.position

    def fail(*_: object) -> None:
        raise WorkspaceError("The database cannot be used (disk I/O error).")

    monkeypatch.setattr("core.services.reviews.deciding.deciding.decide", fail)
    told = browser.press(app, "accept")
    assert (told.problem, told.queue[0].position) == ("The database cannot be used (disk I/O error).", before)
    monkeypatch.undo()


def test_deciding_about_one_class_stays_on_the_case(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review())
    before = browser.position
    told = browser.press(app, "accept", class_name="disc")
    assert told.queue[0].position == before
    assert "disc: accepted by you" in told.state


def test_a_tab_that_shows_how_a_case_stood_before_replaces_no_decision(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    case = browser.position
    assert browser.told[-1].own_seen == 0
    first = {"kind": "accept", "token": uuid4().hex, "position": case, "own_seen": 0}
    browser.press(app, **first)
    reject = {"kind": "reject", "reason": "Wrong class", "position": case}
    stale = browser.press(app, **reject, own_seen=0)
    assert "you have decided this case since it was shown here" in stale.problem
    again = browser.press(app, **first)
    assert not again.problem  # heard, and sent again: no second decision
    browser.press(app, "previous")
    assert browser.position == case
    assert browser.told[-1].own_seen > 0
    fresh = browser.press(app, **reject, own_seen=browser.told[-1].own_seen)
    assert not fresh.problem
    assert [item.action for item in read_decisions(review_store(), review)] == ["accept", "reject"]


def test_reasons_to_reject_speak_of_no_mask_that_is_hidden(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    open_page("review", review=open_review(hide_model=True))
    assert "Image quality too poor" in browser.told[-1].reasons
    assert not any("drawn" in reason or "Outline" in reason for reason in browser.told[-1].reasons)


def test_taking_back_returns_to_the_case(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    assert not browser.told[-1].can_undo
    assert browser.press(app, "accept").can_undo
    told = browser.press(app, "undo")
    assert (told.queue[0].position, told.can_undo, told.state) == (11, False, "Open")
    assert [item.action for item in read_decisions(review_store(), review)] == ["accept", "withdraw"]


def test_a_skipped_case_waits_behind_the_others_on_the_next_visit(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    assert browser.press(app, "skip").queue[0].position == 10
    open_page("review", review=review)
    assert browser.position == 10


def test_next_and_previous_only_look(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review)
    assert not browser.told[-1].has_previous
    assert browser.press(app, "next").queue[0].position == 10
    assert browser.press(app, "previous").queue[0].position == 11
    assert read_decisions(review_store(), review) == []


def test_a_link_lands_on_its_case_and_filter(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(random_share=0)
    app = open_page("review", review=review, case="4", **{"class": "scar"})
    assert browser.position == 4
    assert [item.position for item in browser.told[-1].queue[1:]] == [0, 6]
    assert app.query_params["class"] == "scar"


def test_a_link_to_no_case_says_so(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(random_share=0), case="99")
    assert "no case 99" in texts(app)
    assert browser.position == 11


def test_the_way_back_leads_to_the_case_the_part_and_the_list(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(random_share=0))
    before = dict(app.query_params)
    browser.press(app, "next")
    app.segmented_control(key="review.view").set_value("Agreement").run()
    assert (app.query_params["view"], app.query_params["case"]) == ("Agreement", "10")
    app.query_params.update(before)  # as the browser does it
    app.run()
    assert (app.segmented_control(key="review.view").value, browser.position) == ("Desk", 11)
    for name in before:
        del app.query_params[name]
    app.run()
    assert not app.exception
    assert [button.key for button in app.button if str(button.key).startswith("review.show.")]


@pytest.mark.parametrize("case", ["-1", "x", "٣", "9" * 5000])
def test_what_is_no_case_is_said_until_the_reader_does_something(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser, case: str
) -> None:
    app = open_page("review", review=open_review(random_share=0), case=case)
    browser.press(
        app, "need", wanted=[11], heat=False, planes=[]
    )  # the browser asks for its pictures at once
    assert "This review has no case" in texts(app)
    browser.press(app, "next")
    assert "This review has no case" not in texts(app)


def test_a_filter_that_is_none_is_passed_over_and_said(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(random_share=0), fold="9" * 5000, state="xyz")
    assert texts(app).count("which is none") == 2
    assert browser.position == 11
    app.button(key="review.clear").click().run()
    assert "which is none" not in texts(app)


def test_a_link_to_no_review_shows_the_list(open_page: OpenPage, open_review: Callable[..., str]) -> None:
    open_review()
    app = open_page("review", review="0" * 32)
    assert "There is no such review" in texts(app).replace("\\", "")
    assert "0 of 12 cases decided" in [item.proto.text for item in app.get("progress")]


def test_what_may_not_be_seen_is_not_sent(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(hide_model=True, random_share=0))
    told = browser.told[-1]
    assert (told.queue[0].model, dict(told.pictures[0].layers), dict(told.pictures[0].heat)) == (
        False,
        {},
        {},
    )
    shown = texts(app)
    assert "Entropy" not in shown
    browser.press(app, "reject", reason="Wrong class")
    told = browser.press(app, "previous")
    assert told.queue[0].model
    sent = browser.press(app, "need", wanted=[told.queue[0].position], heat=True)
    assert set(sent.pictures[0].layers) == {"prediction", "reference"}
    assert set(sent.pictures[0].heat) == {"confidence", "entropy"}


def test_a_filter_by_class_tells_nothing_of_a_hidden_model(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    review = open_review(hide_model=True, random_share=0)
    open_page("review", review=review)
    plain = [item.position for item in browser.told[-1].queue]
    open_page("review", review=review, **{"class": "scar"})
    assert [item.position for item in browser.told[-1].queue] == plain != [11, 10, 9, 8]


def test_a_hidden_model_orders_no_cases(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(hide_model=True, random_share=0))
    assert "The cases come in random order" in texts(app)
    assert not [item for item in app.slider if str(item.key).startswith("review.weight.")]


def test_the_name_of_a_class_is_no_markdown(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(), **{"class": "![x](https://a.example/x.png)"})
    labels = [item.proto.popover.label for item in app.get("popover")]
    assert [label for label in labels if "example" in label]
    assert not [label for label in labels if "![" in label]


def test_asking_for_a_hidden_case_brings_only_its_image(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    app = open_page("review", review=open_review(hide_model=True, random_share=0))
    sent = browser.press(app, "need", wanted=[3], heat=True)
    assert (sent.pictures[0].position, dict(sent.pictures[0].layers), dict(sent.pictures[0].heat)) == (
        3,
        {},
        {},
    )


def test_a_closed_review_is_locked(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser
) -> None:
    from core.services.reviews.opening import close_review

    review = open_review()
    close_review(review, local_person())
    app = open_page("review", review=review)
    assert "closed" in browser.told[-1].locked
    assert "closed" in browser.press(app, "accept").problem


def test_another_reader_sees_no_answer_before_their_own(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = open_review(readers_per_case=2, random_share=0)
    ann = Identity(id="id-ann", name="Ann", sign_in="password", role=Role.READER)
    request = DecisionRequest(token=uuid4().hex, action="reject", reason="Wrong class", seconds=3)
    decide(review_store(), review, 11, ann, request)
    app = open_page("review", review=review)
    assert (browser.position, browser.told[-1].state) == (11, "Open")
    assert "Ann" not in texts(app)
    browser.press(app, "accept")
    assert "rejected by Ann" in browser.press(app, "previous").state


def test_a_reader_may_not_open_a_review(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Identity(id="id-ann", name="Ann", sign_in="password", role=Role.READER)
    monkeypatch.setattr(sign_in, "find", lambda used=True: reader)
    write_predicted_run(scan_eyes(tmp_path / "eyes"))
    app = open_page("review")
    assert "A researcher opens one" in texts(app)
    assert not [button for button in app.button if button.key == "review.open"]


def test_what_cannot_be_read_is_refused_and_the_sender_hears_it(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = open_review()
    app = open_page("review", review=review)
    token = uuid4().hex
    monkeypatch.setattr(desk, "_find_token", lambda: token)
    told = browser.press(app, "correct", mask="no picture")
    assert (told.confirmed, "cannot be taken" in told.problem) == (token, True)
    assert read_decisions(review_store(), review) == []


def test_closing_a_review_is_asked_once_and_only_of_researchers(
    open_page: OpenPage, open_review: Callable[..., str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = open_review()
    app = open_page("review", review=review)
    app.button(key="review.close").click().run()
    assert [button.label for button in app.button if button.key == "review.close.yes"] == ["Close it"]
    assert browser.told[-1].locked == ""
    reader = Identity(id="id-ann", name="Ann", sign_in="password", role=Role.READER)
    monkeypatch.setattr(sign_in, "find", lambda used=True: reader)
    app = open_page("review", review=review)
    assert not [button for button in app.button if button.key == "review.close"]
