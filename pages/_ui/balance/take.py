"""A kept plan's settings, put back on the desk and into the fields that show them."""

from typing import TYPE_CHECKING

from core.errors import PlanError
from core.services import balance
from pages._ui.balance import form

if TYPE_CHECKING:
    from pages._ui.balance.desk import Desk


def take(desk: "Desk", entry: balance.PlanEntry) -> tuple[str, ...]:
    """Ask what a plan asked; returns in sentences what could not be taken over. Only from a callback.

    Raises:
        PlanError: none of the plan's classes is left, or what it asks is refused now.
        TargetError: the plan balances pixels, and the dataset has none.
    """
    spec, notes = balance.fit_spec(entry.summary.spec, desk.dataset)
    desk.take(spec)
    if refused := desk.faults.pop("targets", ""):
        raise PlanError(refused)
    form.show(desk)
    return notes
