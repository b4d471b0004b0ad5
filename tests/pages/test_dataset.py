"""The dataset page: empty, opening, opened, edited."""

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.dataset import DatasetSpec, Pairing
from core.domain.proposal import Answers
from core.errors import DatasetError
from core.jobs.scan import run_scan
from core.services import datasets
from pages._ui.dataset import class_editor, classes, gallery, opening_form
from tests.formats.sources.annotations import coco_image, coco_object, coco_spec, write_coco
from tests.pages.conftest import OpenPage

VIEWS = (
    "Overview",
    "Images",
    "Distributions",
    "Combinations",
    "Classes",
    "Groups",
    "Compare",
    "Versions",
    "Files",
)


def test_without_a_dataset_the_page_says_what_it_is_for_and_offers_the_demo(open_page: OpenPage) -> None:
    page = open_page("dataset")
    assert "No dataset is open" in page.markdown[0].value
    assert page.button(key="empty.demo").label == "Open the demo"


def test_a_link_to_a_dataset_that_is_gone_gives_a_sentence(open_page: OpenPage) -> None:
    page = open_page("dataset", dataset="never-was-00000000")
    assert any("never-was-00000000" in error.value.replace("\\", "") for error in page.error)


def test_a_link_that_hides_a_path_is_refused(open_page: OpenPage) -> None:
    page = open_page("dataset", dataset="../../etc")
    assert page.error
    assert not page.exception


def test_an_unscanned_dataset_offers_the_scan(open_page: OpenPage, spec: DatasetSpec) -> None:
    page = open_page("dataset", dataset=datasets.keep(spec))
    assert page.button(key="dataset.scan").label == "Scan"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_scanned_dataset_draws(open_page: OpenPage, scanned: str, view: str) -> None:
    page = open_page("dataset", dataset=scanned, view=view)
    assert not page.error
    assert page.title[0].value == r"Retina\_1"


def test_the_line_under_the_title_says_how_many_images_classes_and_problems(
    open_page: OpenPage, scanned: str
) -> None:
    page = open_page("dataset", dataset=scanned)
    assert any("2 classes · 2 combinations · **1 problem**" in item.value for item in page.markdown)


def test_the_gallery_shows_only_images_with_all_chosen_classes(open_page: OpenPage, scanned: str) -> None:
    page = open_page("dataset", dataset=scanned, view="Images")
    assert len(_opened(page)) == 6
    page.multiselect[0].select("vessels").run()
    assert _opened(page) == ["eye_1.png", "eye_3.png", "eye_5.png"]


def test_the_problem_list_names_the_file_and_the_next_step(open_page: OpenPage, scanned: str) -> None:
    page = open_page("dataset", dataset=scanned, view="Files")
    table = page.dataframe[0].value
    assert table["file"].tolist() == ["images/lonely.png"]
    assert table["next_step"].str.len().min() > 0


def test_a_renamed_class_is_saved_and_shown_without_a_new_scan(scanned: str) -> None:
    before = classes.all_classes(datasets.open_dataset(scanned))
    after = [item.model_copy(update={"name": "veins"}) if item.key == "2" else item for item in before]
    assert class_editor.describe_changes(before, after) == ["vessels is called veins"]
    datasets.edit_classes(scanned, after)
    assert [item.name for item in datasets.open_dataset(scanned).classes] == ["background", "disc", "veins"]


def test_a_void_class_leaves_the_counts_but_stays_in_the_class_table(scanned: str) -> None:
    before = classes.all_classes(datasets.open_dataset(scanned))
    after = [item.model_copy(update={"role": "void"}) if item.key == "2" else item for item in before]
    datasets.edit_classes(scanned, [item.model_validate(dict(item)) for item in after])
    dataset = datasets.open_dataset(scanned)
    assert [item.key for item in dataset.classes] == ["0", "1"]
    assert [item.key for item in classes.all_classes(dataset)] == ["0", "1", "2"]


def test_a_class_without_a_name_is_refused_by_its_key() -> None:
    import pandas as pd

    from tests.pages.conftest import CLASSES

    rows = pd.DataFrame({"name": ["background", "disc", " "], "colour": ["#000000"] * 3})
    rows["role"], rows["index"] = "class", [0, 1, 2]
    with pytest.raises(DatasetError, match="class 2 has no name"):
        class_editor.read_rows(CLASSES, rows)


def test_opening_a_folder_shows_previews_and_keeps_nothing_until_the_scan(
    open_page: OpenPage, folder: Path
) -> None:
    page = _open(open_page, folder)
    assert page.selectbox[0].value == "index"
    assert sum("masks/eye" in item.help.replace("\\", "") for item in page.caption if item.help) == 6
    assert datasets.list_datasets() == []


def test_a_corrected_answer_wins_over_detection(open_page: OpenPage, folder: Path) -> None:
    page = _open(open_page, folder)
    void = next(item for item in page.text_input if item.label == "Void values")
    page = void.set_value("2").run()
    assert next(item for item in page.text_input if item.label == "Void values").value == "2"


