"""Bundles on their way out and back."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.domain.identity import Identity, Role
from core.domain.review import MaskFolder, ReviewSettings
from core.errors import AccessError, ReviewError
from core.reports.sources import open_source
from core.reviews.foreign import read_part
from core.reviews.ledger import verify_ledger
from core.reviews.opening import Review, list_reviews, read_cases
from core.reviews.reading import read_corrected, read_decisions, read_outcomes
from core.services.reviews import bundles
from core.services.reviews.stores import review_store
from tests.reports.sets import ANN, BEN, RUTH, answer, bundle, open_eyes, open_folder_review, repaint
from tests.reports.zips import read_parts
from tests.services.reviews.runs import write_applied_folder

AWAY = Identity(id="local", name="Dr Far", sign_in="local", role=Role.ADMIN)


class Two:
    """Two installations: home, where the review was opened, and away, where its bundle is read."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._homes = monkeypatch, {name: tmp_path / name for name in ("home", "away")}
        self.go("home")

    def go(self, where: str) -> None:
        self._patch.setenv("COUNTERPOISE_HOME", str(self._homes[where]))


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    return Two(tmp_path, monkeypatch)


def open_away(two: Two, file: Path) -> Review:
    two.go("away")
    return bundles.open_bundle(file, file.name, AWAY)


def send_back(review: Review, file: Path) -> Path:
    bundles.save_answers(review.id, file, AWAY)
    return file


