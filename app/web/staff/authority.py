"""Who may see what: the one place that decides, before any page of the desk runs."""

from enum import StrEnum

from flask import abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import url_for_security
from flask_wtf.csrf import CSRFProtect

from app.staff.models import StaffRole
from app.web.staff.datastore import DeskUser


class Permission(StrEnum):
    """What a page needs of those who open it."""

    reports = "reports"
    """Figures that name nobody."""
    records = "records"
    """Members by their codes, and all that was paid and sent."""
    persons = "persons"
    """Whose name and address a code stands for."""
    exports = "exports"
    """Files that leave the desk."""
    upkeep = "upkeep"
    """How the product fares, and having what failed tried again."""


PERMISSIONS: dict[StaffRole, frozenset[Permission]] = {
    StaffRole.administrator: frozenset(Permission),
}
NEEDED: dict[str, Permission] = {
    "staff.overview": Permission.reports,
    "staff.appeals": Permission.reports,
    "staff.money": Permission.reports,
    "staff.money_export": Permission.exports,
    "staff.members": Permission.records,
    "staff.members_export": Permission.exports,
    "staff.member": Permission.records,
    "staff.show_person": Permission.persons,
    "staff.receipt": Permission.records,
    "staff.credit_note": Permission.records,
    "staff.payouts": Permission.reports,
    "staff.payouts_export": Permission.exports,
    "staff.payout": Permission.records,
    "staff.payout_export": Permission.exports,
    "staff.notes": Permission.records,
    "staff.note_read": Permission.records,
    "staff.notes_export": Permission.exports,
    "staff.health": Permission.upkeep,
    "staff.health_retry": Permission.upkeep,
}
ACCOUNT_PAGES = frozenset(
    {
        "security.login",
        "security.logout",
        "security.verify",
        "security.change_password",
        "security.two_factor_setup",
        "security.two_factor_setup_validate",
        "security.two_factor_token_validation",
        "security.mf_recovery",
        "security.mf_recovery_codes",
    }
)
"""Flask-Security's pages that we use; it checks by itself who may open each. Its others are shut."""


def guard() -> ResponseReturnValue | None:
    """Let a request for the desk through, or answer it: with sign-in, set-up, or a refusal."""
    if request.endpoint in ACCOUNT_PAGES:
        refused = None
    elif request.endpoint in NEEDED:
        refused = _first_step() or _refusal(NEEDED[request.endpoint])
    else:
        abort(404)
    if refused is None:
        _check_form_token()
    return refused


def desk_user() -> DeskUser | None:
    """Return who is signed in."""
    user = current_user._get_current_object()
    return user if isinstance(user, DeskUser) else None


def may(permission: Permission) -> bool:
    """Whether who is signed in holds a role with this permission."""
    user = desk_user()
    return user is not None and any(permission in PERMISSIONS[role] for role in user.held_roles)


def _first_step() -> ResponseReturnValue | None:
    """Return the way to what has to be done before the desk shows anything."""
    user = desk_user()
    if user is None:
        wanted = {"next": request.full_path.rstrip("?")} if request.method == "GET" else {}
        return redirect(url_for_security("login", **wanted))
    if not user.tf_primary_method:
        return redirect(url_for_security("two_factor_setup"))
    if user.password_chosen_at is None:
        return redirect(url_for_security("change_password"))
    return None


def _refusal(permission: Permission) -> ResponseReturnValue | None:
    if may(permission):
        return None
    return render_template("staff/refused.html"), 403


def _check_form_token() -> None:
    csrf: CSRFProtect = current_app.extensions["csrf"]
    csrf.protect()
