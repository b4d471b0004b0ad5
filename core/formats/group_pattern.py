"""Groups by name: a regular expression that finds the patient, flight or video in an image's name."""

import re
from collections.abc import Callable

from core.errors import DatasetError


def build_group_finder(pattern: str | None) -> Callable[[str], str]:
    """How a sample's id becomes the name of its group; the empty text where nothing matches.

    The file name is searched first; only where nothing in it matches, the whole path below the dataset's
    root. So `^[^_]+` is what a file name begins with, and `^(train|val)/` the folder. The group is the first
    capture group, or the whole match where the pattern has none.

    Raises:
        DatasetError: The pattern is no regular expression.

    >>> build_group_finder("^[^_]+")("images/1d4f_0001.png")
    '1d4f'
    >>> build_group_finder("^images/([0-9a-f]+)_")("images/1d4f_0001.png")
    '1d4f'
    """
    if pattern is None:
        return lambda _: ""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise DatasetError(
            f"The group pattern {pattern!r} is no regular expression ({error}); "
            "for example '^[^_]+' takes what stands before the first underscore of the file name."
        ) from error
    wanted = 1 if compiled.groups else 0

    def find_group(name: str) -> str:
        match = compiled.search(name.rpartition("/")[2]) or compiled.search(name)
        return (match.group(wanted) or "") if match else ""

    return find_group
