"""A kept plan's settings, put back on the desk and into the fields that show them."""

from typing import TYPE_CHECKING

from core.errors import PlanError
from core.services import balance
from pages._ui import balance_form

if TYPE_CHECKING:
    from pages._ui.balance_desk import Desk


def take(desk: "Desk", entry: balance.PlanEntry) -> tuple[str, ...]:
    """Ask what a plan asked; returns in sentences what could not be taken over. Only from a callback.

    Raises:
        PlanError: the plan balances something else than the desk does, or none of its classes is left.
    """
    asked = entry.summary.spec
    if asked.quantity != desk.live.spec.quantity:
        raise PlanError(
            f"The plan “{entry.name}” balances pixel shares, and this page presence. It can be compared, "
            "solved anew and written; its settings stay with it."
        )
    spec, notes = balance.fit_spec(asked, desk.dataset)
    desk.take(spec)
    balance_form.show(desk)
    return notes
