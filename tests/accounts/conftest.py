"""Cheap hashes: what is tested is who gets in, not how long a hash takes."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from core.accounts import passwords


@pytest.fixture(scope="package", autouse=True)
def cheap_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords.decoy.cache_clear()
        yield
    passwords.decoy.cache_clear()
