"""Many texts as one run of bytes: no pickled objects, no fixed width that one long name would blow up."""

import re
from collections.abc import Iterable

_SEPARATOR = "\0"  # the one character that no file name can hold
_UNSAFE = re.compile("[\0\ud800-\udc7f\udd00-\udfff]")  # would part a text in two, or cannot be written


def pack_texts(texts: Iterable[str]) -> bytes:
    """Write texts one after the other, each closed by NUL, so that no text and one empty text differ.

    Names of files are kept byte by byte. Texts from inside files (a label, a patient's id) may hold what no
    name of a file can: NUL and lone surrogates become U+FFFD.

    >>> unpack_texts(pack_texts(["a", "", "b" + chr(0) + "c"]))
    ['a', '', 'b�c']
    """
    joined = "".join(_UNSAFE.sub("\ufffd", text) + _SEPARATOR for text in texts)
    return joined.encode("utf-8", "surrogateescape")


def unpack_texts(data: bytes) -> list[str]:
    """Read what `pack_texts` wrote.

    Raises:
        UnicodeDecodeError: The bytes are damaged.
    """
    return data.decode("utf-8", "surrogateescape").split(_SEPARATOR)[:-1]
