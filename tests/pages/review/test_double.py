"""The parts of the Review page about double reading, each drawn by itself."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.accounts.accounts import create_account, create_first_admin
from core.domain.identity import Identity, Role
from core.errors import AccessError
from core.reviews.assigning import assign, read_assignments
from core.reviews.opening import Review
from core.reviews.reading import read_outcomes
from core.runs.progress import RunProgress
from core.services.reviews.board import look
from core.services.reviews.outputs import Output
from core.services.reviews.stores import review_store
from pages._ui.review import out, out_dataset, words
from tests.services.reviews.doubles import answer, open_double
from tests.services.reviews.people import ANN, BEN, EVE, RESEARCHER, person

CHIEF = person("chief", Role.RESEARCHER)
Draw = Callable[..., AppTest]
RUNNING = RunProgress("measuring", "measure", "running", 1, 2, 1.0, None, "", {}, "")


def script(part: str, review_id: str, who: str) -> None:
    import importlib

    from core.domain.identity import Identity
    from core.reviews.opening import read_review
    from core.services.reviews.stores import review_store

    shown = importlib.import_module(f"pages._ui.review.{part}")
    shown.show(read_review(review_store(), review_id), Identity.model_validate_json(who))


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return open_double(tmp_path / "eyes")


@pytest.fixture
def doubled(review: Review) -> Review:
    """Two readers of four cases: they drew apart, differ in verdict, agree twice."""
    assign(review_store(), review.id, {place: [ANN.id, BEN.id] for place in range(4)}, RESEARCHER)
    answer(review, 0, ANN, draw=(1, 20, 22))
    answer(review, 0, BEN, draw=(1, 20, 23))
    answer(review, 1, ANN, "reject")
    answer(review, 1, BEN)
    for place in (2, 3):
        answer(review, place, ANN)
        answer(review, place, BEN)
    return review


@pytest.fixture
def draw(review: Review) -> Draw:
    def drawn(part: str, who: Identity, **session: object) -> AppTest:
        args = (part, review.id, who.model_dump_json())
        app = AppTest.from_function(script, default_timeout=30, args=args)
        for name, value in session.items():
            app.session_state[name] = value
        app.run()
        assert not app.exception
        return app

    return drawn


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.error)
    return "\n".join(item.value for kind in kinds for item in kind).replace("\\", "")


def add_accounts() -> list[str]:
    """An admin and two readers; returns the readers' ids."""
    database = review_store().database
    admin = create_first_admin(database, "Ada", "a long enough pass phrase")
    by = Identity(id=admin.id, name="Ada", sign_in="password", role=Role.ADMIN)
    return [
        create_account(database, name, "a long enough pass phrase", Role.READER, by).id
        for name in ("Ann", "Ben")
    ]


def test_in_single_user_mode_the_readers_are_explained(draw: Draw) -> None:
    alone = Identity(id="local:me", name="me", sign_in="local", role=Role.ADMIN)
    app = draw("readers", alone)
    assert "Nobody signs in on this installation" in texts(app)
    assert not app.button


def test_cases_are_shared_out_and_the_table_says_how_many_are_left(review: Review, draw: Draw) -> None:
    ann, ben = add_accounts()
    app = draw("readers", RESEARCHER)
    assert app.button(key="readers.share").disabled
    app.multiselect(key="readers.who").set_value([ann, ben])
    app.selectbox(key="readers.choice").set_value("first").run()
    assert app.number_input(key="readers.count").value == 6  # No more than there are
    app.number_input(key="readers.count").set_value(4).run()
    app.button(key="readers.share").click().run()
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["Reader"]) == ["Ann", "Ben"]
    assert list(table["Left"]) == [4, 4]
    assert len(read_assignments(review_store(), review.id)) == 8


