"""A plan made for another state of its dataset: what has changed, and the same wishes solved anew."""

from dataclasses import dataclass

from core.domain.balance import BalanceSpec, ClassTarget
from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.errors import PlanError
from core.plans.changes import DatasetChanges, find_changes
from core.plans.outcome import Outcome, solve
from core.plans.plan import BalancePlan
from core.plans.tables import label_table, pixel_table, quantity_table
from core.services.balance.plans import PlanEntry, find_draft, list_plans, open_plan, save_plan

_ENDING = ", solved anew"
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Renewed:
    """The new plan, and in sentences what of the old one could not be carried over."""

    entry: PlanEntry
    notes: tuple[str, ...]


def find_plan_changes(dataset_id: str, plan_id: str, dataset: ScannedDataset) -> DatasetChanges | None:
    """How the dataset differs from the state that a kept plan was made for; None where it does not.

    Raises:
        PlanError: there is no such plan, or it is damaged.
    """
    return find_changes(open_plan(dataset_id, plan_id), dataset)


def resolve_plan(dataset_id: str, plan_id: str, dataset: ScannedDataset) -> Renewed:
    """Solve a kept plan's spec (T, γ, caps, B) on the dataset as it is now, and keep that as a new plan.

    Raises:
        PlanError: there is no such plan, or none of its classes is left.
        TargetError: what it asks cannot be asked of the dataset as it is now.
        InfeasibleError: size, caps and floors contradict each other now.
        WorkspaceError: the workspace cannot be written.
    """
    plan = open_plan(dataset_id, plan_id)
    outcome, notes = solve_anew(plan, dataset)
    name = _find_free_name(plan.name.split(_ENDING)[0], [item.name for item in list_plans(dataset_id)])
    return Renewed(save_plan(dataset_id, name, dataset, outcome), notes)


def solve_anew(plan: BalancePlan, dataset: ScannedDataset) -> tuple[Outcome, tuple[str, ...]]:
    """Solve a plan's spec (T, γ, caps, B) on its dataset as it is now; with what could not be carried over.

    Raises:
        PlanError: None of the plan's classes is left.
        TargetError: What it asks cannot be asked of the dataset as it is now.
        InfeasibleError: Size, caps and floors contradict each other now.
    """
    spec, notes = fit_spec(plan.spec, dataset)
    return solve(quantity_table(dataset, spec.quantity), spec), notes


def fit_spec(spec: BalanceSpec, dataset: ScannedDataset) -> tuple[BalanceSpec, tuple[str, ...]]:
    """A spec for the classes that the dataset has now, and in sentences what had to change.

    Targets are matched by the classes' names. A class that is new keeps its share; one that occurs in no
    image any more can only have the target 0.

    Raises:
        PlanError: none of the spec's classes is left.
        TargetError: the spec speaks of pixels, and the dataset has labels only.
    """
    targets, notes = _fit_targets(spec.targets, label_table(dataset))
    pixel_targets: tuple[ClassTarget, ...] = ()
    if spec.quantity != "presence":
        pixel_targets, pixel_notes = _fit_targets(spec.pixel_targets, pixel_table(dataset))
        notes = pixel_notes if spec.quantity == "pixels" else (*notes, *pixel_notes)
    fitted = spec.model_copy(update={"targets": targets, "pixel_targets": pixel_targets})
    if not {item.name for item in spec.column_targets} & {item.name for item in fitted.column_targets}:
        raise PlanError(
            f"None of the plan's classes is left in {dataset.spec.name}; begin a new target vector instead."
        )
    return fitted, notes


def fit_draft(dataset_id: str, dataset: ScannedDataset) -> tuple[BalanceSpec, tuple[str, ...]] | None:
    """The kept draft for the classes that the dataset has now, as `fit_spec`; None where there is no draft.

    Raises:
        PlanError: none of its classes is left.
        TargetError: it speaks of pixels, and the dataset has labels only.
    """
    draft = find_draft(dataset_id)
    return None if draft is None else fit_spec(draft, dataset)


def _fit_targets(
    targets: tuple[ClassTarget, ...], table: LabelTable
) -> tuple[tuple[ClassTarget, ...], tuple[str, ...]]:
    known = {item.name: item for item in targets}
    kept, notes = [], []
    for name, share in zip(table.class_names, table.shares.tolist(), strict=True):
        wanted = known.get(name)
        if wanted is None:
            notes.append(f"The class “{name}” is new; it keeps its share of {100 * share:.1f} %.")
            wanted = ClassTarget(name=name, share=share)
        elif share == 0 and wanted.share > 0:
            notes.append(f"The class “{name}” occurs in no image now; its target is 0 %.")
            wanted = wanted.model_copy(update={"share": 0.0})
        kept.append(wanted)
    lost = [f"“{name}”" for name in known if name not in table.class_names]
    if lost:
        are = "class is" if len(lost) == 1 else "classes are"
        notes.append(f"The {are} gone, with the target: {', '.join(lost)}.")
    return tuple(kept), tuple(notes)


def _find_free_name(name: str, taken: list[str]) -> str:
    """The plan's name with an ending, numbered where that is taken."""
    used = {item.casefold() for item in taken}
    endings = (_ENDING, *(f"{_ENDING} {number}" for number in range(2, len(used) + 3)))
    names = (name[: _LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(item for item in names if item.casefold() not in used)
