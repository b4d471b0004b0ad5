"""What has changed between two versions of a dataset: images, classes, answers."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core.domain.classes import ClassRole
from core.domain.dataset import DatasetSpec
from core.plans.versions import DatasetVersion, VersionRows
from core.statistics import SampleChanges, compute_sample_changes

_SAID_ELSEWHERE = frozenset({"schema_version", "name", "root", "classes"})
_MOST_SPELLED = 3


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One answer of the spec, in words, before and after."""

    answer: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """What makes the later of two versions differ from the earlier one.

    Attributes:
        samples: Images added, removed, and with a changed mask (or changed labels).
        classes_added: Names of classes that the earlier version did not have.
        classes_removed: Names of classes that the later one does not have.
        renamed: Names before and after.
        roles: Name, role before and role after.
        answers: Answers to how the dataset is read.
    """

    samples: SampleChanges
    classes_added: tuple[str, ...]
    classes_removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str, str], ...]
    answers: tuple[AnswerChange, ...]

    @property
    def none(self) -> bool:
        """Whether the two are equal in all that is kept of them."""
        lists = (self.classes_added, self.classes_removed, self.renamed, self.roles, self.answers)
        samples = (self.samples.added, self.samples.removed, self.samples.changed)
        return not any(lists) and not any(samples)


def find_version_changes(
    before: DatasetVersion, before_rows: VersionRows, after: DatasetVersion, after_rows: VersionRows
) -> VersionChanges:
    """Compare two versions; classes are matched by their keys, samples by their ids."""
    old = _roles(before)
    new = _roles(after)
    shared = [key for key in new if key in old]
    return VersionChanges(
        samples=compute_sample_changes(
            before_rows.ids, before_rows.digests, after_rows.ids, after_rows.digests
        ),
        classes_added=tuple(name for key, (name, _) in new.items() if key not in old),
        classes_removed=tuple(name for key, (name, _) in old.items() if key not in new),
        renamed=tuple((old[key][0], new[key][0]) for key in shared if old[key][0] != new[key][0]),
        roles=tuple((new[key][0], old[key][1], new[key][1]) for key in shared if old[key][1] != new[key][1]),
        answers=_compare_answers(before.spec, after.spec),
    )


def _roles(version: DatasetVersion) -> dict[str, tuple[str, str]]:
    """Name and role by key, void classes included: a scan leaves them out."""
    found = {item.key: (item.name, item.role) for item in version.classes}
    names = {item.key: item.name for item in version.spec.classes}
    void = (key for key in (*names, *version.spec.void) if version.spec.is_void(key))
    return found | {key: (names.get(key, f"void {key}"), ClassRole.VOID.value) for key in void}


def _compare_answers(before: DatasetSpec, after: DatasetSpec) -> tuple[AnswerChange, ...]:
    changes = []
    for name, field in DatasetSpec.model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if name not in _SAID_ELSEWHERE and old != new:
            changes.append(AnswerChange(field.description or name, _spell(old), _spell(new)))
    return tuple(changes)


def _spell(answer: Any) -> str:
    """An answer in a few words.

    >>> _spell(("a.png", "b.png")), _spell(None), _spell(tuple("abcdef"))
    ('a.png, b.png', 'none', '6')
    """
    if answer is None or answer in ("", ()):
        return "none"
    if isinstance(answer, tuple):
        return str(len(answer)) if len(answer) > _MOST_SPELLED else ", ".join(map(_spell_item, answer))
    return _spell_item(answer)


def _spell_item(item: Any) -> str:
    if isinstance(item, tuple):
        return " with ".join(map(str, item))
    if isinstance(item, BaseModel):
        said = (f"{key} {value}" for key, value in item.model_dump(exclude_defaults=True).items())
        return " ".join(said) or "as by default"
    return str(item)
