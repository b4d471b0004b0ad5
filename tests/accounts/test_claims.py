"""What identity providers say, what it makes of a person, and what it must not."""

from collections.abc import Mapping

import pytest

from core.accounts.accounts import (
    admit,
    change_account,
    find_mode,
    list_accounts,
    list_people,
    reset_password,
)
from core.accounts.claims import LONGEST_SECONDS, ProviderPerson, RoleRules, is_over, read_claims
from core.accounts.signing_in import sign_in
from core.domain.identity import Role
from core.errors import AccessError
from core.workspace.database import Database
from tests.accounts.people import OTHER_PASSWORD, begin

RULES = RoleRules(admin=("it",), researcher=("lab", "phd"), reader=("radiology",))
ANN: dict[str, object] = {"iss": "https://id.example", "sub": "42", "name": "Ann", "iat": 1000}


def person(rules: RoleRules = RULES, **more: object) -> ProviderPerson:
    return read_claims({**ANN, **more}, rules)


def test_a_person_is_issuer_and_subject_and_never_the_mail_address() -> None:
    same = person(email="a@x.org"), person(email="b@x.org", name="Anna")
    assert same[0].subject == same[1].subject == "https://id.example|42"
    assert person(iss="https://other.example").subject != same[0].subject


@pytest.mark.parametrize("missing", ["iss", "sub"])
@pytest.mark.parametrize("value", [None, "", "  ", "\0", 42, ["42"], {"a": 1}])
def test_claims_that_name_nobody_are_refused(missing: str, value: object) -> None:
    with pytest.raises(AccessError, match="did not say who you are"):
        person(**{missing: value})


def test_an_id_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(AccessError, match="too long"):
        person(sub="x" * 300)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "", "preferred_username": "ann"}, "ann"),
        ({"name": None, "email": "a@x.org"}, "a@x.org"),
        ({"name": ["Ann"]}, "42"),
        ({"name": "x" * 1000}, "x" * 255),
        ({"name": "A\0nn"}, "Ann"),
    ],
)
def test_the_name_is_what_fits(claims: dict[str, object], name: str) -> None:
    assert person(**claims).name == name


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["radiology"], Role.READER),
        (["radiology", "phd"], Role.RESEARCHER),
        (["it", "radiology"], Role.ADMIN),
        (["it", "it"], Role.ADMIN),
        ("lab", Role.RESEARCHER),
        (["IT", "admin", "item"], None),
        ("it radiology", None),
        ([["it"], {"it": 1}, None, 7], None),
        ({"it": True}, None),
        (None, None),
    ],
)
def test_the_highest_group_that_is_exactly_named_counts(groups: object, role: Role | None) -> None:
    assert person(groups=groups).role is role


def test_groups_may_lie_deeper_or_under_a_name_with_dots() -> None:
    deeper = RULES.model_copy(update={"claim": "realm_access.roles"})
    assert person(deeper, realm_access={"roles": ["it"]}).role is Role.ADMIN
    assert person(deeper, realm_access="it").role is None
    url = RULES.model_copy(update={"claim": "https://x.org/groups"})
    assert person(url, **{"https://x.org/groups": ["it"]}).role is Role.ADMIN


@pytest.mark.parametrize(
    ("claims", "over"),
    [
        ({"iat": 1000}, False),
        ({"iat": 1000 - LONGEST_SECONDS + 1}, False),
        ({"iat": 1000 - LONGEST_SECONDS}, True),
        ({"iat": 1200.5}, False),
        ({"iat": 1e12}, True),
        ({"iat": float("nan")}, True),
        ({"iat": True}, True),
        ({"iat": "1000"}, True),
        ({}, True),
    ],
)
def test_a_sign_in_lasts_a_working_day(claims: Mapping[str, object], over: bool) -> None:
    assert is_over(claims, now=1000.0) is over


def test_who_first_comes_is_a_reader_whom_an_admin_may_raise(database: Database) -> None:
    admin = admit(database, person(sub="1", groups="it"), Role.READER)
    ann = admit(database, person(), Role.READER)
    assert (ann.role, ann.sign_in, ann.id) == (Role.READER, "oidc", "https://id.example|42")
    account = next(item for item in list_accounts(database, admin) if item.subject == ann.id)
    change_account(database, account.id, admin, role=Role.RESEARCHER)
    assert admit(database, person(), Role.READER).role is Role.RESEARCHER
    assert admit(database, person(groups="it"), Role.READER).role is Role.ADMIN
    assert len(list_accounts(database, admin)) == 2


def test_without_a_group_nobody_comes_in_where_groups_are_asked_for(database: Database) -> None:
    with pytest.raises(AccessError, match="no role here"):
        admit(database, person(), None)
    assert admit(database, person(groups="radiology"), None).role is Role.READER


def test_a_provider_whose_settings_are_lost_makes_nobody_the_single_user(database: Database) -> None:
    admit(database, person(), Role.READER)
    assert find_mode(database, oidc=False) == "accounts"


def test_a_closed_account_stays_out_whatever_the_provider_says(database: Database) -> None:
    admin = admit(database, person(sub="1", groups="it"), None)
    admit(database, person(), Role.READER)
    account = next(
        item for item in list_accounts(database, admin) if item.name == "Ann" and "42" in item.subject
    )
    change_account(database, account.id, admin, active=False)
    for more in ({}, {"groups": "it"}):
        with pytest.raises(AccessError, match="closed"):
            admit(database, person(**more), Role.READER)


def test_two_persons_of_one_name_are_two(database: Database) -> None:
    first, second = admit(database, person(), Role.READER), admit(database, person(sub="43"), Role.READER)
    assert first.name == second.name
    assert first.id != second.id


def test_somebody_of_a_provider_has_no_password_here(database: Database) -> None:
    admin = begin(database)
    admit(database, person(), Role.READER)
    account = next(item for item in list_accounts(database, admin) if item.provider)
    assert [item.name for item in list_people(database, admin)] == ["Root"]
    with pytest.raises(AccessError, match="identity provider"):
        reset_password(database, account.id, OTHER_PASSWORD, admin)
    for name in ("Ann", ANN["sub"]):
        with pytest.raises(AccessError, match="wrong"):
            sign_in(database, str(name), "")
