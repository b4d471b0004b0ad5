"""People at work."""

from core.domain.identity import Identity, Role


def person(name: str, role: Role = Role.READER) -> Identity:
    return Identity(id=f"id-{name}", name=name, sign_in="password", role=role)


ANN, BEN, EVE = (person(name) for name in ("ann", "ben", "eve"))
RESEARCHER = person("ruth", Role.RESEARCHER)
