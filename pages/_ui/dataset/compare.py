"""Compare: this dataset beside another one of the workspace."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.scan import ScannedDataset
from core.services import dataset_comparison, datasets
from pages._ui import cache, cache_dataset, charts, messages, progress, tables
from pages._ui.dataset import compare_charts
from pages._ui.dataset.charts import share_fine
from pages._ui.dataset.format_words import FORMATS
from pages._ui.words import count, counted, escaped, listed, share

if TYPE_CHECKING:
    import pandas as pd

    from core.services.dataset_comparison import EqualImages

_MOST_ROWS: Final = 30
_MOST_LINES: Final = 200
_IN_SIGHT: Final = 10


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    others = {
        item.id: item.name for item in datasets.list_datasets() if item.scanned and item.id != dataset_id
    }
    if not others:
        st.markdown("No other dataset of this workspace has been scanned. Open one to compare this one with.")
        if st.button("Open another", key="compare.open"):
            st.switch_page("pages/home.py")
        return
    other_id = st.selectbox(
        "Compare with",
        list(others),
        index=None,
        format_func=lambda name: f"{others[name]} ({name})" if _is_twice(others, name) else others[name],
        key="compare.other",
        placeholder="Choose a dataset",
        width=420,
    )
    if other_id is None:
        st.markdown("Classes are matched by their names; shares come with their 95 % intervals.")
        return
    other = cache.dataset(other_id)
    names = (dataset.spec.name, other.spec.name)
    compared = cache_dataset.comparison(dataset_id, other_id)
    _facts(compared.facts, names)
    _matches(compared.presence)
    _presence(dataset_id, compared.presence, names)
    _pixels(dataset_id, compared.pixels, names)
    _combinations(dataset_id, compared.combinations, names)
    _equal(dataset_id, other_id, (dataset, other))


def _is_twice(others: dict[str, str], name: str) -> bool:
    return list(others.values()).count(others[name]) > 1


def _facts(table: "pd.DataFrame", names: tuple[str, str]) -> None:
    import pandas as pd

    spelt = [(line.fact, *map(_spell_fact, (line.first, line.second))) for line in table.itertuples()]
    st.dataframe(
        pd.DataFrame(spelt, columns=table.columns),
        key="compare.facts",
        hide_index=True,
        height="content",
        column_config={"fact": "", "first": names[0], "second": names[1]},
    )


def _matches(table: "pd.DataFrame") -> None:
    """Which classes only one of the two knows, in words."""
    for where, words in (("only here", "Only here"), ("only there", "Only there")):
        found = [escaped(name) for name in table.loc[table["where"] == where, "class"]]
        if found:
            st.markdown(f"{words}: {listed(found, most=12)}.")
    both = int((table["where"] == "both").sum())
    st.markdown(f"{counted(both, 'class', 'classes')} in both, matched by name.")


def _presence(dataset_id: str, table: "pd.DataFrame", names: tuple[str, str]) -> None:
    st.subheader(
        "Presence",
        anchor=False,
        help="Images with the class ÷ usable images. The line through a mark is the Wilson interval of 95 %, "
        "that of the difference is Newcombe's: where it leaves out 0, chance alone hardly explains it.",
    )
    shown = _widest_apart(table)
    alt = "Marks with intervals: share of images with each class in both datasets. The table has the values."
    charts.show(
        compare_charts.presence(shown, names),
        key="compare.presence",
        file_name=f"{dataset_id}_presence_compared",
        alt=alt,
    )
    bounds = zip(table["difference"], table["difference_low"], table["difference_high"], strict=True)
    points = [
        "{} ({} to {})".format(*(_spell_points(100 * value, "+.1f") for value in values))
        if values[0] == values[0]
        else ""
        for values in bounds
    ]
    lines = table.assign(
        here=[_spell(value, share) for value in table["presence"]],
        there=[_spell(value, share) for value in table["other_presence"]],
        points=points,
    )
    _share_table(lines, "compare.presence.table", names, "Difference, percentage points (95 %)")
    tables.save_button(
        lambda: table, key="compare.presence.csv", file_name=f"{dataset_id}_presence_compared.csv"
    )


def _pixels(dataset_id: str, table: "pd.DataFrame", names: tuple[str, str]) -> None:
    st.subheader(
        "Pixel share",
        anchor=False,
        help="The class's pixels ÷ all pixels that are not void. The line through a mark is its 95 % "
        "interval over images (ratio estimator): pixels of one image are not independent.",
    )
    if not len(table):
        st.markdown("Pixel shares need masks, and one of the two has labels only.")
        return
    shown = _widest_apart(table)
    alt = "Marks on a logarithmic axis: share of all pixels of each class in both. The table has the values."
    charts.show(
        compare_charts.pixel_share(shown, names),
        key="compare.pixels",
        file_name=f"{dataset_id}_pixel_share_compared",
        alt=alt,
    )
    lines = table.assign(
        here=[_spell(value, share_fine) for value in table["share"]],
        there=[_spell(value, share_fine) for value in table["other_share"]],
        points=[_spell_points(100 * value, "+.2g") for value in table["difference"]],
    )
    _share_table(lines, "compare.pixels.table", names, "Difference, percentage points")
    tables.save_button(lambda: table, key="compare.pixels.csv", file_name=f"{dataset_id}_pixels_compared.csv")


def _widest_apart(table: "pd.DataFrame") -> "pd.DataFrame":
    """The lines to draw, in the table's order; of too many those that differ most."""
    both = table[table["where"] == "both"]
    if len(table) <= _MOST_ROWS:
        return table
    st.caption(f"The {_MOST_ROWS} classes of both that differ most; the table has all {count(len(table))}.")
    return both.reindex(both["difference"].abs().sort_values(ascending=False).index[:_MOST_ROWS]).sort_index()


