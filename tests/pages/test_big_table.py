"""A long label table in the app: whatever is opened, the browser gets a page of it and never the whole."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.scan import run_scan
from core.services import datasets
from tests.pages.conftest import OpenPage

ROWS, CLASSES = 20_000, 50
MOST_ROWS = 2000
MOST_BYTES = 300_000  # of one element; the table of all combinations would be ten times that
DATASET_VIEWS = ("Overview", "Images", "Groups", "Combinations", "Classes", "Files")
BALANCE_VIEWS = ("Copies per combination", "Copies per image", "Classes", "Kept plans", "Folds")


@pytest.fixture
def big(tmp_path: Path) -> str:
    """The id of a scanned table of 20 000 rows in thousands of combinations."""
    present = np.random.default_rng(0).random((ROWS, CLASSES)) < 0.3 * np.arange(1, CLASSES + 1) ** -0.8
    lines = ["image," + ",".join(f"finding {k}" for k in range(CLASSES))]
    lines += [f"{i:05}.png,{','.join(map(str, row))}" for i, row in enumerate(present.astype(int).tolist())]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(lines) + "\n")
    dataset_id = datasets.keep(datasets.propose(str(path)).spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def _check_payload(page: AppTest) -> None:
    assert not page.exception
    assert max((len(item.value) for item in page.dataframe), default=0) <= MOST_ROWS
    sizes = [node.proto.ByteSize() for node in page._tree if getattr(node, "proto", None) is not None]
    assert len(sizes) > 10
    assert max(sizes) < MOST_BYTES


def test_no_view_of_the_dataset_sends_more_than_a_page_of_it(big: str, open_page: OpenPage) -> None:
    page = open_page("dataset", dataset=big, view=DATASET_VIEWS[0])
    _check_payload(page)
    for view in DATASET_VIEWS[1:]:
        page.session_state["dataset.view"] = view
        page.run()
        _check_payload(page)


def test_no_table_of_copies_sends_more_than_a_page_of_it(big: str, open_page: OpenPage) -> None:
    page = open_page("balance", dataset=big)
    for view in BALANCE_VIEWS:
        page.session_state["balance.tables"] = view
        page.run()
        _check_payload(page)
