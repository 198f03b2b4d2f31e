"""Finds, makes and changes accounts of staff."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.db import changed_rows
from app.kernel.errors import BadInput, SmallFavorError
from app.kernel.ids import new_id, new_nonce
from app.staff.models import StaffAccount, StaffGrant, StaffRole


class AccountExists(BadInput):
    """There is an account with this address already."""


class AccountUnknown(SmallFavorError):
    """No account has this address."""


def find_account(session: Session, criterion: sa.ColumnElement[bool]) -> StaffAccount | None:
    """Return the one account a unique column picks, with its grants."""
    statement = sa.select(StaffAccount).options(joinedload(StaffAccount.grants)).where(criterion)
    return session.scalars(statement).unique().one_or_none()


def get_account(session: Session, email: str) -> StaffAccount:
    """Return the account with this address. Raises: AccountUnknown."""
    account = find_account(session, StaffAccount.email == email.strip().lower())
    if account is None:
        raise AccountUnknown(email)
    return account


def list_accounts(session: Session) -> list[StaffAccount]:
    """Return every account with its grants, in the order they were made."""
    statement = sa.select(StaffAccount).options(joinedload(StaffAccount.grants)).order_by(StaffAccount.id)
    return list(session.scalars(statement).unique())


def create_account(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str,
    password_chosen: bool,
    sealed_totp_secret: str | None,
    roles: tuple[StaffRole, ...],
    now: datetime,
) -> StaffAccount:
    """Add an account that can sign in at once.

    Args: password_chosen: false for a password that has to be replaced at the first sign-in.
    Raises: AccountExists.
    """
    if find_account(session, StaffAccount.email == email.lower()):
        raise AccountExists(email)
    account = StaffAccount(
        id=new_id(),
        email=email.lower(),
        name=name,
        password_hash=password_hash,
        password_chosen_at=now if password_chosen else None,
        session_key=new_nonce(),
        second_factor="authenticator" if sealed_totp_secret else None,
        sealed_totp_secret=sealed_totp_secret,
        created_at=now,
        grants=[StaffGrant(role=role, granted_at=now) for role in roles],
    )
    session.add(account)
    return account


def disable_account(account: StaffAccount, *, now: datetime) -> None:
    """Shut an account and end its sessions; the first time it was shut is kept."""
    account.disabled_at = account.disabled_at or now
    account.session_key = new_nonce()


def reset_account(account: StaffAccount, *, password_hash: str) -> None:
    """Take an account back to its first sign-in: a password to be replaced, and no second factor."""
    account.password_hash = password_hash
    account.password_chosen_at = None
    account.second_factor = account.sealed_totp_secret = account.recovery_hashes = None
    account.session_key = new_nonce()


def replace_totp_secret(session: Session, account_id: UUID, *, old: str, new: str) -> bool:
    """Store a secret sealed anew, unless the account has another by now."""
    statement = (
        sa.update(StaffAccount)
        .where(StaffAccount.id == account_id, StaffAccount.sealed_totp_secret == old)
        .values(sealed_totp_secret=new)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session, statement) == 1


def save_changes(session: Session, account_id: UUID, changes: dict[str, Any]) -> None:
    """Write the named columns of an account, and no others."""
    session.execute(sa.update(StaffAccount).where(StaffAccount.id == account_id).values(**changes))


def end_sessions(session: Session, account_id: UUID) -> None:
    """Make every session cookie of an account worthless."""
    save_changes(session, account_id, {"session_key": new_nonce()})


def take_totp_counter(session: Session, account_id: UUID, counter: int) -> bool:
    """Claim a time step; false when it, or a later one, was claimed before."""
    newer = sa.or_(StaffAccount.totp_last_counter.is_(None), StaffAccount.totp_last_counter < counter)
    statement = (
        sa.update(StaffAccount)
        .where(StaffAccount.id == account_id, newer)
        .values(totp_last_counter=counter)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session, statement) == 1


def take_recovery_code(session: Session, account_id: UUID, code: str) -> bool:
    """Use up a recovery code; false when it is not one of the account's, or was used before."""
    before = session.scalar(sa.select(StaffAccount.recovery_hashes).where(StaffAccount.id == account_id))
    hashes = (before or "").split()
    used = hash_recovery_code(account_id, code)
    if used not in hashes:
        return False
    left = " ".join(other for other in hashes if other != used)
    statement = (
        sa.update(StaffAccount)
        .where(StaffAccount.id == account_id, StaffAccount.recovery_hashes == before)
        .values(recovery_hashes=left)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session, statement) == 1


def hash_recovery_code(account_id: UUID, code: str) -> str:
    """Return how a recovery code is kept: at 78 random bits a plain hash tells nothing."""
    return hashlib.sha256(account_id.bytes + code.strip().upper().encode()).hexdigest()
