"""How groups are named: the ways that a dataset has, tried at once on its own names, used by a click."""

from collections import Counter
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupRule
from core.domain.scan import ScannedDataset
from pages._ui import cache_groups, messages, state
from pages._ui.words import counted, escaped, share, shortened

if TYPE_CHECKING:
    from core.services.splits import SampleGroups

_OWN, _PATTERN, _COLUMN, _FILE = "own", "pattern", "column", "file"
_WAYS: Final = {
    _PATTERN: "A pattern in the file name",
    _COLUMN: "A column of the table",
    _FILE: "A table beside the images",
}
_MATCHES = 6
_NAME = 26  # letters of a file name beside its group


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The ways, what the chosen one gives, and the button that uses it."""
    st.subheader("How groups are found", anchor=False)
    now = GroupRule.of(dataset.spec)
    ways = [_OWN, _PATTERN, _COLUMN if dataset.spec.format == "label_table" else _FILE]
    if _way(now) not in ways:  # a label table may have a file beside it, too
        ways.append(_way(now))
    own = "What the files say" if any(dataset.own_groups or ()) else "Nothing: every image is alone"
    words = {_OWN: own, **_WAYS}
    # A rule that was used is the ground of a new form, which shows it.
    key = f"groups.way.{dataset_id}.{now.model_dump_json()}"
    way = st.radio(
        "Groups come from", ways, index=ways.index(_way(now)), format_func=lambda name: words[name], key=key
    )
    with messages.guarded():
        if way == _OWN and not any(dataset.own_groups or ()):
            _hint(dataset_id)
        rule = _ask(dataset_id, dataset, way, now, key)
        if rule is not None:
            found = _try(dataset_id, dataset, rule)
            if st.button("Use these groups", key="groups.use", disabled=rule == now):
                _use(dataset_id, rule)
            _matches(dataset, found)


def _hint(dataset_id: str) -> None:
    """What the names and the tables beside the images suggest, where nothing is grouped yet."""
    found = cache_groups.suggestions(dataset_id)
    if found.tables:
        first = found.tables[0]
        st.caption(
            f"{escaped(first.file)} has a column “{escaped(first.column)}” that repeats: "
            f"{counted(first.groups, 'value')} in {counted(first.images, 'image')}."
        )
    elif found.patterns:
        first_pattern = found.patterns[0]
        st.caption(
            f"The names repeat: {first_pattern.words} makes {counted(first_pattern.groups, 'group')}. If "
            "that is a patient, flight or video, choose the pattern."
        )


def _way(rule: GroupRule) -> str:
    if rule.file is not None:
        return _FILE
    if rule.column is not None:
        return _COLUMN
    return _PATTERN if rule.pattern is not None else _OWN


def _ask(dataset_id: str, dataset: ScannedDataset, way: str, now: GroupRule, key: str) -> GroupRule | None:
    """The rule that a person asks for; None while it is not complete."""
    if way == _PATTERN:
        return _ask_pattern(dataset_id, now, key)
    if way == _COLUMN:
        return _ask_column(dataset.spec, None, now, key)
    if way == _FILE:
        return _ask_file(dataset_id, dataset.spec, now, key)
    return GroupRule()


def _ask_pattern(dataset_id: str, now: GroupRule, key: str) -> GroupRule | None:
    field = f"{key}.pattern"
    st.session_state.setdefault(field, now.pattern or "")
    typed = st.text_input(
        "Pattern",
        key=field,
        placeholder="^[^_]+",
        help="A regular expression. It is looked for in the file name, then in the path; what it matches is "
        "the group, or its first pair of brackets, if it has one.",
    )
    suggested = cache_groups.suggestions(dataset_id).patterns
    if suggested:
        st.caption("These fit the names:")
    for place, item in enumerate(suggested):
        st.button(
            f"`{item.pattern}` {item.words}: {counted(item.groups, 'group')}",
            key=f"groups.suggested.{place}",
            width="stretch",
            wrap=True,
            on_click=state.put,
            args=(field, item.pattern),
        )
    return GroupRule(pattern=typed.strip()) if typed and typed.strip() else None


def _ask_file(dataset_id: str, spec: DatasetSpec, now: GroupRule, key: str) -> GroupRule | None:
    found = cache_groups.suggestions(dataset_id)
    files = list(
        dict.fromkeys([*([now.file] if now.file else []), *(t.file for t in found.tables), *found.files])
    )
    file = st.selectbox(
        "Table",
        files,
        index=0 if files else None,
        key=f"{key}.file",
        accept_new_options=True,
        placeholder="Path of a CSV file",
        help="A CSV file with one column for the image and one for its group: a path below the dataset's "
        "folder, or a full path.",
    )
    if not file:
        return None
    likely = next((item.column for item in found.tables if item.file == file), None)
    return _ask_column(spec, file, now, key, likely)


def _ask_column(
    spec: DatasetSpec, file: str | None, now: GroupRule, key: str, likely: str | None = None
) -> GroupRule | None:
    from core.services import groups

    columns = groups.list_columns(spec, file)
    if not columns:
        st.markdown("The table has no column beside those that name the image and its labels.")
        return None
    first = now.column if now.file == file and now.column in columns else likely
    column = st.selectbox(
        "Column of the group",
        columns,
        index=columns.index(first) if first in columns else None,
        key=f"{key}.column.{file}",
        placeholder="Choose a column",
    )
    return GroupRule(column=column, file=file) if column else None


def _try(dataset_id: str, dataset: ScannedDataset, rule: GroupRule) -> "SampleGroups":
    """Say what a rule would give, before it is used."""
    found = cache_groups.tried_groups(dataset_id, rule)
    images = len(dataset.samples)
    largest = max(Counter(found.group.tolist()).values(), default=0)
    st.markdown(
        f"**{counted(found.count, 'group')}**, the largest with {counted(largest, 'image')} "
        f"({share(largest / max(images, 1))})."
    )
    return found


def _matches(dataset: ScannedDataset, found: "SampleGroups") -> None:
    """The first groups with an image of each, and what does not fit."""
    import pandas as pd

    chosen = _first_of_each(found.names)
    if chosen:
        names = [shortened(dataset.samples[place].id.rpartition("/")[2], _NAME) for place in chosen]
        st.dataframe(
            pd.DataFrame({"group": [found.names[place] for place in chosen], "image": names}),
            key="groups.matches",
            hide_index=True,
            height="content",
            column_config={"group": "Group", "image": "First image"},
        )
    for sentence in found.notes:
        st.caption(escaped(sentence))
    unnamed = sum(not name for name in found.names)
    if 0 < unnamed < len(found.names) and not found.notes:
        st.caption(f"{counted(unnamed, 'image')} without a name.")


def _first_of_each(names: tuple[str, ...]) -> list[int]:
    """The first image of each of the first few groups."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        if name:
            seen.setdefault(name, place)
        if len(seen) == _MATCHES:
            break
    return list(seen.values())


def _use(dataset_id: str, rule: GroupRule) -> None:
    from core.services import groups

    with st.spinner("Grouping the images"):
        groups.change_rule(dataset_id, rule)
    messages.notice("These groups are kept; nothing had to be read again.")
    st.rerun()
