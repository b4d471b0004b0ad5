"""`dataset.toml`: the answers to every question that opening a dataset asks, readable and written by hand."""

import re
import tomllib
from pathlib import Path, PurePath
from typing import Any

import tomli_w
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.domain.dataset import DatasetSpec
from core.errors import DatasetError
from core.workspace.files import write_atomic

DATASET_FILE = "dataset.toml"
_MAX_BYTES = 16 * 2**20  # ten thousand classes need about 1 MB


# What pydantic says of wrong types, as a person would write it in TOML.
_TYPE_RULES = {
    "tuple_type": 'must be a list, for example ["255"]',
    "path_type": 'must be a path in quotes, for example "."',
    "string_type": "must be text in quotes",
    "model_type": "must be a table of fields",
    "dict_type": "must be a table of fields",
}


def read_dataset_file(path: Path) -> DatasetSpec:
    """Read a `dataset.toml`; a relative root is resolved against the folder of the file.

    Raises:
        DatasetError: The file cannot be read, is not TOML, or a field breaks a rule.
    """
    spec = parse_dataset_file(_read_text(path), str(path))
    root = spec.root.expanduser()
    if not root.is_absolute():
        root = (path.parent / root).resolve()
    folders = tuple(
        pair.model_copy(update={"images": _as_posix(pair.images), "masks": _as_posix(pair.masks)})
        for pair in spec.folders
    )
    by_hand = {
        "ignored": tuple(PurePath(file).as_posix() for file in spec.ignored),
        "pairs": tuple((PurePath(image).as_posix(), PurePath(mask).as_posix()) for image, mask in spec.pairs),
    }
    return spec.model_copy(update={"root": root, "folders": folders, **by_hand})


def write_dataset_file(path: Path, spec: DatasetSpec) -> None:
    """Write a spec so that `read_dataset_file` returns it; the file is replaced as a whole or not at all.

    Raises:
        DatasetError: A name or path holds characters that no text file can hold.
    """
    try:
        content = format_dataset_file(spec).encode("utf-8")
    except UnicodeEncodeError as error:
        raise DatasetError(
            f"dataset {spec.name!r}: a name or path holds bytes that are not text ({error.object!r}); "
            "rename that folder or class, then save again."
        ) from error
    write_atomic(path, content)


def format_dataset_file(spec: DatasetSpec) -> str:
    """TOML text of a spec; fields that keep their default are left out.

    >>> spec = DatasetSpec(name="a", root=Path("."), format="index", folders=({"masks": "m"},))
    >>> print(format_dataset_file(spec).splitlines()[:4])
    ['schema_version = 1', 'name = "a"', 'root = "."', 'format = "index"']
    """
    fields = spec.model_dump(mode="json", exclude_defaults=True)
    fields["root"] = spec.root.as_posix()
    return tomli_w.dumps({"schema_version": spec.schema_version, **fields})


def parse_dataset_file(text: str, where: str) -> DatasetSpec:
    """Check the text of a `dataset.toml`; the root is left as written.

    Args:
        text: The TOML text.
        where: The file's name, for messages.

    Raises:
        DatasetError: The text is not TOML, or a field breaks a rule; all broken rules are named.
    """
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(
            f"{where} is not valid TOML: {error}. Correct that place and open it again."
        ) from error
    try:
        spec = DatasetSpec.model_validate(_with_text_keys(fields))
    except ValidationError as error:
        raise DatasetError(f"{where}: {fault_sentences(error)} Correct it and open it again.") from error
    _check_pattern(spec, where)
    return spec


def fault_sentences(error: ValidationError) -> str:
    """Every broken rule of a spec as a sentence: which field, what came, what the rule is."""
    first, *others = (_fault_sentence(fault) for fault in error.errors())
    return " ".join([first, *(sentence[:1].upper() + sentence[1:] for sentence in others)])


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(f"{path} is larger than 16 MB, so it is no dataset.toml; choose another file.")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise DatasetError(
            f"{path} does not exist; check the path, or open the folder of the dataset."
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its permissions.") from error


def _with_text_keys(fields: dict[str, Any]) -> dict[str, Any]:
    """Let a hand-written file say `void = [255]` and `key = 80`: pixel values are kept as text."""
    fields = dict(fields)
    if isinstance(fields.get("void"), list):
        fields["void"] = [_integer_as_text(key) for key in fields["void"]]
    if isinstance(fields.get("classes"), list):
        fields["classes"] = [
            {**item, "key": _integer_as_text(item["key"])}
            if isinstance(item, dict) and "key" in item
            else item
            for item in fields["classes"]
        ]
    return fields


def _as_posix(folder: str | None) -> str | None:
    """Let a hand-written file say `images/` or `./images`: folders are compared as text."""
    return None if folder is None else PurePath(folder).as_posix()


def _integer_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _fault_sentence(fault: ErrorDetails) -> str:
    place = _place(fault["loc"])
    if fault["type"] == "missing":
        return f"{place} is missing; it is always needed."
    if fault["type"] == "extra_forbidden":
        return f"{place} is not a known field; check its spelling or remove it."
    if fault["type"] in _TYPE_RULES:
        return f"{place} is {fault['input']!r}, but {_TYPE_RULES[fault['type']]}."
    rule = fault["msg"].removeprefix("Value error, ").rstrip(".")
    if fault["type"] == "value_error":
        return f"{place}: {rule}." if fault["loc"] else f"{rule}."
    return f"{place} is {fault['input']!r}, but {rule[:1].lower()}{rule[1:]}."


def _place(loc: tuple[int | str, ...]) -> str:
    """`("classes", 2, "role")` as a person finds it: `role of [[classes]] number 3`."""
    words = ""
    for position, part in enumerate(loc):
        if isinstance(part, int):
            words = f"{words} number {part + 1}"
        elif position == 0:
            is_table_list = len(loc) > 1 and part in ("folders", "classes")
            words = f"[[{part}]]" if is_table_list else f"the field '{part}'"
        else:
            words = f"'{part}' of {words}"
    return words or "the file"


def _check_pattern(spec: DatasetSpec, where: str) -> None:
    try:
        re.compile(spec.group_pattern or "")
    except re.error as error:
        raise DatasetError(
            f"{where}: 'group_pattern' is no regular expression ({error}); for example '^[^_]+' takes "
            "everything before the first underscore."
        ) from error
