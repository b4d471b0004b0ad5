"""Who is at work: what sign-in makes, and what each record of the ledger says of a reader."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.domain.base import FrozenModel
from core.errors import AccessError

SignInMethod = Literal["oidc", "password", "local"]


class Role(StrEnum):
    """What a person may do; each role may do all that the ones before it may."""

    READER = "reader"
    RESEARCHER = "researcher"
    ADMIN = "admin"


_RANKS = {role: rank for rank, role in enumerate(Role)}


class Identity(FrozenModel):
    """A person, and how they came to be known.

    `local` stands for the single-user mode: nobody checked who sits there.
    """

    id: str = Field(min_length=1, max_length=255, description="Never changes, is never given to another")
    name: str = Field(min_length=1, max_length=255, description="Shown to people")
    sign_in: SignInMethod
    role: Role

    @property
    def verified(self) -> bool:
        """Whether anybody proved to be this person."""
        return self.sign_in != "local"

    def may(self, role: Role) -> bool:
        """Whether the person has at least this role.

        >>> Identity(id="1", name="Ann", sign_in="password", role="researcher").may(Role.READER)
        True
        """
        return _RANKS[self.role] >= _RANKS[role]


def local_identity(user: str) -> Identity:
    """The one person of the single-user mode, by the name of the machine's user: nobody checked."""
    plain = user.replace("\0", "").strip()[:200] or "local user"
    return Identity(id=f"local:{plain}", name=plain, sign_in="local", role=Role.ADMIN)


def check_role(identity: Identity, role: Role, what: str) -> None:
    """Raise unless a person has at least a role.

    Args:
        identity: The person.
        role: The least that is needed.
        what: What they want to do, as it stands after “may not”.

    Raises:
        AccessError: The role is too low.
    """
    if not identity.may(role):
        raise AccessError(
            f"{identity.name} is signed in as {identity.role} and may not {what}; that takes the role "
            f"{role}, which an admin gives on the Settings page."
        )
