"""What the command line asks: its arguments, read and checked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from core import balancing
from core.domain.balance import Bounds, ClassTarget, DescentSettings, Parametrisation, Quantity
from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.label_table import LabelTable
from core.domain.proposal import Answers
from core.domain.scan import ScannedDataset
from core.errors import DatasetError, TargetError
from core.formats.class_files import read_classes
from core.plans.outcome import Outcome
from core.plans.plan import write_plan
from core.plans.tables import label_table, pixel_table
from core.services import corrections
from core.services.balance.plans import make_plan
from core.services.balance.quantities import read_pixel_targets
from core.services.balance.targets import pixel_presets, presets, read_target
from core.services.datasets import find_kept, propose


def understand(dataset: str, answers: Answers) -> tuple[DatasetSpec, tuple[str, ...]]:
    """What DATASET is: the answers kept for it, unless flags say otherwise; else what detection proposes.

    Returns:
        The answers, and what a person should look at: the warnings of a proposal.

    Raises:
        DatasetError: there is nothing there, or nothing that can be understood.
    """
    proposal = propose(dataset, answers)
    kept = find_kept(proposal.spec.root) if answers == Answers() else None
    # A folder may hold several annotation files: what was kept need not be of the one that is named.
    if kept is not None and (not dataset.lower().endswith(".json") or kept.folders == proposal.spec.folders):
        return kept, ()
    return proposal.spec, proposal.warnings


def correct_files(spec: DatasetSpec, ignore: Sequence[str], pairs: Sequence[str]) -> DatasetSpec:
    """The answers with what `--ignore FILE` and `--pair-files IMAGE=MASK` say of single files.

    Paths are taken from the dataset's root, or else from the current folder.

    Raises:
        DatasetError: a path names no file of the dataset, or a pair is not written as one.
    """
    if ignore:
        spec = corrections.leave_out(spec, [_place(spec, file) for file in ignore])
    for text in pairs:
        image, equals, mask = text.partition("=")
        if not equals:
            raise DatasetError(f"--pair-files {text}: write it as IMAGE=MASK, two files of the dataset.")
        spec = corrections.pair(spec, _place(spec, image), _place(spec, mask))
    return spec


def _place(spec: DatasetSpec, file: str) -> Path:
    from_root = spec.root / Path(file).expanduser()
    return from_root if from_root.exists() or from_root.is_symlink() else Path(file).expanduser().absolute()


def read_class_file(path: Path) -> tuple[ClassSpec, ...]:
    """The classes that `--classes FILE` names.

    Raises:
        DatasetError: the file cannot be read, or a line of it cannot be understood.
    """
    return tuple(read_classes(path))


def read_target_argument(argument: str, table: LabelTable) -> tuple[ClassTarget, ...]:
    """The target vector that `--target` names: a JSON file, or `preset:NAME`.

    Raises:
        TargetError: there is no such preset or file, or the file breaks a rule.
    """
    if (name := _find_preset(argument)) is not None:
        known = presets(table)
        if name not in known:
            raise TargetError(f"There is no preset {name!r}; the presets are {', '.join(known)}.")
        return known[name].targets
    return read_target(_read_target_text(argument, table), table)


def read_target_arguments(
    argument: str, quantity: Quantity, dataset: ScannedDataset, table: LabelTable
) -> tuple[tuple[ClassTarget, ...], tuple[ClassTarget, ...]]:
    """The targets of presence and of pixel shares that `--target` names, for the quantity that is balanced.

    A preset speaks of the quantity that is balanced; for both, of presence, and pixel shares then keep their
    original value.

    Args:
        argument: A path, or preset:NAME.
        quantity: What is balanced.
        dataset: The scanned dataset.
        table: Its rows for that quantity.

    Raises:
        TargetError: there is no such preset or file, the file breaks a rule, or there are no pixels.
    """
    if quantity == "presence":
        return read_target_argument(argument, table), ()
    presence, pixels = label_table(dataset), pixel_table(dataset)
    if (name := _find_preset(argument)) is None:
        return read_pixel_targets(_read_target_text(argument, presence), quantity, presence, pixels)
    if quantity == "both":
        return read_target_argument(argument, presence), pixel_presets(pixels)["original"].targets
    known = pixel_presets(pixels)
    if name not in known:
        raise TargetError(
            f"There is no preset {name!r} of pixel shares; the presets are {', '.join(known)}. Or give a "
            "JSON file of class name → share of pixels."
        )
    return presets(presence)["original"].targets, known[name].targets


def _find_preset(argument: str) -> str | None:
    kind, colon, name = argument.partition(":")
    return name if kind == "preset" and colon else None


def _read_target_text(argument: str, table: LabelTable) -> str:
    try:
        return Path(argument).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise TargetError(
            f"Cannot read the target {argument}: {reason}. Give a JSON file of class name → share, or "
            f"preset:NAME with one of {', '.join(presets(table))}."
        ) from error


def descent_settings(parametrisation: Parametrisation, **given: float | None) -> DescentSettings:
    """Adam's settings: what is not given is what works best for the parametrisation.

    Raises:
        TargetError: a setting is out of its range.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    defaults = balancing.default_settings(parametrisation)
    return _checked(lambda: DescentSettings.model_validate({**defaults.model_dump(), **chosen}))


def bounds(total: int | None, max_copies: int | None, keep_originals: bool) -> Bounds:
    """Limits on whole copies.

    Raises:
        TargetError: a limit is out of its range.
    """
    return _checked(lambda: Bounds(total=total, max_copies=max_copies, keep_originals=keep_originals))


Spec = TypeVar("Spec")


def _checked(build: Callable[[], Spec]) -> Spec:
    try:
        return build()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise TargetError(f"--{name} {first['input']}: {first['msg'].lower()}.") from error


def write_plan_file(path: Path, dataset: ScannedDataset, outcome: Outcome) -> None:
    """Write a plan where `--out` says: JSON, CSV and weights side by side.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    write_plan(path, make_plan(path.stem, dataset, outcome))
