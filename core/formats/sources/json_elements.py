"""A large JSON file element by element: where each lies in the file, without holding all of them at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import DatasetError

_SPACE = re.compile(r"[ \t\r\n]*")
_BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"  # that of UTF-8, read as Latin-1


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a list at the top of a JSON object.

    Attributes:
        name: The key of the list.
        value: The element.
        start: Its first byte in the file.
        stop: The byte after its last.
    """

    name: str
    value: Any
    start: int
    stop: int


def iterate_elements(data: bytes, name: str) -> Iterator[Element]:
    """The elements of all lists at the top of a JSON object, in order; other members are passed over.

    Holding half a gigabyte of annotations as Python objects takes ten times that; here only one element at
    a time becomes objects, and each can be read again from its place in the file.

    Args:
        data: The file's bytes, UTF-8.
        name: The file's name, for messages.

    Raises:
        DatasetError: It is no JSON object, or is cut short.
    """
    # As Latin-1 each byte is one character: places in the text are places in the file.
    text = data.decode("latin-1")
    try:
        yield from _iterate(text)
    except (ValueError, RecursionError) as error:  # a deep nesting is how a hostile file looks
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DatasetError(f"{name}: this is no complete JSON file ({reason}); export it again.") from error


def read_element(data: bytes, name: str) -> Any:
    """One element from the bytes at its place.

    Raises:
        DatasetError: Something else lies there now.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{name}: the file has changed while it was read; scan again.") from error


def _iterate(text: str) -> Iterator[Element]:
    decode = json.JSONDecoder().raw_decode
    place = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    place = _expect(text, place, "{")
    while text[place : place + 1] != "}":
        key, place = decode(text, place)
        place = _expect(text, place, ":")
        if text[place : place + 1] == "[":
            place = _expect(text, place, "[")
            while text[place : place + 1] != "]":
                value, stop = decode(text, place)
                piece = text[place:stop]
                if not piece.isascii():
                    value = json.loads(piece.encode("latin-1"))
                yield Element(key, value, place, stop)
                place = _next(text, stop, "]")
            place += 1
        else:
            _, place = decode(text, place)
        place = _next(text, _skip(text, place), "}")


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _expect(text: str, place: int, sign: str) -> int:
    """The place after a sign and the space around it."""
    place = _skip(text, place)
    if text[place : place + 1] != sign:
        raise ValueError(f"{sign!r} is missing at byte {place}")
    return _skip(text, place + 1)


def _next(text: str, place: int, closing: str) -> int:
    """The place of the next member, or of the closing sign."""
    place = _skip(text, place)
    if text[place : place + 1] == closing:
        return place
    place = _expect(text, place, ",")
    if text[place : place + 1] == closing:
        raise ValueError(f"a comma stands before {closing!r} at byte {place}")
    return place
