"""Codes of the authenticator app and recovery codes: sealed or hashed, each good for one use."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

import segno
from flask import current_app
from flask_security import MfRecoveryCodesUtil, UserMixin
from flask_security.totp import Totp
from passlib.exc import UsedTokenError
from passlib.totp import TOTP, AppWallet, TotpMatch

from app.access import parts
from app.db import transaction
from app.kernel.ids import new_member_code
from app.staff.accounts import hash_recovery_code, take_recovery_code, take_totp_counter
from app.web.staff.datastore import DeskUser

RECOVERY_CODES = 8


def totp_keys(vault_keys: Iterable[str]) -> dict[str, str]:
    """Return the keys that seal TOTP secrets, by tag, the first for sealing and all for opening.

    They come from the vault's keys, which are kept until all they sealed is sealed anew, and not
    from the session's, which may be dropped as soon as the sessions are over.
    """
    derived = [hashlib.sha256(b"staff-totp:" + key.encode()).hexdigest() for key in vault_keys]
    return {"k" + hashlib.sha256(key.encode()).hexdigest()[:12]: key for key in derived}


class DeskTotp(Totp):
    """Flask-Security's TOTP, with our keys, our QR code, and no code accepted twice."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        wallet = AppWallet(secrets, default_tag=next(iter(secrets)))
        self._totp = TOTP.using(issuer=issuer, wallet=wallet)

    def seal(self, secret: str) -> str:
        """Return a secret given in base 32 as it is stored."""
        return str(self._totp(key=secret, format="base32").to_json(encrypt=True))

    def reseal(self, sealed: str) -> str | None:
        """Return a stored secret sealed by the first key; None where it is that already."""
        stored = self._totp.from_source(sealed)
        return str(stored.to_json(encrypt=True)) if stored.changed else None

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Claim the code's time step. Raises: UsedTokenError: it was used before."""
        with transaction(parts().sessions) as session:
            if not take_totp_counter(session, _id_of(user), tmatch.counter):
                raise UsedTokenError

    def generate_qrcode(self, username: str, totp: str) -> str:
        """Return the code to scan as a data URI."""
        code = segno.make(self.get_totp_uri(username, totp), error="m")
        return str(code.svg_data_uri(scale=5, border=3, light="#fff"))


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes that are shown once, when they are made, and kept as hashes."""

    def get_recovery_codes(self, user: UserMixin) -> list[str]:  # noqa: ARG002 (its signature)
        """Return none: a hash cannot be shown again."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Use the code up, and say whether it was there to be used."""
        with transaction(parts().sessions) as session:
            return take_recovery_code(session, _id_of(user), code)

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:  # noqa: ARG002 (its signature)
        """Do nothing: a code that was checked is gone already."""
        return True

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        """Return new codes such as `K7QM-3F2P-9XHD-TTVW`, their hashes put in place of the old ones'."""
        codes = [f"{new_member_code()}-{new_member_code()}" for _ in range(RECOVERY_CODES)]
        hashes = [hash_recovery_code(_id_of(user), code) for code in codes]
        current_app.extensions["security"].datastore.mf_set_recovery_codes(user, hashes)
        return codes


def _id_of(user: UserMixin) -> UUID:
    assert isinstance(user, DeskUser)  # noqa: S101 (our datastore makes no other)
    return user.staff_id
