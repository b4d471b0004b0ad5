"""Versions: the states of the dataset that scans have found, and what changed from one to another."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.domain.scan import ScannedDataset
from core.services import versions
from pages._ui import cache_dataset, tables
from pages._ui.dataset.charts import share_fine
from pages._ui.words import count, counted, escaped, listed, share

if TYPE_CHECKING:
    import pandas as pd

    from core.services.versions import DatasetVersion, VersionChanges

_SHORT: Final = 8  # letters of a fingerprint: enough to tell twenty versions apart
_MOST_NAMED: Final = 200
_IN_SIGHT: Final = 10


def draw(dataset_id: str, dataset: ScannedDataset) -> None:
    """The whole tab."""
    known = versions.known(dataset_id)
    st.markdown(
        "A scan that finds other images, masks, classes or answers than any before keeps a new version; the "
        f"last {versions.MOST_VERSIONS} are kept. A plan belongs to the version with its fingerprint.",
        help="The fingerprint is a hash of the images' names, of what their masks hold and of what it means. "
        "Names and colours of classes are not part of it, nor are the pixels of the images themselves.",
    )
    if not known:
        st.markdown("None is kept yet. Scan again, under Files, to keep the first.")
        return
    _list(known, dataset.fingerprint)
    if len(known) == 1:
        st.markdown("This is the only version so far, so there is nothing to compare it with.")
        return
    _compare(dataset_id, known)


def _list(known: "Sequence[DatasetVersion]", now: str) -> None:
    import pandas as pd

    table = pd.DataFrame(
        {
            "version": [item.number for item in known],
            "fingerprint": [item.fingerprint[:_SHORT] for item in known],
            "created": [_when(item) for item in known],
            "images": [item.images for item in known],
            "usable": [item.usable for item in known],
            "classes": [len(_balanced(item)) for item in known],
            "problems": [item.problems for item in known],
            "open": ["open now" if item.fingerprint == now else "" for item in known],
        }
    )
    st.dataframe(
        table,
        key="versions.table",
        hide_index=True,
        height="content" if len(table) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={
            "version": "Version",
            "fingerprint": "Fingerprint",
            "created": "First seen, UTC",
            "images": st.column_config.NumberColumn("Images", format="localized"),
            "usable": st.column_config.NumberColumn("Usable", format="localized"),
            "classes": "Classes",
            "problems": st.column_config.NumberColumn("Problems", format="localized"),
            "open": "",
        },
    )


def _compare(dataset_id: str, known: "Sequence[DatasetVersion]") -> None:
    st.subheader("What changed", anchor=False)
    by_fingerprint = {item.fingerprint: item for item in known}
    names = list(by_fingerprint)
    left, right = st.columns(2)
    newest = known[0].number  # in the keys: after a scan the latest two are compared again
    before = left.selectbox(
        "From",
        names,
        index=1,
        format_func=lambda name: _title(by_fingerprint[name]),
        key=f"versions.before.{newest}",
    )
    after = right.selectbox(
        "To", names, format_func=lambda name: _title(by_fingerprint[name]), key=f"versions.after.{newest}"
    )
    if before == after:
        st.markdown("Choose two different versions.")
        return
    changes = cache_dataset.version_changes(dataset_id, before, after)
    if changes.none:
        st.markdown("Nothing that is kept of them: the masks differ in how their classes are cut or named.")
    _images(dataset_id, changes)
    _classes(changes)
    _answers(changes)
    _shares(dataset_id, by_fingerprint[before], by_fingerprint[after])


def _images(dataset_id: str, changes: "VersionChanges") -> None:
    samples = changes.samples
    parts = (("added", samples.added), ("removed", samples.removed), ("with a changed mask", samples.changed))
    said = [f"{counted(len(names), 'image')} {what}" for what, names in parts if names]
    st.markdown(f"{listed(said)}." if said else "The same images with the same masks.")
    if not said:
        return
    found = sum(len(names) for _, names in parts)
    table = _image_table(parts, _MOST_NAMED)
    st.dataframe(
        table,
        key="versions.images",
        hide_index=True,
        height="content" if len(table) <= _IN_SIGHT else 35 * _IN_SIGHT,
        column_config={"image": "Image", "change": "Change"},
    )
    if found > len(table):
        st.caption(f"The first {_MOST_NAMED} of {count(found)}. The file has all.")
    tables.save_button(
        lambda: _image_table(parts), key="versions.images.csv", file_name=f"{dataset_id}_changes.csv"
    )


def _image_table(parts: "Sequence[tuple[str, tuple[str, ...]]]", most: int | None = None) -> "pd.DataFrame":
    import pandas as pd

    lines = ((name, what) for what, names in parts for name in names)
    return pd.DataFrame(list(islice(lines, most)), columns=["image", "change"])


def _classes(changes: "VersionChanges") -> None:
    said = [f"The class {escaped(name)} is new." for name in changes.classes_added]
    said += [f"The class {escaped(name)} is gone." for name in changes.classes_removed]
    said += [f"{escaped(old)} is called {escaped(new)}." for old, new in changes.renamed]
    said += [f"{escaped(name)} was {old} and is {new}." for name, old, new in changes.roles]
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))


def _answers(changes: "VersionChanges") -> None:
    if not changes.answers:
        return
    import pandas as pd

    st.dataframe(
        pd.DataFrame(
            [(item.answer, item.before, item.after) for item in changes.answers],
            columns=["Answer", "Before", "After"],
        ),
        key="versions.answers",
        hide_index=True,
        height="content",
    )


def _shares(dataset_id: str, before: "DatasetVersion", after: "DatasetVersion") -> None:
    """Presence and pixel share of each class in both versions, in columns of their own."""
    import pandas as pd

    old = {item.key: item for item in before.classes}
    lines = [
        (
            item.name,
            *(_spell(found.presence if found else None, share) for found in (old.get(item.key), item)),
            *(
                _spell(found.pixel_share if found else None, share_fine)
                for found in (old.get(item.key), item)
            ),
        )
        for item in _balanced(after)
    ]
    table = pd.DataFrame(
        lines,
        columns=["Class", "Presence before", "Presence after", "Pixel share before", "Pixel share after"],
    )
    st.dataframe(
        table,
        key="versions.shares",
        hide_index=True,
        height="content" if len(table) <= _IN_SIGHT else 35 * _IN_SIGHT,
    )
    tables.save_button(lambda: table, key="versions.shares.csv", file_name=f"{dataset_id}_shares_changed.csv")


def _balanced(version: "DatasetVersion") -> list[versions.VersionClass]:
    return [item for item in version.classes if item.role == "class"]


def _title(version: "DatasetVersion") -> str:
    return f"{version.number} · {version.fingerprint[:_SHORT]} · {_when(version)}"


def _when(version: "DatasetVersion") -> str:
    return version.created[:16].replace("T", " ")


def _spell(value: float | None, spell: Callable[[float], str]) -> str:
    return "" if value is None else spell(value)
