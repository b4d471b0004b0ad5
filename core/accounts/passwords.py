"""Passwords: the rules, and their hashes (argon2id)."""

import threading
import unicodedata
from functools import cache
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import AccessError

SHORTEST, LONGEST = 12, 128
_COMMON = (
    "password", "passwort", "qwerty", "qwertz", "123456", "letmein", "welcome", "iloveyou", "abc123",
    "monkey", "dragon", "counterpoise", "hospital", "admin",
)  # fmt: skip
_HASHER = PasswordHasher()  # RFC 9106's second recommended option: 64 MiB, 3 passes
_ROOM = threading.BoundedSemaphore(4)  # However many sign in at once: 256 MiB


def check_password(password: str, name: str) -> None:
    """Raise unless a password is good enough.

    Length is what counts; no kind of character is asked for (NIST SP 800-63B, section 5.1.1.2).

    Raises:
        AccessError: Too short or too long, one character over and over, the name, or little more than a word
            that is tried first.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessError(
            f"The password has {len(password)} characters; use {SHORTEST} to {LONGEST}. A few unrelated "
            "words are easy to remember."
        )
    plain = password.casefold()
    rest = plain.replace(name.casefold(), "")
    for word in _COMMON:
        rest = rest.replace(word, "")
    if len(set(plain)) < 5 or len(rest) < SHORTEST // 2:
        raise AccessError(
            "The password is one that is tried first: the name, a common word, or the same few characters. "
            "Use a few unrelated words."
        )


def hash_password(password: str) -> str:
    """The text that is stored; it holds salt and cost."""
    with _ROOM:
        return _HASHER.hash(_plain(password))


def matches(stored: str, password: str) -> bool:
    """Whether a password is the one that was hashed; takes as long when it is not."""
    try:
        with _ROOM:
            return _HASHER.verify(stored, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made at another cost than is usual now."""
    return _HASHER.check_needs_rehash(stored)


@cache
def decoy() -> str:
    """A hash that no password has, to spend the same time on a name that does not exist."""
    return hash_password(uuid4().hex)


def _plain(password: str) -> bytes:
    """One form, however a keyboard composes accents; cut far beyond the longest, or hashing takes long."""
    return unicodedata.normalize("NFKC", password[: LONGEST * 2]).encode("utf-8", "surrogatepass")
