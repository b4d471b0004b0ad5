"""Who is at work, as the pages ask."""

import time

import pytest

from core.domain.identity import Role, local_identity
from core.errors import AccessError
from core.services import accounts, single_user

CLAIMS: dict[str, object] = {"iss": "https://id.example", "sub": "42", "name": "Ann"}


def test_looking_at_a_workspace_makes_no_database(workspace: object) -> None:
    assert single_user.is_certain()
    assert accounts.find_mode(oidc=False) == "local"
    assert single_user.is_certain()


def test_a_database_elsewhere_is_asked_and_never_taken_for_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("COUNTERPOISE_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.sqlite")
    assert not single_user.is_certain()
    assert accounts.find_mode(oidc=False) == "local"


def test_the_local_person_is_unverified_and_may_do_everything() -> None:
    person = single_user.local_person()
    assert person.may(Role.ADMIN)
    assert not person.verified


def test_a_sign_in_at_the_provider_ends_after_a_working_day() -> None:
    now = time.time()
    assert accounts.admit({**CLAIMS, "iat": now - 3600}, {}) is not None
    assert accounts.admit({**CLAIMS, "iat": now - 13 * 3600}, {}) is None


def test_the_configuration_says_who_may_first_come_in() -> None:
    fresh = {**CLAIMS, "iat": time.time()}
    with pytest.raises(AccessError, match="no role here"):
        accounts.admit(fresh, {"first": "nobody"})
    person = accounts.admit(fresh, {"first": "researcher"})
    assert person is not None
    assert person.role is Role.RESEARCHER


@pytest.mark.parametrize("roles", [{"admins": ["it"]}, {"admin": "it"}, {"first": "anybody"}, {"claim": ""}])
def test_a_typing_error_in_the_configuration_lets_nobody_in(roles: dict[str, object]) -> None:
    with pytest.raises(AccessError, match="section"):
        accounts.admit({**CLAIMS, "iat": time.time()}, roles)


def test_a_name_that_two_people_of_a_provider_have_asks_for_the_id() -> None:
    for subject in ("1", "2"):
        accounts.admit({**CLAIMS, "sub": subject, "iat": time.time()}, {})
    admin = local_identity("test")
    with pytest.raises(AccessError, match="2 accounts have the name"):
        accounts.find_account("Ann", admin)
    assert accounts.find_account("https://id.example|2", admin).subject.endswith("|2")
