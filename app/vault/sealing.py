"""AES-GCM with key ids: what is sealed names its key, so that keys rotate without a gap."""

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.errors import SmallFavorError

KEY_ID_BYTES = 4
NONCE_BYTES = 12
_VERSION = b"\x01"


class CannotUnseal(SmallFavorError):
    """The key is not among those we hold, or the bytes were altered."""


class Keyring:
    """Keys derived from the configured secrets: the first seals, all unseal."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {_key_id(secret): _derive(secret, b"seal") for secret in secrets}
        self._first_id = _key_id(secrets[0])
        self._hash_keys = [_derive(secret, b"address hash") for secret in secrets]

    def seal(self, clear: bytes, *, bound_to: bytes) -> bytes:
        """Return `version | key id | nonce | ciphertext`, readable only beside the same `bound_to`."""
        return _VERSION + self._first_id + seal_with(self._keys[self._first_id], clear, bound_to=bound_to)

    def unseal(self, sealed: bytes, *, bound_to: bytes) -> bytes:
        """Return what was sealed. Raises: CannotUnseal."""
        key = self._keys.get(sealed[1 : 1 + KEY_ID_BYTES])
        if not key or sealed[:1] != _VERSION:
            raise CannotUnseal("sealed with a key we do not hold")
        return unseal_with(key, sealed[1 + KEY_ID_BYTES :], bound_to=bound_to)

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it; otherwise it wants sealing anew."""
        return sealed[1 : 1 + KEY_ID_BYTES] == self._first_id

    def hash_text(self, text: str) -> str:
        """Return the keyed hash, under the first key, by which a text is found but not read."""
        return self.hashes_of(text)[0]

    def hashes_of(self, text: str) -> list[str]:
        """Return the keyed hash under every key, so that rows hashed before a rotation are found."""
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._hash_keys]


def new_key() -> bytes:
    """Return a fresh key for one person."""
    return AESGCM.generate_key(bit_length=256)


def seal_with(key: bytes, clear: bytes, *, bound_to: bytes) -> bytes:
    """Return `nonce | ciphertext`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound_to)


def unseal_with(key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
    """Return what was sealed. Raises: CannotUnseal."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise CannotUnseal("altered, or sealed with another key") from None


def _derive(secret: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"smallfavor", salt=purpose[:16]).digest()


def _key_id(secret: str) -> bytes:
    return _derive(secret, b"key id")[:KEY_ID_BYTES]
