"""The dataset's charts hold what the tables say."""

import numpy as np
import pandas as pd
import pytest

from pages._ui.dataset import charts


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["disc", "a very long name that no axis can hold", "never"],
            "colour": ["#E69F00", "#56B4E9", "#009E73"],
            "images": [4, 1, 0],
            "presence": [1.0, 0.25, 0.0],
            "pixel_share": [0.2, 0.00001, 0.0],
        }
    )


def test_presence_is_drawn_in_per_cent_with_the_class_colours(table: pd.DataFrame) -> None:
    (bars,) = charts.presence(table, images=4).data
    assert list(bars.x) == [100.0, 25.0, 0.0]
    assert list(bars.marker.color) == list(table["colour"])
    assert bars.hovertext[0] == "disc: in 4 images of 4, 100 %"


def test_a_long_name_is_cut_on_the_axis_and_whole_on_hover(table: pd.DataFrame) -> None:
    figure = charts.presence(table, images=4)
    assert figure.layout.yaxis.ticktext[1].endswith("…")
    assert "no axis can hold" in figure.data[0].hovertext[1]


def test_a_class_without_pixels_is_called_absent_on_the_logarithmic_axis(table: pd.DataFrame) -> None:
    figure = charts.pixel_share(table)
    dots = figure.data[1]
    assert dots.text[2] == "absent"
    assert dots.marker.size[2] == 0
    assert figure.layout.xaxis.range[0] <= np.log10(100 * 0.00001)


def test_a_dataset_without_any_pixel_still_has_an_axis(table: pd.DataFrame) -> None:
    figure = charts.pixel_share(table.assign(pixel_share=0.0))
    assert figure.layout.xaxis.range[0] < figure.layout.xaxis.range[1]


def test_cells_show_counts_or_shares_and_stay_silent_beyond_twenty_classes() -> None:
    counts = np.array([[4, 1], [1, 1]])
    conditional = np.array([[1.0, 0.25], [1.0, 1.0]])
    (cells,) = charts.cooccurrence(["a", "b"], counts, conditional, as_share=True).data
    assert cells.z[0][1] == 25.0
    assert cells.texttemplate
    many = [f"c{i}" for i in range(21)]
    (cells,) = charts.cooccurrence(many, np.ones((21, 21), int), np.ones((21, 21)), False).data
    assert cells.texttemplate is None


def test_markup_in_a_class_name_stays_text(table: pd.DataFrame) -> None:
    figure = charts.presence(table.assign(name=["<a href='x'>a</a>", "b", "c"]), images=4)
    assert figure.layout.yaxis.ticktext[0].startswith("&lt;a")
    assert "<a" not in figure.data[0].hovertext[0]
