"""What is written so far: one line per finished image, so that stopped work goes on where it was.

`materialised.jsonl` begins with what the folder is made from; it is what makes a folder ours.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

from core.data.entries import Entry
from core.domain.augmentation import MaterialiseSpec
from core.errors import PlanError, WorkspaceError
from core.plans.plan import BalancePlan
from core.workspace.files import write_atomic

MANIFEST = "materialised.jsonl"
_ABOUT = "A balanced set, written by Counterpoise."

Key = tuple[str, int]  # sample id, copy


class Manifest:
    """The record of one folder; only the process that leads the work writes it."""

    def __init__(self, folder: Path, plan: BalancePlan, spec: MaterialiseSpec) -> None:
        self._path = folder / MANIFEST
        self._header = _describe(plan, spec)

    def check(self) -> int:
        """Whether the folder may be written; returns how many images an earlier run has noted there.

        Raises:
            PlanError: The folder holds something else, or the set of another plan or of other settings.
        """
        return max(len(self._read_lines()) - 1, 0)

    def open(self) -> dict[Key, Entry]:
        """Claim the folder, or go on in it; returns what is finished and still there as it was written.

        Raises:
            PlanError: The folder holds something else, or the set of another plan or of other settings.
            WorkspaceError: The folder cannot be written.
        """
        folder, lines = self._path.parent, self._read_lines()
        if not lines:
            write_atomic(self._path, json.dumps(self._header) + "\n")
            return {}
        entries = [entry for line in lines[1:] if (entry := _parse(line)) is not None]
        kept = {(e.sample, e.copy): e for e in entries if _is_whole(folder, e)}
        self.rewrite(kept.values())
        return kept

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Write the whole record anew: a line cut short by a power cut must not swallow the next."""
        lines = [json.dumps(self._header), *(json.dumps(asdict(entry)) for entry in entries)]
        write_atomic(self._path, "\n".join(lines) + "\n")

    def add(self, entries: Iterable[Entry]) -> None:
        """Note finished images.

        Raises:
            WorkspaceError: The disk is full.
        """
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(entry)) + "\n" for entry in entries)
        except OSError as error:
            raise WorkspaceError(
                f"Cannot write {self._path}: {error.strerror or error}; free some space and start again: "
                "what is written is kept."
            ) from error

    def _read_lines(self) -> list[str]:
        """The record's lines, the first checked; none where the folder is free to be claimed."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            _check_empty(self._path.parent)
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(f"{self._path} cannot be read ({error}); choose another folder.") from error
        self._check_header(lines[0] if lines else "")
        return lines

    def _check_header(self, line: str) -> None:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if _without_name(found) != _without_name(self._header):
            raise PlanError(
                f"{self._path.parent} holds the balanced set of another plan, or one written with other "
                "settings, so nothing was written; choose a new or an empty folder, or remove that one."
            )


def check_place(plan: BalancePlan, folder: Path) -> None:
    """Refuse a folder inside the dataset, where nothing is ever written.

    Raises:
        PlanError: It is inside.
    """
    root = plan.dataset.root
    if root.is_dir() and folder.resolve().is_relative_to(root.resolve()):
        raise PlanError(
            f"{folder} lies inside the dataset {root}, where nothing is ever written; "
            "choose a folder beside it."
        )


def _describe(plan: BalancePlan, spec: MaterialiseSpec) -> dict[str, Any]:
    content = json.dumps([plan.dataset.fingerprint, plan.seed, plan.copies])
    made = spec.model_dump(mode="json", exclude={"workers"})
    return {
        "about": _ABOUT,
        "schema_version": 1,
        "plan": plan.name,
        "copies": blake2b(content.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest(),
        "spec": made,
    }


def _without_name(header: object) -> object:
    """A header but for the plan's name: a plan may be renamed while its set is half written."""
    return {**header, "plan": ""} if isinstance(header, dict) else header


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise PlanError(f"{folder} is a file; name a new or an empty folder for the balanced set.")
    if folder.is_dir() and any(folder.iterdir()):
        raise PlanError(
            f"{folder} holds files that are no balanced set of ours, so nothing was written; "
            "choose a new or an empty folder."
        )


def _parse(line: str) -> Entry | None:
    """One line of the record; None where it was cut short."""
    try:
        fields = json.loads(line)
        return Entry(**{**fields, "masks": tuple(fields["masks"])})
    except (ValueError, TypeError, KeyError):
        return None


def _is_whole(folder: Path, entry: Entry) -> bool:
    try:
        return all((folder / path).stat().st_size == size for path, size in entry.sizes.items())
    except OSError:
        return False
