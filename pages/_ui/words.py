"""Numbers as people read them, the same on every page."""

import math
import time
from unicodedata import category

_UNSEEN = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, breaks of lines and paragraphs
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_FINE = 600  # seconds; of a longer span they are left out
_THIN = "\u202f"  # narrow no-break space: groups digits without looking like a decimal point in any language


def share(value: float) -> str:
    """A share in [0, 1] in per cent with one decimal; tiny ones are not rounded to nothing.

    >>> share(0.3739), share(0.0002), share(0.0), share(1.0)
    ('37.4 %', '< 0.1 %', '0 %', '100 %')
    """
    if not math.isfinite(value):
        return "n/a"
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 < value < 1:
        return "> 99.9 %"
    percent = 100 * value
    return f"{percent:.0f} %" if percent in (0.0, 100.0) else f"{percent:.1f} %"


def count(value: float) -> str:
    """A count in full, digits grouped.

    >>> count(1234567).replace(chr(0x202F), " ")
    '1 234 567'
    """
    return f"{round(value):,}".replace(",", _THIN)


def counted(value: float, noun: str, plural: str = "") -> str:
    """A count with its noun.

    >>> counted(1, "image"), counted(2, "class", "classes")
    ('1 image', '2 classes')
    """
    return f"{count(value)} {noun if round(value) == 1 else plural or noun + 's'}"


def figure(value: float) -> str:
    """Any other number, with three significant digits.

    >>> figure(0.0312456), figure(1234.5), figure(2.0), figure(1.5e-7)
    ('0.0312', '1230', '2', '1.5e-07')
    """
    if not math.isfinite(value):
        return "n/a"
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}"
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    text = f"{round(value, digits):.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """A span of time, as coarse as a person would say it.

    >>> duration(0.4), duration(8.2), duration(75), duration(754), duration(5400)
    ('under 1 s', '8 s', '1 min 15 s', '13 min', '1 h 30 min')
    """
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < _FINE:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def age(moment: float) -> str:
    """How long ago a moment was, given in seconds since 1970; from a day on the day in UTC.

    >>> age(time.time() - 20), age(time.time() - 754), age(time.time() - 7300), age(0)
    ('just now', '12 min ago', '2 h ago', '1970-01-01')
    """
    minutes = int((time.time() - moment) // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 24 else time.strftime("%Y-%m-%d", time.gmtime(moment))


def listed(names: list[str], most: int = 4) -> str:
    """Names in a sentence, the rest counted.

    >>> listed(["a", "b"]), listed(list("abcdef"), most=3)
    ('a and b', 'a, b, c and 3 more')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def shortened(text: str, most: int) -> str:
    """A long name with its middle left out: beginnings and ends tell files apart.

    >>> shortened("a_very_long_file_name.png", 12), shortened("short", 12)
    ('a_very…e.png', 'short')
    """
    if len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"


def escaped(text: str) -> str:
    r"""Text of a person or a file, safe inside Streamlit's Markdown.

    >>> escaped("a_b [x] $5")
    'a\\_b \\[x\\] \\$5'
    """
    signs = r"\`*_{}[]()<>#+-.!|~$:"
    return "".join(f"\\{c}" if c in signs else c for c in visible(text))


def visible(text: str) -> str:
    """Text of a person or a file on one line: what breaks lines, turns the writing or is no text shows as �.

    >>> visible("a" + chr(10) + "b"), visible(chr(0x202E) + "gnp.exe"), visible(chr(0xDCFF))
    ('a�b', '�gnp.exe', '�')
    """
    return "".join("\ufffd" if category(c) in _UNSEEN or c in _TURNING else c for c in text)
