"""Files that name the classes: JSON, CSV or TSV, plain text."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.domain.classes import ClassRole, ClassSpec, is_background_name
from core.errors import DatasetError
from core.formats.class_tables import find_columns, split_rows

_MAX_BYTES = 16 * 2**20
_MOST = 65535  # largest value of an index mask
_WRAPPERS = ("classes", "labels", "categories", "names", "class_names")
_HEX = re.compile(r"#?[0-9A-Fa-f]{6}")
_NUMBERED = re.compile(r"(-?\d+)\s*[:=]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class as a file names it.

    Attributes:
        where: The place in the file, for messages: `classes.txt, line 3`.
        name: Its name.
        value: Pixel value, folder or suffix, as text; None if the file gives none.
        colour: `#rrggbb`, or None.
        role: Stated role, or None.
    """

    where: str
    name: str
    value: str | None = None
    colour: str | None = None
    role: ClassRole | None = None


def read_classes(path: Path) -> tuple[ClassSpec, ...]:
    """Read the classes that a file names.

    JSON: a list of names; `{"0": "sky"}`; `{"sky": 0}`; `{"sky": [r, g, b]}`; or a list of objects with
    `name` and `value` (or `id`, `index`), `colour`, `role`. CSV and TSV: columns of these names, or without a
    header `name,value`, `value,name` or `name,r,g,b`. Text: one name a line, or `value: name`.

    Names without values take their colour as the key; without colours they are numbered 0, 1, 2 … in their
    order, and their `index` stays None: `core.formats.detection.named_classes.fit_keys` may give them other
    keys. A class called background is the background, where no role is stated.

    Args:
        path: The file.

    Raises:
        DatasetError: The file cannot be read, names no classes, or a line breaks a rule.
    """
    entries = parse_classes(_read_text(path), path.suffix.lower(), path.name)
    if not entries:
        raise DatasetError(
            f"{path.name} names no classes; write one name a line, in the order of the values."
        )
    _check_unique(entries)
    return tuple(_build(entry, given) for entry, given in zip(_numbered(entries), entries, strict=True))


def parse_classes(text: str, suffix: str, where: str) -> list[ClassEntry]:
    """Entries of a class file's text.

    Args:
        text: Its content.
        suffix: `.json`, `.csv`, `.tsv`; anything else is plain text, or a table if it looks like one.
        where: The file's name, for messages.

    Raises:
        DatasetError: The text is not what its suffix says, or a line breaks a rule.
    """
    if suffix == ".json" or text.lstrip()[:1] in ("{", "["):
        return _from_json(text, where)
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("# ")]
    numbered = [_NUMBERED.fullmatch(line) for _, line in lines]
    if lines and all(numbered):
        return [
            ClassEntry(f"{where}, line {number}", match[2], value=_value(match[1], f"{where}, line {number}"))
            for (number, _), match in zip(lines, numbered, strict=True)
            if match
        ]
    if suffix in (".csv", ".tsv") or (lines and all("," in line or "\t" in line for _, line in lines)):
        return _from_table(lines, where)
    if lines and lines[0][1] == "__ignore__":  # labelme's labels.txt: -1 is ignored, 0 follows
        lines = lines[1:]
    return [ClassEntry(f"{where}, line {number}", line) for number, line in lines]


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(
                f"{path} is larger than 16 MB, so it is no list of classes; choose another file."
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise DatasetError(
            f"The class file {path} cannot be read ({error.strerror}); check the path."
        ) from error


def _from_json(text: str, where: str) -> list[ClassEntry]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where} is not valid JSON: {error}. Correct that place.") from error
    if isinstance(content, dict):
        wrapped = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), list | dict)), None)
        content = content if wrapped is None else wrapped
    if isinstance(content, list):
        return [_from_item(item, f"{where}, entry {place}") for place, item in enumerate(content, 1)]
    if isinstance(content, dict):
        return [_from_pair(key, value, f"{where}, entry {key!r}") for key, value in content.items()]
    raise DatasetError(f"{where} must hold a list of names or an object of names and values.")


def _from_item(item: Any, where: str) -> ClassEntry:
    if isinstance(item, str):
        return ClassEntry(where, item)
    if not isinstance(item, dict):
        raise DatasetError(f"{where}: {item!r} is neither a name nor an object with a name; correct it.")
    fields = {str(key).lower(): value for key, value in item.items()}
    columns = find_columns(list(fields))
    values = list(fields.values())
    if columns.name is None:
        raise DatasetError(f"{where}: the object has no 'name'; give each class one.")
    value = None if columns.value is None else values[columns.value]
    colour = None if columns.colour is None else values[columns.colour]
    if columns.channels:
        colour = [values[place] for place in columns.channels]
    return ClassEntry(
        where,
        str(values[columns.name]),
        None if value is None else _value(value, where),
        None if colour is None else _colour(colour, where),
        _role(fields.get("role"), where),
    )


