"""Accounts on the Settings page: one's own, the first one, and everybody's."""

from core.domain.identity import Identity, Role
from pages._ui.accounts import first, manage, own


def draw(person: Identity) -> None:
    """One's own account, and for admins those of all."""
    own.draw(person)
    if not person.verified:
        first.draw()
    elif person.may(Role.ADMIN):
        manage.draw(person)
