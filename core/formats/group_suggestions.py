"""Ways to name groups that seem to fit: patterns for the names, and tables beside the images.

Nothing here is ever taken without a person's word: a prefix may be a patient, and may as well be a class.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample
from core.errors import AppError
from core.formats.folders.splits import find_split
from core.formats.group_file import GroupTable, match_groups, read_group_table
from core.formats.group_pattern import build_group_finder

_MOST = 4
_MOST_TABLES = 20
_MOST_BYTES = 20_000_000  # larger tables are chosen by hand: looking at them would keep the page waiting
_MOST_NAMES = 20_000  # names that are looked at; the partition of the others follows the same pattern
_COVERED = 0.9  # share of the names that a pattern must match
_TABLE_SUFFIXES = frozenset({".csv", ".tsv"})
GROUP_WORDS: Final = re.compile(
    r"patient|subject|(?<![a-z])case|study|series|flight|video|clip|scene|slide|specimen|participant|"
    r"(?<![a-z])(?:pid|mrn)(?![a-z])|site|hospital|animal",
    re.IGNORECASE,
)
_WORD = r"(?i)(?<![a-z])((?:patient|subject|sub|case|pat|video|clip|scene|seq|flight|site)[-_ ]?[0-9]+)"
_PATTERNS: Final[tuple[tuple[str, str, str], ...]] = (  # pattern, sign that it needs, what it takes
    (_WORD, "", "a word such as patient or case with its number"),
    (r"^[^_]+", "_", "what stands before the first underscore"),
    (r"^[^_]+_[^_]+", "_", "what stands before the second underscore"),
    (r"^[^-]+", "-", "what stands before the first hyphen"),
    (r"^[^-]+-[^-]+", "-", "what stands before the second hyphen"),
    (r"^([^/]+?)[-_ ]?[0-9]+\.[^./]+$", "", "the file name without its last number"),
    (r"([^/]+)/[^/]+$", "/", "the folder that the image lies in"),
    (r"([^/]+)/[^/]+/[^/]+$", "/", "the folder above that"),
)


@dataclass(frozen=True, slots=True)
class PatternSuggestion:
    """A pattern that puts the names into groups, and what it takes, in words."""

    pattern: str
    words: str
    groups: int
    largest: int


@dataclass(frozen=True, slots=True)
class TableSuggestion:
    """A table with a column that repeats, which may name groups.

    Attributes:
        file: As `group_file` names it: relative to the dataset's folder.
        column: The column, by its name one of people, flights or places.
        groups: Different values that it gives to images of the dataset.
        images: Images that it gives a value.
    """

    file: str
    column: str
    groups: int
    images: int


def suggest_patterns(ids: Sequence[str], classes: Collection[str] = ()) -> tuple[PatternSuggestion, ...]:
    """Patterns that match nearly all names and put them into groups of several images, the best first.

    Of two patterns with the same groups only the first is named; splits such as train and val, and names that
    are all classes, are no groups.

    >>> [item.pattern for item in suggest_patterns(["p1_a.png", "p1_b.png", "p2_a.png", "p2_b.png"])]
    ['^[^_]+']
    """
    looked = ids[:_MOST_NAMES]
    found: list[PatternSuggestion] = []
    seen: set[tuple[int, ...]] = set()
    for pattern, sign, words in _PATTERNS:
        find = build_group_finder(pattern)
        names = [find(id_) if sign in _searched(id_, sign) else "" for id_ in looked]
        sizes = Counter(name for name in names if name)
        if not _is_grouping(sizes, len(looked)) or set(sizes) <= set(classes):
            continue
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        partition = tuple(number[name] for name in names)
        if partition not in seen:
            seen.add(partition)
            found.append(PatternSuggestion(pattern, words, len(sizes), max(sizes.values())))
    return tuple(found[:_MOST])


def suggest_tables(spec: DatasetSpec, samples: Sequence[Sample]) -> tuple[TableSuggestion, ...]:
    """Columns of tables in the dataset's folder that name its images and, by their own name, groups."""
    return tuple(_suggest_columns(spec, samples))[:_MOST]


def list_tables(spec: DatasetSpec) -> list[str]:
    """The tables beside the images: CSV and TSV files of the dataset's folder and the folders in it."""
    if not spec.root.is_dir():
        return []
    try:
        places = [*spec.root.glob("*.*"), *spec.root.glob("*/*.*")]
        found = sorted(path for path in places if path.suffix.lower() in _TABLE_SUFFIXES and path.is_file())
    except OSError:
        return []
    return [path.relative_to(spec.root).as_posix() for path in found[:_MOST_TABLES]]


def find_group_columns(table: GroupTable) -> list[str]:
    """The columns that are called like groups and repeat."""
    return [
        name
        for name in table.columns
        if GROUP_WORDS.search(name) and 1 < len(set(table.cells(name))) < len(table.rows)
    ]


def _suggest_columns(spec: DatasetSpec, samples: Sequence[Sample]) -> Iterator[TableSuggestion]:
    for file in list_tables(spec):
        table = _find_table(spec.root / file)
        if table is None:
            continue
        for column in find_group_columns(table):
            try:
                names = [name for name in match_groups(table, column, samples).names if name]
            except AppError:  # it speaks of something else, or contradicts itself: no suggestion
                continue
            if 1 < len(set(names)) < len(names):
                yield TableSuggestion(file, column, len(set(names)), len(names))


def _find_table(path: Path) -> GroupTable | None:
    try:
        return read_group_table(path) if path.stat().st_size <= _MOST_BYTES else None
    except (AppError, OSError):
        return None


def _searched(name: str, sign: str) -> str:
    """Where a sign must stand: a path has folders, a prefix is one of the file name."""
    return name if sign == "/" else name.rpartition("/")[2]


def _is_grouping(sizes: Counter[str], count: int) -> bool:
    """Whether names are grouped at all: more than one group, and clearly fewer than there are names."""
    splits = sum(bool(find_split(name)) for name in sizes)
    return sizes.total() >= _COVERED * count and 1 < len(sizes) <= 0.7 * count and splits < len(sizes)
