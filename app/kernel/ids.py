"""Identifiers: time-ordered for rows, unguessable for people."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS = 2
_CODE_GROUP_LENGTH = 4
_GIFT_CODE_LETTERS = 12


def new_id() -> UUID:
    """Return a new UUIDv7: sorts by birth, so indexes stay dense."""
    return UUID(int=uuid7().int)


def new_member_code() -> str:
    """Return a random public code such as `K7QM-3F2P`, without letters that look alike."""
    return _new_code()


def new_sign_in_code() -> str:
    """Return a code of the same looks, for typing in while it is good: 39 bits, so tries are bounded."""
    return _new_code()


def gift_code_from(digest: str) -> str:
    """Return the code of a gift, such as `K7QM-3F2P-9XTB`: 58 bits of a keyed hash in hexadecimal.

    Made of a hash and not by chance, so that a database restored from a backup gives the very code that
    was handed out before.
    """
    number, letters = int(digest, 16), ""
    for _ in range(_GIFT_CODE_LETTERS):
        number, which = divmod(number, len(_CODE_ALPHABET))
        letters += _CODE_ALPHABET[which]
    return read_code(letters)


def read_code(text: str) -> str:
    """Return a code as we write it, however it was typed: in small letters, with spaces, without the line."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return "-".join(
        letters[start : start + _CODE_GROUP_LENGTH] for start in range(0, len(letters), _CODE_GROUP_LENGTH)
    )


def _new_code() -> str:
    groups = (
        "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_GROUP_LENGTH))
        for _ in range(_CODE_GROUPS)
    )
    return "-".join(groups)


def new_nonce() -> str:
    """Return an unguessable token of 22 URL-safe characters (128 bits)."""
    return secrets.token_urlsafe(16)
