"""Flask-Security's forms with limited tries and answers that tell nothing about accounts."""

from collections.abc import Callable
from typing import Any

from flask_login import current_user
from flask_security.forms import ChangePasswordForm, LoginForm, TwoFactorVerifyCodeForm, VerifyForm
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import validate_redirect_url
from flask_wtf import FlaskForm

from app.access import parts
from app.db import transaction
from app.kernel.clock import utc_now
from app.staff.tries import forget_tries, take_try
from app.web.staff.blueprint import ADDRESS
from app.web.staff.datastore import DeskUser
from app.web.staff.log import log

NO_MATCH = "Address and password do not match. Check both, and that Caps Lock is off."
WRONG_PASSWORD = "This is not your password. Check that Caps Lock is off."  # noqa: S105 (what the page says)
WRONG_CODE = "This code does not match, or was used before. Wait for the next one and type that."
WRONG_RECOVERY_CODE = "This is not one of your recovery codes, or it was used before."
TOO_MANY_TRIES = "Too many tries. For safety nothing is checked until {time} UTC; then try again."

_Look = Callable[[], bool]


class SignInForm(LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.remember
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ADDRESS  # a link that leads to another site signs in, and leads to the desk

    def validate(self, **kwargs: Any) -> bool:
        """Tell an unknown address, a wrong password and a shut account apart in nothing."""
        if not self.email.data or not self.password.data:
            return super().validate(**kwargs)
        key = f"password:{self.email.data.strip().lower()}"
        return _limited(self, key, NO_MATCH, lambda: super(SignInForm, self).validate(**kwargs))


class AnewForm(VerifyForm):
    """The password once more, before something that wants a recent proof."""

    user: DeskUser

    def validate(self, **kwargs: Any) -> bool:
        """Check the password, with the same limit as signing in."""
        key = f"password:{self.user.email}"
        return _limited(self, key, WRONG_PASSWORD, lambda: super(AnewForm, self).validate(**kwargs))


class PasswordForm(ChangePasswordForm):
    """The password and a new one."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the old password with the same limit as signing in, then the new one."""
        key = f"password:{current_user.email}"
        if not _take_or_explain(self, key):
            return False
        valid = super().validate(**kwargs)
        if not self.password.errors:
            _forget(key)
        return bool(valid)


class CodeForm(TwoFactorVerifyCodeForm):
    """Six digits from the authenticator app."""

    def validate(self, **kwargs: Any) -> bool:
        """Check a code, with a limit of its own for each account."""
        assert isinstance(self.user, DeskUser)  # noqa: S101 (Flask-Security's view has set it)
        key = f"code:{self.user.staff_id}"
        return _limited(self, key, WRONG_CODE, lambda: super(CodeForm, self).validate(**kwargs))


class RecoveryForm(MfRecoveryForm):
    """A recovery code in place of the app's."""

    def validate(self, **kwargs: Any) -> bool:
        """Check a recovery code under the same limit as the app's codes."""
        assert isinstance(self.user, DeskUser)  # noqa: S101 (Flask-Security's view has set it)
        key = f"code:{self.user.staff_id}"
        return _limited(self, key, WRONG_RECOVERY_CODE, lambda: super(RecoveryForm, self).validate(**kwargs))


def _limited(form: FlaskForm, key: str, refusal: str, look: _Look) -> bool:
    """Look at what was typed if a try is left; say only `refusal` where it fails."""
    if not _take_or_explain(form, key):
        return False
    if look():
        _forget(key)
        return True
    for field in form:
        field.errors = []
    form.form_errors = [refusal]
    log.info("staff_sign_in_refused")
    return False


def _take_or_explain(form: FlaskForm, key: str) -> bool:
    with transaction(parts().sessions) as session:
        wait_until = take_try(session, _hashed(key), now=utc_now())
    if wait_until is None:
        return True
    form.form_errors = [TOO_MANY_TRIES.format(time=f"{wait_until:%H:%M:%S}")]
    return False


def _forget(key: str) -> None:
    with transaction(parts().sessions) as session:
        forget_tries(session, _hashed(key))


def _hashed(key: str) -> str:
    return parts().vault.digest(f"staff-tries:{key}")