def test_a_mask_folder_that_does_not_exist_is_said_and_the_form_stays(
    open_page: OpenPage, folder: Path
) -> None:
    page = _open(open_page, folder)
    masks = next(item for item in page.text_input if item.label == "Mask folder")
    page = masks.set_value("nowhere").run()
    assert "nowhere" in page.error[0].value
    assert any(item.label == "Mask folder" for item in page.text_input)


def test_cancel_leaves_the_opening(open_page: OpenPage, folder: Path) -> None:
    page = _open(open_page, folder)
    page = page.button(key="open.cancel").click().run()
    assert page.title[0].value == "Dataset"


def test_thumbnails_are_drawn_a_page_at_a_time() -> None:
    assert gallery.PAGE == 12


def _opened(page: AppTest) -> list[str]:
    return [
        item.label.replace("\\", "")
        for item in page.button
        if item.key and item.key.startswith("images.open")
    ]


def _open(open_page: OpenPage, folder: Path) -> AppTest:
    home = open_page()
    home.text_input[0].set_value(str(folder))
    return next(item for item in home.button if item.label == "Open folder").click().run()


def test_a_kept_dataset_is_corrected_on_its_own_ground(spec: DatasetSpec) -> None:
    corrected = opening_form.correct(spec, Answers(masks=Path("other"), void=("2",)))
    assert corrected.folders[0].images == "images"
    assert corrected.folders[0].masks == "other"
    assert corrected.void == ("2",)
    assert corrected.classes == spec.classes


def test_another_format_forgets_what_was_said_of_the_old_ones_values(spec: DatasetSpec) -> None:
    corrected = opening_form.correct(spec, Answers(format="colour"))
    assert corrected.classes == ()


def test_how_a_scanned_dataset_is_read_can_be_changed(open_page: OpenPage, scanned: str) -> None:
    page = open_page("dataset", dataset=scanned, view="Files")
    page = page.button(key="files.change").click().run()
    assert page.title[0].value == "Open a dataset"
    assert not page.error
    assert page.selectbox[0].value == "index"


def test_an_answer_that_was_refused_and_taken_back_leaves_no_refusal(
    open_page: OpenPage, folder: Path
) -> None:
    page = open_page()
    page.text_input[0].set_value(str(folder))
    page = page.button[1].click().run()
    page.switch_page("pages/dataset.py").run()
    masks = next(field for field in page.text_input if field.label == "Mask folder")
    page = masks.set_value("no such folder").run()
    assert page.error
    masks = next(field for field in page.text_input if field.label == "Mask folder")
    page = masks.set_value("masks").run()
    assert not page.error


def test_a_dead_link_to_a_run_does_not_keep_the_page_from_the_dataset(
    open_page: OpenPage, scanned: str
) -> None:
    page = open_page("dataset", dataset=scanned, run="scan-never-was")
    assert page.error
    assert page.title[0].value == r"Retina\_1"


def test_a_name_that_is_no_text_does_not_end_the_gallery(
    open_page: OpenPage, folder: Path, spec: DatasetSpec
) -> None:
    for kind in ("images", "masks"):
        (folder / kind / "eye_0.png").rename(folder / kind / "eye_\udcfc.png")
    (folder / "masks" / "lonely_\udcfc.png").write_bytes(b"")
    dataset_id = _scan(spec)
    page = open_page("dataset", dataset=dataset_id, view="Images")
    assert not page.error
    assert len(_opened(page)) == 6
    assert not open_page("dataset", dataset=dataset_id, view="Files").error


def test_without_a_usable_image_the_page_says_so_and_lists_the_files(
    open_page: OpenPage, folder: Path, spec: DatasetSpec
) -> None:
    for mask in (folder / "masks").iterdir():
        mask.write_bytes(b"")
    page = open_page("dataset", dataset=_scan(spec))
    assert not page.error
    assert not page.tabs
    assert any("none can be used yet" in item.value for item in page.markdown)
    assert len(page.dataframe[0].value) == 6


def test_outlines_without_images_are_drawn(open_page: OpenPage, tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1)])
    page = open_page(
        "dataset", dataset=_scan(coco_spec(tmp_path, pairing=Pairing(rule="none"))), view="Images"
    )
    assert not page.error
    assert len(_opened(page)) == 1


def test_class_names_in_file_names_are_not_said_to_be_paired(open_page: OpenPage, tmp_path: Path) -> None:
    for name in ("cat.1", "dog.1"):
        Image.new("L", (8, 8)).save(tmp_path / f"{name}.png")
    spec = DatasetSpec(name="pets", root=tmp_path, format="label_names")
    page = open_page("dataset", dataset=_scan(spec), view="Files")
    assert not any("mask have" in item.value for item in page.markdown)


def _scan(spec: DatasetSpec) -> str:
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id