def _share_table(lines: "pd.DataFrame", key: str, names: tuple[str, str], difference: str) -> None:
    st.dataframe(
        lines[["class", "where", "here", "there", "points"]],
        key=key,
        hide_index=True,
        height="content" if len(lines) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "class": "Class",
            "where": "Known",
            "here": names[0],
            "there": names[1],
            "points": difference,
        },
    )


def _combinations(dataset_id: str, table: "pd.DataFrame", names: tuple[str, str]) -> None:
    st.subheader(
        "Combinations in only one of them",
        anchor=False,
        help="Combinations of the classes that both datasets know; other classes play no part.",
    )
    if not len(table):
        st.markdown("None: every combination of the shared classes occurs in both.")
        return
    st.dataframe(
        table.head(_MOST_LINES),
        key="compare.combinations",
        hide_index=True,
        height="content" if len(table) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "combination": st.column_config.TextColumn("Combination", width=520),
            "images": st.column_config.NumberColumn(f"Images in {names[0]}", format="localized"),
            "other_images": st.column_config.NumberColumn(f"Images in {names[1]}", format="localized"),
        },
    )
    if len(table) > _MOST_LINES:
        st.caption(f"The commonest {_MOST_LINES} of {count(len(table))}. The file has all.")
    tables.save_button(
        lambda: table, key="compare.combinations.csv", file_name=f"{dataset_id}_combinations_compared.csv"
    )


def _equal(dataset_id: str, other_id: str, both: tuple[ScannedDataset, ScannedDataset]) -> None:
    st.subheader(
        "Images in both",
        anchor=False,
        help="Files with equal bytes. Training on one dataset and testing on the other would leak them. "
        "An image saved anew in another format is not found.",
    )
    if not all(any(sample.image for sample in item.samples) for item in both):
        st.markdown("One of the two comes without images, so there is nothing to compare.")
        return
    run = dataset_comparison.find_equal_run(dataset_id, other_id)
    if run is not None and not run.over:
        progress.watch(run.id)
        return
    if run is not None and run.state in ("failed", "interrupted"):
        messages.caution(run.message)
    found = dataset_comparison.find_equal(dataset_id, other_id)
    if found is not None:
        _found(dataset_id, found, both)
    label = "Look for equal images" if found is None else "Look again"
    if st.button(label, key="compare.equal"):
        dataset_comparison.start_equal(dataset_id, other_id)
        st.rerun()


def _found(dataset_id: str, found: "EqualImages", both: tuple[ScannedDataset, ScannedDataset]) -> None:
    if (found.fingerprint, found.other_fingerprint) != tuple(item.fingerprint for item in both):
        messages.caution("One of the datasets has changed since. Look again.")
    if not found.pairs:
        st.markdown(
            f"None: no file of {count(found.files)} equals one of {count(found.other_files)} byte for byte."
        )
        return
    import pandas as pd

    table = pd.DataFrame(list(found.pairs), columns=["here", "there"])
    messages.caution(
        f"{counted(table['here'].nunique(), 'image')} of this dataset are in the other one too. "
        "Keep them on one side of every split."
    )
    st.dataframe(
        table.head(_MOST_LINES),
        key="compare.equal.table",
        hide_index=True,
        height="content" if len(table) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={"here": both[0].spec.name, "there": both[1].spec.name},
    )
    tables.save_button(lambda: table, key="compare.equal.csv", file_name=f"{dataset_id}_equal_images.csv")


def _spell_fact(value: str | int) -> str:
    return FORMATS.get(value, value) if isinstance(value, str) else count(value)


def _spell_points(value: float, places: str) -> str:
    """A signed number with a true minus; empty where there is none."""
    return format(value, places).replace("-", "−") if value == value else ""  # NaN is not itself


def _spell(value: float, spell: Callable[[float], str]) -> str:
    return spell(value) if value == value else ""