def test_two_readers_with_one_name_are_told_apart(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = ANN.model_copy(update={"id": "id-other"})
    monkeypatch.setattr("core.services.reviews.readers.find_people", lambda _: [ANN, twin, BEN])
    options = draw("readers", RESEARCHER).multiselect(key="readers.who").options
    assert options == ["ann (id-ann)", "ann (id-other)", "ben"]


def test_a_reader_sees_their_own_line_only(doubled: Review, draw: Draw) -> None:
    app = draw("readers", ANN)
    assert list(app.dataframe[0].value["Reader"]) == ["ann"]
    assert "A researcher shares the cases out" in texts(app)


def test_too_few_readers_are_a_sentence(review: Review, draw: Draw) -> None:
    ann, _ = add_accounts()
    app = draw("readers", RESEARCHER)
    app.multiselect(key="readers.who").set_value([ann]).run()
    app.button(key="readers.share").click().run()
    assert "there are 1 readers" in texts(app)


def test_a_conflict_is_taken_on_and_settled(doubled: Review, draw: Draw) -> None:
    app = draw("conflicts", CHIEF)
    assert "2 cases" in texts(app)
    assert app.selectbox(key="conflicts.case").value == 0
    assert "vessel" not in set(app.dataframe[0].value["Class"])  # Neither reader has drawn it
    assert app.dataframe[0].value["Dice"].notna().all()
    app.button(key="conflicts.take").click().run()
    assert not app.exception
    assert app.radio(key="conflicts.0.choice").options == [
        "the mask of ann",
        "the mask of ben",
        "none: reject the case",
    ]
    app.radio(key="conflicts.0.choice").set_value(answer_mask(doubled, "ben")).run()
    app.button(key="conflicts.settle").click().run()
    assert not app.exception
    assert read_outcomes(review_store(), doubled.id)[0].mask == answer_mask(doubled, "ben")
    assert words.describe_state(look(doubled.id, CHIEF), 0).endswith(
        "settled: the mask of ben accepted by you"
    )
    assert "1 case** to settle · 1 settled" in texts(app)
    app.toggle(key="conflicts.settled").set_value(True).run()
    app.selectbox(key="conflicts.case").set_value(0).run()
    assert "**Settled:** chief chose the mask of ben" in texts(app)


def answer_mask(review: Review, name: str) -> str:
    from core.services.reviews.conflicts import list_conflicts

    found = next(item for item in list_conflicts(review, CHIEF) if item.case.position == 0)
    return next(one.mask for one in found.opinions if one.name == name) or ""


def test_the_name_of_a_reader_is_no_markdown(review: Review, draw: Draw) -> None:
    strange = person("![x](https://a.example/x.png)")
    answer(review, 0, strange, draw=(1, 20, 22))
    answer(review, 0, BEN, draw=(1, 20, 23))
    assign(review_store(), review.id, {0: [CHIEF.id]}, RESEARCHER, "adjudicator")
    app = draw("conflicts", CHIEF)
    said = [item.proto.imgs[0].caption for item in app.get("image")]
    said += app.radio(key="conflicts.0.choice").options
    assert len([text for text in said if "example" in text]) == 2
    assert not [text for text in said if "![" in text]


def test_what_was_written_out_is_for_researchers(doubled: Review, draw: Draw) -> None:
    assert "accepted or corrected" in texts(draw("out", RESEARCHER))
    with pytest.raises(AccessError, match="may not see what was written out"):
        out.show(doubled, BEN)


def test_what_was_written_out_says_when_and_two_datasets_have_two_names(
    doubled: Review, draw: Draw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failed = dataclasses.replace(RUNNING, state="failed")
    written = [
        Output("dataset", None, "Eyes, reviewed", tmp_path / "one", failed, time.time() - 600),
        Output("export", "coco", "", tmp_path / "two", dataclasses.replace(failed, id="other"), 0),
    ]
    monkeypatch.setattr("core.services.reviews.outputs.list_outputs", lambda _: written)
    app = draw("out", RESEARCHER)
    assert "**Dataset of the reviewed masks · Eyes, reviewed** · 10 min ago" in texts(app)
    assert "**Export · COCO** · 1970-01-01" in texts(app)
    name = out_dataset._suggest_name(doubled)
    monkeypatch.setattr("core.services.datasets.list_datasets", lambda: [SimpleNamespace(name=name)])
    assert out_dataset._suggest_name(doubled) == f"{name} 2"


def test_a_rejection_without_its_reason_is_refused(doubled: Review, draw: Draw) -> None:
    assign(review_store(), doubled.id, {0: [CHIEF.id]}, RESEARCHER, "adjudicator")
    app = draw("conflicts", CHIEF)
    app.radio(key="conflicts.0.choice").set_value("").run()
    app.button(key="conflicts.settle").click().run()
    assert "a rejection needs a reason" in texts(app)
    assert read_outcomes(review_store(), doubled.id)[0].state == "conflict"


def test_who_has_not_read_yet_sees_no_conflict_and_no_agreement(doubled: Review, draw: Draw) -> None:
    assign(review_store(), doubled.id, {place: [EVE.id] for place in range(4)}, RESEARCHER)
    assert "No conflict" in texts(draw("conflicts", EVE))
    app = draw("agreement", EVE)
    assert "4 cases left out" in texts(app)
    assert not app.dataframe


def test_each_part_waits_for_the_measuring_that_it_asked_for(
    doubled: Review, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("pages._ui.cache_agreement.classes", lambda *_: [])
    monkeypatch.setattr("core.services.reviews.agreement.is_quick", lambda *_: False)
    monkeypatch.setattr("core.services.reviews.measurements.is_quick", lambda *_: False)
    monkeypatch.setattr("core.services.reviews.measurements.start_measuring", lambda _: f"run-{len(asked)}")
    monkeypatch.setattr("core.services.runs.watch", lambda run: asked.append(run) or RUNNING)
    app = draw("agreement", RESEARCHER)
    app.button(key="agreement.start").click().run()
    assert not app.exception
    assert asked
    assert "agreement.stop" in [item.key for item in app.button]
    held = {"review.measuring": app.session_state["review.measuring"]}
    other = draw("measurements", RESEARCHER, **held)
    assert "measurements.start" in [item.key for item in other.button]


def test_agreement_has_kappa_dice_and_the_model(doubled: Review, draw: Draw) -> None:
    app = draw("agreement", RESEARCHER)
    verdicts, masks, model = (item.value for item in app.dataframe)
    assert list(verdicts["Readers"]) == ["All readers", "ann and ben"]
    assert verdicts["Same verdict"].tolist() == ["75.0 %", "75.0 %"]
    assert verdicts["Same mask"].tolist() == ["50.0 %", "50.0 %"]
    disc = masks.set_index("Class").loc["disc"]
    assert disc["Dice"] == "0.92"  # 2 · 6 / 13: rows 1 to 4 and 20, 21 (22); one case has no interval
    assert disc["HD95 (px)"] == "1.0"
    assert model.set_index("Class").loc["disc", "Dice with readers"] == "0.76"  # of 8 / 10 and 8 / 11
    assert "Distances are in pixels" in texts(app)


def test_measurements_give_area_in_pixels_and_mm_once_a_spacing_is_given(review: Review, draw: Draw) -> None:
    app = draw("measurements", RESEARCHER)
    table = app.dataframe[0].value
    assert len(table) == 6 * 3
    first = table[(table["case"] == table["case"][0]) & (table["class"] == "disc")].iloc[0]
    assert first["area (px)"] == 4 * 32
    assert "area (mm²)" not in table
    app.number_input(key="spacing.rows").set_value(0.5)
    app.number_input(key="spacing.columns").set_value(0.5).run()
    app.button(key="spacing.give").click().run()
    assert not app.exception
    assert app.dataframe[0].value["area (mm²)"][0] == 32
    assert "given by ruth" in texts(app)


def test_a_clash_of_organs_is_said(review: Review, draw: Draw) -> None:
    app = draw("measurements", RESEARCHER)
    app.selectbox(key="organs.left").set_value("disc")
    app.selectbox(key="organs.right").set_value("disc").run()
    assert "Left and right of a pair are one class" in texts(app)
    app.selectbox(key="organs.right").set_value("scar").run()
    organs = app.dataframe[1].value
    assert organs["disc and scar: left / right"][0] == pytest.approx(4 / 3)
