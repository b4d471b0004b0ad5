"""The hashes of passwords."""

from core.accounts import passwords

REAL = passwords._HASHER  # before the tests of this folder make it cheap


def test_hashes_cost_what_the_standard_recommends() -> None:
    """RFC 9106, section 4, second option: argon2id, 3 passes over 64 MiB, 4 lanes."""
    assert (REAL.type.name, REAL.time_cost, REAL.memory_cost, REAL.parallelism) == ("ID", 3, 64 * 1024, 4)


def test_one_password_has_another_hash_each_time_and_each_fits() -> None:
    first, second = passwords.hash_password("one two three"), passwords.hash_password("one two three")
    assert first != second
    assert passwords.matches(first, "one two three")
    assert passwords.matches(second, "one two three")
    assert not passwords.matches(first, "one two threE")


def test_what_is_no_hash_fits_nothing() -> None:
    for stored in ("", "plain text", "$argon2id$", "\0"):
        assert not passwords.matches(stored, stored)


def test_a_password_is_the_same_however_its_accents_are_composed() -> None:
    assert passwords.matches(passwords.hash_password("caf\u00e9 au lait"), "cafe\u0301 au lait")
