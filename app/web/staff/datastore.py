"""What Flask-Security sees of our accounts.

No session stays open over a request: each look reads in a transaction of its own, and what
Flask-Security changes is gathered and written by `commit` in one short transaction.
"""

from dataclasses import dataclass
from typing import Any

from flask import g
from flask_security import RoleMixin, UserDatastore, UserMixin

from app.db import Sessions, reading, transaction
from app.staff.accounts import find_account, save_changes
from app.staff.models import StaffAccount, StaffRole


@dataclass(frozen=True, eq=False)
class DeskRole(RoleMixin):
    """A role as Flask-Security asks for it."""

    role: StaffRole

    @property
    def name(self) -> str:  # type: ignore[override]
        """The role's stored value."""
        return self.role.value

    @property
    def permissions(self) -> list[str]:  # type: ignore[override]
        """None: `authority` alone says what a role may do."""
        return []


class DeskUser(UserMixin):
    """An account as Flask-Security asks for it: a copy of its row, and what was changed since."""

    fs_uniquifier: str = ""
    """Flask-Security wants to see it on the class."""

    def __init__(self, account: StaffAccount) -> None:
        self.staff_id = account.id
        self.name = account.name
        self.email = account.email
        self.active = account.disabled_at is None
        self.held_roles = [grant.role for grant in account.grants]
        self.roles = [DeskRole(role) for role in self.held_roles]
        self.password = account.password_hash
        self.password_chosen_at = account.password_chosen_at
        self.fs_uniquifier = account.session_key
        self.tf_primary_method = account.second_factor
        self.tf_totp_secret = account.sealed_totp_secret
        self.tf_phone_number = None
        self.mf_recovery_codes = (account.recovery_hashes or "").split()
        self._stored = self._columns()

    @property
    def recovery_codes_left(self) -> int:
        """How many recovery codes are not used yet."""
        return len(self.mf_recovery_codes or [])

    def take_changes(self) -> dict[str, Any]:
        """Return the columns that differ from the row, and count them as written."""
        before, self._stored = self._stored, self._columns()
        return {name: value for name, value in self._stored.items() if before[name] != value}

    def _columns(self) -> dict[str, Any]:
        return {
            "password_hash": self.password,
            "password_chosen_at": self.password_chosen_at,
            "session_key": self.fs_uniquifier,
            "second_factor": self.tf_primary_method,
            "sealed_totp_secret": self.tf_totp_secret,
            "recovery_hashes": " ".join(self.mf_recovery_codes) if self.mf_recovery_codes else None,
        }


class DeskDatastore(UserDatastore):
    """Flask-Security's way to our accounts."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(DeskUser, DeskRole)
        self._sessions = sessions

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> DeskUser | None:  # noqa: ARG002 (its signature)
        """Return the account with this `email` or `fs_uniquifier`."""
        [(attribute, value)] = kwargs.items()
        sought = {
            "email": StaffAccount.email == value.strip().lower(),
            "fs_uniquifier": StaffAccount.session_key == value,
        }
        with reading(self._sessions) as session:
            account = find_account(session, sought[attribute])
            return DeskUser(account) if account else None

    def put(self, model: DeskUser) -> DeskUser:
        """Gather a changed account for the next `commit` of this request."""
        changed = g.setdefault("desk_changed_users", [])
        if not any(other is model for other in changed):
            changed.append(model)
        return model

    def commit(self) -> None:
        """Write what was gathered: the changed columns, and no others."""
        changed: list[DeskUser] = g.pop("desk_changed_users", [])
        if not changed:
            return
        with transaction(self._sessions) as session:
            for user in changed:
                changes = user.take_changes()
                if changes:
                    save_changes(session, user.staff_id, changes)
