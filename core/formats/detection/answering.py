"""From the answers of a person, and what was found, to a checked spec."""

from collections.abc import Sequence

from pydantic import ValidationError

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.proposal import Answers
from core.errors import DatasetError
from core.formats.dataset_file import fault_sentences
from core.formats.detection.named_classes import fit_keys

_KEPT_ANSWERS = (
    "classes", "void", "threshold", "separator", "id_column", "class_pattern", "unit", "group_pattern",
    "group_column", "group_file",
)  # fmt: skip


def find_given(answers: Answers) -> dict[str, object]:
    """Answers that go into a spec as they are."""
    return {name: getattr(answers, name) for name in _KEPT_ANSWERS if getattr(answers, name) is not None}


def fit_given(answers: Answers, found: Sequence[ClassSpec]) -> tuple[ClassSpec, ...]:
    """The classes that a person gave, else those found; names from a class file take the keys found."""
    if answers.classes is None:
        return tuple(found)
    keys = [item.key for item in found]
    if {item.key for item in answers.classes} <= set(keys):
        return answers.classes
    return fit_keys(answers.classes, keys)


def check_spec(fields: dict[str, object]) -> DatasetSpec:
    """The spec with these fields.

    Raises:
        DatasetError: They do not fit together.
    """
    try:
        return DatasetSpec.model_validate(fields)
    except ValidationError as error:
        raise DatasetError(f"The answers do not fit together: {fault_sentences(error)}") from error
