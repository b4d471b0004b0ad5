"""From what an identity provider says of a person (OpenID Connect) to who they are here; pure."""

from collections.abc import Mapping

from pydantic import Field

from core.domain.base import FrozenModel
from core.domain.identity import Identity, Role
from core.errors import AccessError


class RoleRules(FrozenModel):
    """Which of a provider's groups has which role here; the highest that fits counts."""

    claim: str = Field(default="groups", min_length=1, description="Dotted path, e.g. realm_access.roles")
    admin: tuple[str, ...] = ()
    researcher: tuple[str, ...] = ()
    reader: tuple[str, ...] = ()
    everybody: Role | None = Field(default=None, description="Role of whoever can sign in; None: none")


def read_claims(claims: Mapping[str, object], rules: RoleRules) -> Identity:
    """Who a signed-in person is.

    The id is issuer and subject, the only pair that never goes to somebody else (OpenID Connect Core 1.0,
    section 5.7); an e-mail address may, and is shown at most.

    Args:
        claims: Those of an ID token whose signature, audience and expiry have been checked.
        rules: Who has which role.

    Raises:
        AccessError: The claims name no issuer or subject, or the person has no role.
    """
    issuer, subject = _text(claims.get("iss")), _text(claims.get("sub"))
    if not issuer or not subject:
        raise AccessError("The identity provider did not say who you are (iss, sub); ask whoever runs it.")
    identity = f"{issuer}|{subject}"
    if len(identity) > 255:
        raise AccessError("The identity provider's id for you is too long (255 characters at most).")
    names = (_text(claims.get(key)) for key in ("name", "preferred_username", "email"))
    name = next((text for text in names if text), subject)[:255]
    role = _find_role(claims, rules)
    if role is None:
        raise AccessError(
            f"{name} is signed in, but has no role here; an admin can add one of your groups to the roles."
        )
    return Identity(id=identity, name=name, sign_in="oidc", role=role)


def _find_role(claims: Mapping[str, object], rules: RoleRules) -> Role | None:
    held = _groups(claims, rules.claim)
    for role, groups in (
        (Role.ADMIN, rules.admin),
        (Role.RESEARCHER, rules.researcher),
        (Role.READER, rules.reader),
    ):
        if held & set(groups) or rules.everybody is role:
            return role
    return None


def _groups(claims: Mapping[str, object], path: str) -> set[str]:
    if path in claims:  # Some providers name claims by URLs, which hold dots
        found = claims[path]
    else:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return {found}
    return {item for item in found if isinstance(item, str)} if isinstance(found, list | tuple) else set()


def _text(value: object) -> str:
    """A claim's text without what no database holds; empty for anything else."""
    return value.replace("\0", "").strip() if isinstance(value, str) else ""