def test_a_bundle_opens_without_the_run_and_shows_the_same_pictures(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    source = open_source(home.spec)
    images = [source.read_image(place) for place in range(4)]
    predictions = [source.read_prediction(place) for place in range(4)]
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    opened = open_source(away.spec)
    for place in range(4):
        np.testing.assert_array_equal(opened.read_image(place), images[place])
        found = opened.read_prediction(place)
        np.testing.assert_array_equal(found.mask.pixels, predictions[place].mask.pixels)
        np.testing.assert_allclose(found.entropy, predictions[place].entropy, atol=1e-6)
    assert opened.classes == source.classes
    assert opened.read_reference(0) is None


def test_masks_without_doubt_travel_without_it(two: Two, tmp_path: Path) -> None:
    dataset, _ = open_eyes(tmp_path)
    folder = tmp_path / "others"
    write_applied_folder(dataset, folder, overlapping=False)
    for part in ("confidence", "entropy"):
        shutil.rmtree(folder / part)
    home = open_folder_review(MaskFolder(folder=folder, dataset=dataset.spec))
    file = bundle(home, tmp_path / "out.zip")
    assert not any(name.startswith(("confidence", "entropy")) for name in read_parts(file))
    found = open_source(open_away(two, file).spec).read_prediction(1)
    assert (found.mask.shape, found.confidence, found.entropy) == ((24, 32), None, None)


def test_references_go_along_where_that_is_asked(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    wanted = open_source(home.spec).read_reference(2)
    away = open_away(two, bundle(home, tmp_path / "out.zip", references=True))
    found = open_source(away.spec).read_reference(2)
    assert wanted is not None
    assert found is not None
    np.testing.assert_array_equal(found.pixels, wanted.pixels)


def test_names_and_groups_stay_at_home_unless_they_are_asked_for(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    manifest = json.loads(read_parts(bundle(home, tmp_path / "out.zip"))["manifest.json"])
    assert [item["case"]["sample"] for item in manifest["cases"]] == [f"case {place}" for place in range(4)]
    assert "0000" not in json.dumps(manifest["cases"])
    named = json.loads(read_parts(bundle(home, tmp_path / "named.zip", names=True))["manifest.json"])
    assert named["cases"][0]["case"]["sample"] == read_cases(review_store(), home.id)[0].sample


def test_only_undecided_cases_go_out_where_that_is_asked(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    answer(home, 1)
    away = open_away(two, bundle(home, tmp_path / "out.zip", cases="undecided"))
    assert [case.position for case in read_cases(review_store(), away.id)] == [0, 2, 3]


def test_a_bundle_that_is_opened_twice_is_one_review(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    file = bundle(home, tmp_path / "out.zip")
    assert open_away(two, file).id == open_away(two, file).id
    assert len(list_reviews(review_store())) == 1


def test_decisions_and_masks_come_back_with_where_they_are_from(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    drawn = repaint(open_source(away.spec).read_prediction(1).mask)
    answer(away, 0, reader=AWAY)
    answer(away, 1, "correct", AWAY, drawn)
    answer(away, 2, "reject", AWAY, comment="blurred")
    file = send_back(away, tmp_path / "back.zip")
    two.go("home")
    merged = bundles.merge(home.id, file, file.name, RUTH)
    store = review_store()
    states = [outcome.state for outcome in read_outcomes(store, home.id).values()]
    assert (merged.added, merged.known, merged.conflicts) == (3, 0, ())
    assert states == ["accepted", "corrected", "rejected", "open"]
    found = read_decisions(store, home.id)
    assert {item.reader_name for item in found} == {f"Dr Far ({found[0].reader[:6]})"}  # each place has one
    assert all(item.reader.endswith(":local") for item in found)
    assert found[2].comment == "blurred"
    corrected = read_corrected(store, home.id, 1, found[1].mask_after or "")
    np.testing.assert_array_equal(corrected.pixels, drawn.pixels)
    assert verify_ledger(store.database).intact


def test_the_ledger_says_that_a_record_came_in_a_bundle_and_who_brought_it(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    answer(away, 0, reader=AWAY)
    there = read_part(review_store(), away.id)
    file = send_back(away, tmp_path / "back.zip")
    two.go("home")
    bundles.merge(home.id, file, file.name, RUTH)
    record = json.loads(read_part(review_store(), home.id).records[-1][0])
    assert record["origin"]["installation"] == there.installation
    assert record["origin"]["hash"] == there.records[-1][1]
    assert record["origin"]["merged_by"]["name"] == "Ruth"
    assert record["reader"]["verified"] is False
    assert "origin" in json.loads(there.records[-1][0])


def test_merging_twice_adds_nothing(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    answer(away, 0, reader=AWAY)
    file = send_back(away, tmp_path / "back.zip")
    two.go("home")
    bundles.merge(home.id, file, file.name, RUTH)
    again = bundles.merge(home.id, file, file.name, RUTH)
    assert (again.added, again.known) == (0, 1)
    assert len(read_decisions(review_store(), home.id)) == 1


def test_a_later_answer_supersedes_the_earlier_one_of_the_same_reader(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    answer(away, 0, reader=AWAY)
    first = send_back(away, tmp_path / "first.zip")
    answer(away, 0, "reject", AWAY)
    second = send_back(away, tmp_path / "second.zip")
    two.go("home")
    bundles.merge(home.id, first, first.name, RUTH)
    merged = bundles.merge(home.id, second, second.name, RUTH)
    assert (merged.added, merged.known) == (1, 1)
    assert [item.superseded for item in read_decisions(review_store(), home.id)] == [True, False]
    assert read_outcomes(review_store(), home.id)[0].state == "rejected"


def test_readers_who_differ_are_a_conflict_and_both_answers_stay(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    file = bundle(home, tmp_path / "out.zip")
    answer(home, 0, "reject", ANN)
    away = open_away(two, file)
    answer(away, 0, reader=AWAY)
    back = send_back(away, tmp_path / "back.zip")
    two.go("home")
    merged = bundles.merge(home.id, back, back.name, RUTH)
    assert [(item.position, item.sentence) for item in merged.conflicts] == [
        (0, "The readers of this case do not agree.")
    ]
    assert [item.superseded for item in read_decisions(review_store(), home.id)] == [False, False]


def test_a_ledger_that_went_two_ways_is_a_conflict_and_both_ways_stay(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    database = tmp_path / "away/counterpoise.sqlite"
    review_store().database.close()
    before = [path.read_bytes() for path in (database,)]
    answer(away, 0, reader=AWAY)
    first = send_back(away, tmp_path / "first.zip")
    review_store().database.close()
    for path in tmp_path.glob("away/counterpoise.sqlite*"):
        path.unlink()
    database.write_bytes(before[0])  # restored from a backup: the same record number comes again
    answer(away, 0, "reject", AWAY)
    second = send_back(away, tmp_path / "second.zip")
    two.go("home")
    bundles.merge(home.id, first, first.name, RUTH)
    merged = bundles.merge(home.id, second, second.name, RUTH)
    assert merged.added == 1
    assert "both are kept" in merged.conflicts[0].sentence
    assert [item.action for item in read_decisions(review_store(), home.id)] == ["accept", "reject"]


def test_a_withdrawn_decision_comes_back_as_withdrawn(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    answer(away, 0, reader=AWAY)
    answer(away, 0, "withdraw", AWAY)
    back = send_back(away, tmp_path / "back.zip")
    two.go("home")
    bundles.merge(home.id, back, back.name, RUTH)
    assert read_outcomes(review_store(), home.id)[0].state == "open"


def test_answers_to_another_review_are_refused(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    _, other = open_eyes(tmp_path / "other")
    away = open_away(two, bundle_at_home(two, home, tmp_path))
    answer(away, 0, reader=AWAY)
    back = send_back(away, tmp_path / "back.zip")
    two.go("home")
    with pytest.raises(ReviewError, match="another review"):
        bundles.merge(other.id, back, back.name, RUTH)


def bundle_at_home(two: Two, review: Review, folder: Path) -> Path:
    two.go("home")
    return bundle(review, folder / "out.zip")


def test_a_bundle_is_not_merged_and_answers_are_not_opened(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    file = bundle(home, tmp_path / "out.zip")
    with pytest.raises(ReviewError, match="on its way out"):
        bundles.merge(home.id, file, file.name, RUTH)
    away = open_away(two, file)
    answer(away, 0, reader=AWAY)
    back = send_back(away, tmp_path / "back.zip")
    with pytest.raises(ReviewError, match="brings the decisions"):
        bundles.open_bundle(back, back.name, AWAY)


def test_readers_may_neither_send_out_nor_merge(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    file = bundle(home, tmp_path / "out.zip")
    with pytest.raises(AccessError):
        bundles.start_bundle(home.id, tmp_path / "mine.zip", ANN)
    with pytest.raises(AccessError):
        bundles.open_bundle(file, file.name, ANN)
    with pytest.raises(AccessError):
        bundles.merge(home.id, file, file.name, BEN)


def test_nothing_goes_back_before_the_first_decision(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    away = open_away(two, bundle(home, tmp_path / "out.zip"))
    with pytest.raises(ReviewError, match="Nothing is decided yet"):
        bundles.encode_answers(away.id, AWAY)


def test_an_existing_file_is_never_overwritten(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path)
    (tmp_path / "out.zip").write_text("mine")
    with pytest.raises(ReviewError, match="there already"):
        bundle(home, tmp_path / "out.zip")
    assert (tmp_path / "out.zip").read_text() == "mine"


def test_the_settings_of_the_review_go_along(two: Two, tmp_path: Path) -> None:
    _, home = open_eyes(tmp_path, settings=ReviewSettings(readers_per_case=2, hide_model=True))
    assert open_away(two, bundle(home, tmp_path / "out.zip")).spec.settings == home.spec.settings
