"""Image-level labels from a table: one column a class, or one column of words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import CancelledError, DatasetError
from core.formats.labels.label_groups import leave_out_group
from core.formats.labels.label_rows import Rows, name_rows, read_rows
from core.formats.labels.label_sniffing import FLAGS, NOTHING, TableShape, sniff_table

_MOST_PROBLEMS = 1000  # rows named one by one; beyond that their number is said
_MOST_WORDS = 10_000


def scan_label_table(
    spec: DatasetSpec,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScannedDataset:
    """Read all rows of a label table; `spec.root` is the file.

    1, 1.0, true and yes are present; 0, false, no, an empty cell and -1 (absent in VOC, uncertain in
    CheXpert) are not. In a column of words, "No Finding" and "none" are no class. A row that breaks a rule,
    or repeats an id, is a problem and left out.

    Args:
        spec: The answers.
        on_progress: Told (rows read, rows in all as far as one can say).
        should_stop: Asked some times a second.

    Raises:
        DatasetError: The file cannot be read or is no label table.
        CancelledError: `should_stop` said so; nothing is kept, reading begins anew the next time.
    """
    shape = leave_out_group(sniff_table(spec.root, spec.id_column, spec.separator), spec)
    problems: list[Problem] = []
    ids: list[str] = []
    parts: list[NDArray[np.bool_]] = []
    words: dict[str, int] = {} if shape.words else {name: place for place, name in enumerate(shape.flags)}
    for rows in _read(spec, shape, problems):
        found, bad = _mark_words(rows, shape, words) if shape.words else _mark_flags(rows, shape)
        names = name_rows(rows, shape.id_column, shape.skip)
        keep = np.ones(len(names), dtype=bool)
        for place, what in bad.items():
            keep[place] = False
            problems.append(_row_problem(spec, rows.lines[place], what))
        parts.append(found[keep])
        ids += [name for name, kept in zip(names, keep, strict=True) if kept]
        if on_progress is not None:
            on_progress(len(ids), round(len(ids) / rows.read))
        if should_stop is not None and should_stop():
            raise CancelledError("The scan was cancelled. Scan again to read the table from its beginning.")
    presence = np.zeros((len(ids), len(words)), dtype=bool)
    start = 0
    for part in parts:  # a word that turns up late widens the table
        presence[start : start + len(part), : part.shape[1]] = part
        start += len(part)
    return build_dataset(spec, list(words), ids, presence, problems, len(ids) + len(problems))


def build_dataset(
    spec: DatasetSpec,
    keys: Sequence[str],
    ids: Sequence[str],
    presence: NDArray[np.bool_],
    problems: Sequence[Problem],
    images: int,
) -> ScannedDataset:
    """A scanned dataset from labels alone.

    Args:
        spec: The dataset; classes that it names come first, those that are void are left out.
        keys: Columns or words found.
        ids: `(N,)` image names; only the first of equal ones is kept.
        presence: `(N, C)` bool, C = len(keys).
        problems: What was left out so far; repeated ids and classes that do not occur are added.
        images: Rows or images in all, those left out included.
    """
    repeated = pd.Index(ids).duplicated()
    kept_ids = [ids[place] for place in np.flatnonzero(~repeated).tolist()] if repeated.any() else list(ids)
    classes = _order_classes(spec, keys)
    unique = presence[~repeated] if repeated.any() else presence
    kept = np.zeros((len(kept_ids), len(classes)), dtype=bool)
    place_of = {key: place for place, key in enumerate(keys)}
    for column, item in enumerate(classes):
        if item.key in place_of:
            kept[:, column] = unique[:, place_of[item.key]]
    found = [*problems, *_repeat_problems(ids, repeated), *_absence_problems(spec, classes, place_of)]
    return ScannedDataset(
        spec=spec,
        classes=classes,
        samples=tuple(Sample(name, None) for name in kept_ids),
        presence=kept,
        pixels=None,
        totals=None,
        sizes=None,
        overlapping=True,
        problems=tuple(_shorten(found)),
        images=images,
        fingerprint=_fingerprint(classes, kept_ids, kept),
    )


def _read(spec: DatasetSpec, shape: TableShape, problems: list[Problem]) -> Iterator[Rows]:
    text = [name for name in (shape.id_column, shape.words) if name is not None]
    columns = [*text, *shape.flags]
    return read_rows(spec.root, shape.names, shape.delimiter, columns, text, shape.skip, problems)


def _mark_flags(rows: Rows, shape: TableShape) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Presence `(rows, C)`, and what is wrong with which row."""
    table = rows.table
    found = np.zeros((len(table), len(shape.flags)), dtype=bool)
    bad: dict[int, str] = {}
    for place, name in enumerate(shape.flags):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            numbers = column.to_numpy(dtype=np.float32)
            found[:, place] = numbers == 1
            wrong = ~((numbers == 1) | (numbers == 0) | (numbers == -1) | np.isnan(numbers))
        else:
            flags = column.astype("str").str.strip().str.lower().map(FLAGS)
            wrong = flags.isna().to_numpy()
            found[:, place] = flags.eq(True).to_numpy()
        for row in np.flatnonzero(wrong):
            bad.setdefault(int(row), f"column {name!r} holds '{column.iloc[row]}', which is neither 0 nor 1")
    return found, bad


