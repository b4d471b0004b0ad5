"""Figures that took a while to compute, kept in the workspace: rows of numbers under a key."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.workspace.files import write_atomic


def read_figures(path: Path, columns: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """The rows of a file by their keys, `(K,)` each; empty where there is none, or one with other columns.

    A damaged file is none: everything in it can be computed again.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if json.loads(str(arrays["columns"])) != list(columns):
                return {}
            keys, values = arrays["keys"], arrays["values"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return {}
    if values.shape != (len(keys), len(columns)):
        return {}
    return {str(key): row for key, row in zip(keys, values, strict=True)}


def write_figures(path: Path, columns: Sequence[str], rows: Mapping[str, NDArray[np.float64]]) -> None:
    """Keep rows, in place of what the file held.

    Args:
        path: An `.npz` file.
        columns: K names.
        rows: `(K,)` each, NaN for n/a.

    Raises:
        WorkspaceError: The folder cannot be written.
    """
    buffer = io.BytesIO()
    values = np.array(list(rows.values()), dtype=np.float64).reshape(len(rows), len(columns))
    np.savez_compressed(
        buffer,
        columns=np.array(json.dumps(list(columns))),
        keys=np.array(list(rows), dtype=np.str_),
        values=values,
    )
    write_atomic(path, buffer.getvalue())
