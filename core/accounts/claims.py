"""From what an identity provider says of a person (OpenID Connect) to who they are here; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from core.domain.base import FrozenModel
from core.domain.identity import Role
from core.errors import AccessError

LONGEST_SECONDS = 12 * 3600.0  # As for sessions with a password: a working day
_SKEW_SECONDS = 300.0


class RoleRules(FrozenModel):
    """Which of a provider's groups has which role here; the highest that fits counts."""

    claim: str = Field(default="groups", min_length=1, description="Dotted path, e.g. realm_access.roles")
    admin: tuple[str, ...] = ()
    researcher: tuple[str, ...] = ()
    reader: tuple[str, ...] = ()
    first: Role | Literal["nobody"] = Field(
        default=Role.READER,
        description="Role of whoever first comes without such a group; nobody: it lets nobody in",
    )


@dataclass(frozen=True, slots=True)
class ProviderPerson:
    """A person that an identity provider has signed in.

    Attributes:
        subject: Issuer and subject, the only pair that never goes to somebody else (OpenID Connect Core 1.0,
            section 5.7). An e-mail address may, and is shown at most.
        name: Shown to people.
        role: That their groups give; None: none does.
    """

    subject: str
    name: str
    role: Role | None


def read_claims(claims: Mapping[str, object], rules: RoleRules) -> ProviderPerson:
    """Who a signed-in person is.

    Args:
        claims: Those of an ID token whose signature, audience and expiry were checked when it came.
        rules: Who has which role.

    Raises:
        AccessError: The claims name no issuer or subject.
    """
    issuer, subject = _text(claims.get("iss")), _text(claims.get("sub"))
    if not issuer or not subject:
        raise AccessError("The identity provider did not say who you are (iss, sub); ask whoever runs it.")
    identity = f"{issuer}|{subject}"
    if len(identity) > 255:
        raise AccessError("The identity provider's id for you is too long (255 characters at most).")
    names = (_text(claims.get(key)) for key in ("name", "preferred_username", "email"))
    name = next((text for text in names if text), subject)[:255]
    return ProviderPerson(identity, name, _find_role(claims, rules))


def is_over(claims: Mapping[str, object], now: float) -> bool:
    """Whether it is too long ago that the provider signed a person in.

    A browser keeps the claims for 30 days. How long an ID token may be *accepted* (`exp`, often five minutes)
    is checked when it comes, and does not say how long a person may work; the moment of sign-in (`iat`) does.

    Args:
        claims: Of the ID token.
        now: In seconds since the epoch, UTC.
    """
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return True
    return not now - LONGEST_SECONDS < issued <= now + _SKEW_SECONDS


def _find_role(claims: Mapping[str, object], rules: RoleRules) -> Role | None:
    held = _groups(claims, rules.claim)
    for role, groups in (
        (Role.ADMIN, rules.admin),
        (Role.RESEARCHER, rules.researcher),
        (Role.READER, rules.reader),
    ):
        if held & set(groups):
            return role
    return None


def _groups(claims: Mapping[str, object], path: str) -> set[str]:
    found: object = claims
    if path in claims:  # Some providers name claims by URLs, which hold dots
        found = claims[path]
    else:
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return {found}
    return {item for item in found if isinstance(item, str)} if isinstance(found, list | tuple) else set()


def _text(value: object) -> str:
    """A claim's text without what no database holds; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip()