def _mark_words(
    rows: Rows, shape: TableShape, words: dict[str, int]
) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Presence `(rows, words so far)`; new words are added to `words`. Equal cells are split once."""
    codes, cells = pd.factorize(rows.table[shape.words].fillna(""))
    split: list[list[int]] = []
    for cell in cells:
        names = [
            word.strip() for word in str(cell).split(shape.separator if shape.separator != " " else None)
        ]
        split.append([words.setdefault(name, len(words)) for name in names if name.lower() not in NOTHING])
    if len(words) > _MOST_WORDS:
        raise DatasetError(
            f"Column {shape.words!r} holds more than {_MOST_WORDS:,} different words between "
            f"{shape.separator!r}; name the right separator."
        )
    of_cell = np.zeros((len(cells), len(words)), dtype=bool)
    for place, columns in enumerate(split):
        of_cell[place, columns] = True
    return of_cell[codes], {}


def _order_classes(spec: DatasetSpec, keys: Sequence[str]) -> tuple[ClassSpec, ...]:
    """Classes of the spec, then the others found; void ones are left out."""
    known = {item.key for item in spec.classes}
    used = {item.name for item in spec.classes}
    others = [
        ClassSpec(key=key, name=key[:120] if key[:120] not in used else f"class {key[:110]}")
        for key in keys
        if key not in known
    ]
    return tuple(item for item in (*spec.classes, *others) if not spec.is_void(item.key))


def _repeat_problems(ids: Sequence[str], repeated: NDArray[np.bool_]) -> list[Problem]:
    what, step = "this image occurs in another row already", "Remove one of the rows; the first counts."
    return [
        Problem(ids[place], what, step) for place in np.flatnonzero(repeated)[: _MOST_PROBLEMS + 1].tolist()
    ]


def _absence_problems(
    spec: DatasetSpec, classes: Sequence[ClassSpec], place_of: Mapping[str, int]
) -> list[Problem]:
    step = f"Correct its key; there are {', '.join(list(place_of)[:12])}."
    return [
        Problem(
            spec.root.name,
            f"the class {item.name!r} has no column, list, word, folder or file name {item.key!r}",
            step,
        )
        for item in classes
        if item.key not in place_of
    ]


def _row_problem(spec: DatasetSpec, line: int, what: str) -> Problem:
    return Problem(spec.root.name, f"line {line}: {what}", "Correct the line; it is left out until then.")


def _shorten(problems: Sequence[Problem]) -> list[Problem]:
    if len(problems) <= _MOST_PROBLEMS:
        return list(problems)
    rest = Problem(
        problems[-1].file,
        f"and at least {len(problems) - _MOST_PROBLEMS} rows more",
        "Correct those named first.",
    )
    return [*problems[:_MOST_PROBLEMS], rest]


def _fingerprint(classes: Sequence[ClassSpec], ids: Sequence[str], presence: NDArray[np.bool_]) -> str:
    digest = blake2b(digest_size=16)
    digest.update("\0".join(f"{item.key}\1{item.role}" for item in classes).encode())
    order = sorted(range(len(ids)), key=ids.__getitem__)
    digest.update("\0".join(ids[place] for place in order).encode())
    digest.update(np.packbits(presence[np.array(order, dtype=np.intp)]).tobytes())
    return digest.hexdigest()
