"""What the numbers of label volumes are called: `dataset.json` of the Decathlon and of nnU-Net."""

import json
from collections.abc import Sequence
from typing import Any

from core.domain.classes import ClassRole, ClassSpec
from core.errors import AppError
from core.formats.folders.listing import Listing, join, parent
from core.workspace.guarded import read_bytes

ABOUT_FILE = "dataset.json"
_MAX_BYTES = 1 << 24


def read_about(listing: Listing, masks: str) -> dict[str, Any]:
    """`dataset.json` of the label folder or of one above it; empty where there is none that makes sense."""
    folder = masks
    while True:
        if ABOUT_FILE in listing.files.get(folder, ()):
            path = listing.root / join(folder, ABOUT_FILE)
            try:
                small = path.stat().st_size <= _MAX_BYTES
                about = json.loads(read_bytes(path, listing.root)) if small else None
            except (AppError, OSError, ValueError, RecursionError):
                about = None  # some other file of that name: it is not what the person asked to read
            return about if isinstance(about, dict) else {}
        if folder == ".":
            return {}
        folder = parent(folder)


def name_classes(about: dict[str, Any], seen: Sequence[int]) -> tuple[ClassSpec, ...]:
    """The classes of a `dataset.json`: number to name (Decathlon), or name to number (nnU-Net).

    Names for combinations of numbers (nnU-Net's regions) are left out: a voxel holds one number.
    """
    labels = about.get("labels")
    if not isinstance(labels, dict):
        return ()
    numbers: dict[int, str] = {}
    for key, value in labels.items():
        number, name = (key, value) if str(key).lstrip("-").isdigit() else (value, key)
        if str(number).lstrip("-").isdigit() and isinstance(name, str) and name.strip():
            numbers.setdefault(int(str(number)), name.strip()[:120])
    if len(set(numbers.values())) < len(numbers) or not set(numbers) & set(seen):
        return ()
    return tuple(
        ClassSpec(key=str(number), name=name, role=ClassRole.BACKGROUND if number == 0 else ClassRole.CLASS)
        for number, name in sorted(numbers.items())
    )
