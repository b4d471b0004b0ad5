"""The first page that anyone sees."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.services import datasets
from tests.pages.conftest import OpenPage


def test_a_newcomer_finds_the_demo_and_a_field_for_their_folder(open_page: OpenPage) -> None:
    home = open_page()
    assert home.button(key="home.demo").label == "Open the demo"
    assert home.text_input[0].label == "Folder of images and masks, or a label table"
    assert not home.error


def test_a_path_that_does_not_exist_is_refused_in_place(open_page: OpenPage) -> None:
    home = open_page()
    home.text_input[0].set_value("/no/such/folder")
    home = _submit(home)
    assert "/no/such/folder" in home.error[0].value
    assert home.title[0].value == "Give rare classes their weight"


def test_a_folder_leads_to_the_answers_that_it_seems_to_need(open_page: OpenPage, folder: Path) -> None:
    home = open_page()
    home.text_input[0].set_value(str(folder))
    assert _submit(home).title[0].value == "Open a dataset"


def test_a_scanned_dataset_is_listed_and_opens_from_the_list(open_page: OpenPage, scanned: str) -> None:
    home = open_page()
    opened = home.button(key=f"home.recent.{scanned}").click().run()
    assert opened.title[0].value == r"Retina\_1"
    assert opened.query_params["dataset"] == scanned


def test_the_path_of_a_scanned_dataset_opens_it_at_once(
    open_page: OpenPage, scanned: str, folder: Path
) -> None:
    home = open_page()
    home.text_input[0].set_value(f'"{folder}"')
    assert _submit(home).title[0].value == r"Retina\_1"
    assert [item.id for item in datasets.list_datasets()] == [scanned]


def _submit(home: AppTest) -> AppTest:
    return next(item for item in home.button if item.label == "Open folder").click().run()