def _from_pair(key: str, value: Any, where: str) -> ClassEntry:
    """One member of an object: value to name, name to value, name to colour, or name to an object."""
    if isinstance(value, dict):
        has_name = find_columns([str(field).lower() for field in value]).name is not None
        entry = _from_item(value if has_name else {**value, "name": key}, where)
        return replace(entry, value=key) if has_name and entry.value is None else entry
    if isinstance(value, str) and not _HEX.fullmatch(value):
        is_colour = key.startswith("#")
        return ClassEntry(
            where, value, None if is_colour else key, _colour(key, where) if is_colour else None
        )
    if isinstance(value, bool) or not isinstance(value, int):
        return ClassEntry(where, key, colour=_colour(value, where))
    return ClassEntry(where, key, value=_value(value, where))


def _from_table(lines: Sequence[tuple[int, str]], where: str) -> list[ClassEntry]:
    columns, rows = split_rows(lines, where)
    entries = []
    for number, cells in rows:
        place = f"{where}, line {number}"
        colour: Any = None if columns.colour is None else cells[columns.colour]
        if columns.channels:
            colour = [cells[channel] for channel in columns.channels]
        name = "" if columns.name is None else cells[columns.name].strip()
        if not name:
            raise DatasetError(f"{place}: the name is empty; give the class a name or remove the line.")
        entries.append(
            ClassEntry(
                place,
                name,
                None if columns.value is None else _value(cells[columns.value], place),
                _colour(colour, place) if colour else None,
                _role(cells[columns.role] if columns.role is not None else None, place),
            )
        )
    return entries


def _value(value: Any, where: str) -> str:
    text = str(value).strip()
    if re.fullmatch(r"\d+(\.0+)?", text):
        return str(int(float(text)))
    raise DatasetError(f"{where}: the value {value!r} must be a whole number from 0 on; correct it.")


def _colour(value: Any, where: str) -> str:
    if isinstance(value, str) and _HEX.fullmatch(value.strip()):
        return "#" + value.strip().lstrip("#").lower()
    channels = re.findall(r"-?\d+(?:\.\d+)?", value) if isinstance(value, str) else value
    try:
        numbers = [float(channel) for channel in list(channels)[:3]]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != 3 or any(number not in range(256) for number in numbers):
        raise DatasetError(
            f"{where}: the colour {value!r} must be three whole numbers from 0 to 255, or #rrggbb."
        )
    return "#" + "".join(f"{int(number):02x}" for number in numbers)


def _role(value: Any, where: str) -> ClassRole | None:
    if value is None or not str(value).strip():
        return None
    try:
        return ClassRole(str(value).strip().lower())
    except ValueError as error:
        raise DatasetError(f"{where}: the role {value!r} must be class, background or void.") from error


def _check_unique(entries: Sequence[ClassEntry]) -> None:
    for what in ("name", "value"):
        seen: dict[str, str] = {}
        for entry in entries:
            text = getattr(entry, what)
            if text is not None and text in seen:
                raise DatasetError(f"{entry.where}: the {what} {text!r} is used already in {seen[text]}.")
            if text is not None:
                seen[text] = entry.where


def _numbered(entries: Sequence[ClassEntry]) -> list[ClassEntry]:
    """Entries without values numbered from 0; either all have one or none."""
    given = [entry for entry in entries if entry.value is not None]
    if given and len(given) < len(entries):
        missing = next(entry for entry in entries if entry.value is None)
        raise DatasetError(
            f"{missing.where}: {missing.name!r} has no value, others have; give every class one."
        )
    if given:
        return list(entries)
    return [replace(entry, value=entry.colour or str(place)) for place, entry in enumerate(entries)]


def _build(entry: ClassEntry, given: ClassEntry) -> ClassSpec:
    if entry.value is None or not 1 <= len(entry.name) <= 120:
        raise DatasetError(
            f"{entry.where}: a class name has 1 to 120 characters; shorten {entry.name[:40]!r}…."
        )
    index = int(given.value) if given.value and given.value.isdigit() and int(given.value) <= _MOST else None
    implied = ClassRole.BACKGROUND if is_background_name(entry.name) else ClassRole.CLASS
    role = entry.role or implied
    return ClassSpec(key=entry.value, name=entry.name, role=role, index=index, colour=entry.colour)
