"""Problem files: listed by kind, left out, paired by hand, and taken back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.dataset import DatasetSpec
from core.domain.scan import ScannedDataset
from core.services import corrections, datasets
from pages._ui import cache_dataset, messages, state, tables
from pages._ui.dataset import pairing
from pages._ui.words import count, counted, escaped, visible

if TYPE_CHECKING:
    import pandas as pd

    from core.services.corrections import ProblemKind

_IN_SIGHT: Final = 10
_MOST_KINDS: Final = 6
_MOST_ROWS: Final = 2000  # more rows than anyone reads cost seconds to send; the file has all
_COLUMNS: Final = {"file": "File", "problem": "What is wrong", "next_step": "Next step"}


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """What is wrong and what can be done, then what was corrected."""
    st.subheader("Problems", anchor=False)
    kinds = cache_dataset.problem_kinds(dataset_id)
    if kinds:
        _problems(dataset_id, dataset, kinds)
    else:
        corrected = dataset.spec.ignored or dataset.spec.pairs
        st.markdown("None are left." if corrected else "None. Every file could be read and has its partner.")
    if dataset.spec.ignored:
        _left_out(dataset_id, dataset.spec)
    if dataset.spec.pairs:
        _paired(dataset_id, dataset.spec)


def _problems(dataset_id: str, dataset: ScannedDataset, kinds: "list[ProblemKind]") -> None:
    st.markdown(
        f"{counted(len(dataset.problems), 'file')} could not be used as they are, or should be looked at. "
        f"{counted(len(dataset.samples), 'image')} can be used."
    )
    version = datasets.version(dataset_id)
    kind = _choose(kinds, version)
    chosen = [kind] if kind else kinds
    _say_kinds(chosen)
    table = _table(chosen)
    rows = _select(table, f"files.problems.{version}", _COLUMNS)
    removable = list(dict.fromkeys(file for item in chosen for file in item.removable))
    if rows:
        named = set(table["file"].iloc[rows])
        removable = [file for file in removable if visible(file) in named]
    with st.container(horizontal=True):
        if removable and st.button(
            f"Leave out {_which(removable, bool(rows))}",
            key="files.leave_out",
            help="They count as not there, with what they are paired with. The files stay as they are, "
            "and you can take them back.",
        ):
            spec = corrections.leave_out(datasets.find_spec(dataset_id), removable)
            _scan(dataset_id, spec, f"{counted(len(removable), 'file')} left out; listed under “Left out”.")
        if pairing.is_possible(dataset) and st.button("Pair files by hand", key="files.pair"):
            pairing.open_dialog(dataset_id, dataset)
        tables.save_button(lambda: table, key="files.csv", file_name=f"{dataset_id}_problems.csv")
    if rows and not removable:
        st.caption(
            "What is selected belongs to images that are used, or is no file that can be left out: "
            "its next step says what to do."
        )


def _choose(kinds: "list[ProblemKind]", version: str) -> "ProblemKind | None":
    """The kind of problem to list; None for all."""
    if len(kinds) == 1:
        return kinds[0]
    place = st.selectbox(
        "Kind",
        [None, *range(len(kinds))],
        format_func=lambda place: (
            f"All {count(len(kinds))} kinds"
            if place is None
            else f"{kinds[place].title} ({count(len(kinds[place].problems))})"
        ),
        key=f"files.kind.{version}",
    )
    return None if place is None else kinds[place]


def _say_kinds(kinds: "Sequence[ProblemKind]") -> None:
    """Each kind in full, with its next step: in the table long sentences are cut."""
    lines = [
        f"- **{escaped(kind.title)}** ({count(len(kind.problems))}). {escaped(kind.next_step)}"
        for kind in kinds[:_MOST_KINDS]
    ]
    st.markdown("\n".join(lines))
    if len(kinds) > _MOST_KINDS:
        st.caption(f"And {counted(len(kinds) - _MOST_KINDS, 'more kind', 'more kinds')}, in the table.")


def _table(kinds: "Sequence[ProblemKind]") -> "pd.DataFrame":
    import pandas as pd

    # a name that is no UTF-8 cannot stand in a table of pandas
    lines = [
        (visible(item.file), visible(item.problem), item.next_step)
        for kind in kinds
        for item in kind.problems
    ]
    return pd.DataFrame(lines, columns=["file", "problem", "next_step"])


def _select(table: "pd.DataFrame", key: str, columns: dict[str, str]) -> list[int]:
    """A table whose rows can be selected; returns the positions of those that are."""
    shown = table.head(_MOST_ROWS)
    event = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height="content" if len(shown) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config=columns,
        on_select="rerun",
        selection_mode="multi-row",
    )
    if len(table) > len(shown):
        st.caption(f"The first {count(len(shown))} of {count(len(table))}. The file has all.")
    rows: list[int] = event["selection"]["rows"]
    return rows


def _left_out(dataset_id: str, spec: DatasetSpec) -> None:
    import pandas as pd

    st.subheader(
        "Left out",
        anchor=False,
        help="These files count as not there, and so does what they would be paired with. "
        "They are part of the dataset's answers (`ignored` in dataset.toml).",
    )
    version = datasets.version(dataset_id)
    table = pd.DataFrame({"file": [visible(file) for file in spec.ignored]})
    rows = _select(table, f"files.ignored.{version}", {"file": "File"})
    files = [spec.ignored[row] for row in rows] or list(spec.ignored)
    if st.button(f"Take back {_which(files, bool(rows))}", key="files.take_back"):
        after = corrections.take_back(datasets.find_spec(dataset_id), files)
        _scan(dataset_id, after, f"{counted(len(files), 'file')} taken back.")


def _paired(dataset_id: str, spec: DatasetSpec) -> None:
    st.subheader(
        "Paired by hand",
        anchor=False,
        help="These belong together whatever their names say (`pairs` in dataset.toml).",
    )
    for place, (image, mask) in enumerate(spec.pairs):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{escaped(image)} with {escaped(mask)}", width="stretch")
            if st.button("Part", key=f"files.part.{place}", help="Undo this pair."):
                after = corrections.part(datasets.find_spec(dataset_id), image, mask)
                _scan(dataset_id, after, f"{image} and {mask} are parted.")


def _which(files: "Sequence[str]", selected: bool) -> str:
    every = "the selected " if selected else "all " if len(files) > 1 else ""
    return every + counted(len(files), "file")


def _scan(dataset_id: str, spec: DatasetSpec, said: str) -> None:
    """Keep corrected answers, and follow the scan that they need."""
    with st.spinner("Looking at the folder"):
        run_id = corrections.apply(dataset_id, spec)
    state.set_run(run_id)
    messages.notice(said)
    st.rerun()
