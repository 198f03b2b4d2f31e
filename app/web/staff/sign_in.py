"""Flask-Security set up for the desk: password and authenticator app for all, nothing else."""

from datetime import timedelta
from typing import Any

from flask import Flask, session
from flask_login import user_logged_in, user_logged_out
from flask_security import Security, password_changed
from flask_security.forms import LogoutForm
from flask_wtf.csrf import CSRFProtect

from app.access import parts, parts_of, settings_of
from app.db import transaction
from app.kernel.clock import utc_now
from app.staff.accounts import end_sessions
from app.web.staff.blueprint import ADDRESS
from app.web.staff.datastore import DeskDatastore, DeskUser
from app.web.staff.forms import AnewForm, CodeForm, PasswordForm, RecoveryForm, SignInForm
from app.web.staff.log import log
from app.web.staff.second_factor import DeskTotp, HashedRecoveryCodes, totp_keys

FRESH = timedelta(minutes=60)
"""How long a proof counts as recent."""
FRESH_GRACE = timedelta(minutes=10)
LEAST_PASSWORD_LENGTH = 12
CLOCK_DRIFT_SECONDS = 30
MESSAGES = {
    "EMAIL_NOT_PROVIDED": ("Type your address.", "error"),
    "INVALID_EMAIL_ADDRESS": ("This is not an address. Type it as name@example.org.", "error"),
    "PASSWORD_NOT_PROVIDED": ("Type your password.", "error"),
    "PASSWORD_INVALID_LENGTH": ("A password has %(length)s characters or more.", "error"),
    "PASSWORD_IS_THE_SAME": ("The new password is the present one. Choose another.", "error"),
    "RETYPE_PASSWORD_MISMATCH": ("The new password was typed in two ways. Type it again.", "error"),
    "PASSWORD_CHANGE": ("Your password is changed, and your other sessions have ended.", "success"),
    "REAUTHENTICATION_REQUIRED": ("Type your password once more to go on.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you. Please go on.", "success"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("", "info"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("Your new authenticator is set up.", "success"),
    "TWO_FACTOR_INVALID_TOKEN": ("This code does not match. Begin again.", "error"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Please sign in from the beginning.", "error"),
    "TWO_FACTOR_SETUP_EXPIRED": ("That took too long. Begin again.", "error"),
    "UNAUTHENTICATED": ("Sign in to go on.", "info"),
}
"""What Flask-Security says, in the desk's words; an empty text is not shown."""


def init_sign_in(app: Flask) -> None:
    """Give the app `/staff/sign-in` and all that belongs to it."""
    app.config.update(_session_config(), **_security_config(app))
    CSRFProtect(app)
    security = Security(
        app,
        DeskDatastore(parts_of(app).sessions),
        login_form=SignInForm,
        logout_form=LogoutForm,
        verify_form=AnewForm,
        change_password_form=PasswordForm,
        two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryForm,
        totp_cls=DeskTotp,
        mf_recovery_codes_util_cls=HashedRecoveryCodes,
    )
    security.want_json(lambda _request: False)
    security.login_manager.request_loader(lambda _request: None)
    user_logged_in.connect(_keep_no_fingerprint, app)
    user_logged_out.connect(_end_every_session, app)
    password_changed.connect(_note_own_password, app)


def _session_config() -> dict[str, Any]:
    """Keep the cookie to the desk's addresses, and out of it all that tells where its owner sits."""
    return {
        "SESSION_COOKIE_NAME": "desk",
        "SESSION_COOKIE_PATH": ADDRESS,
        "SESSION_PROTECTION": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        # Our own Referrer-Policy keeps browsers from sending what this check wants to see.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _security_config(app: Flask) -> dict[str, Any]:
    settings = settings_of(app)
    config = {
        "URL_PREFIX": ADDRESS,
        "STATIC_FOLDER": None,
        "LOGIN_URL": "/sign-in",
        "LOGOUT_URL": "/sign-out",
        "VERIFY_URL": "/confirm",
        "CHANGE_URL": "/password",
        "TWO_FACTOR_SETUP_URL": "/second-factor",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
        "POST_LOGIN_VIEW": ADDRESS,
        "POST_LOGOUT_VIEW": f"{ADDRESS}/sign-in",
        "POST_CHANGE_VIEW": ADDRESS,
        "TWO_FACTOR_POST_SETUP_VIEW": ADDRESS,
        "LOGOUT_CSRF": True,
        "CACHE_CONTROL": None,
        **{f"MSG_{name}": words for name, words in MESSAGES.items()},
        "API_ENABLED_METHODS": ["session"],
        "CHANGEABLE": True,
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": {"argon2"},
        "PASSWORD_LENGTH_MIN": LEAST_PASSWORD_LENGTH,
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": FRESH_GRACE,
        "TWO_FACTOR": True,
        "TWO_FACTOR_REQUIRED": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": CLOCK_DRIFT_SECONDS,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "TOTP_SECRETS": totp_keys(key.get_secret_value() for key in settings.vault_key),
        "TOTP_ISSUER": parts_of(app).newsroom.name,
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
    }
    return {f"SECURITY_{name}": value for name, value in config.items()}


def _keep_no_fingerprint(_app: Flask, *, user: DeskUser, **_rest: object) -> None:
    """Drop Flask-Login's hash of the browser's address and name from the session."""
    session.pop("_id", None)
    log.info("staff_signed_in", staff_id=str(user.staff_id))


def _end_every_session(_app: Flask, *, user: DeskUser | None, **_rest: object) -> None:
    """Sign out everywhere: a copied cookie is worthless once its owner has signed out."""
    if isinstance(user, DeskUser):
        with transaction(parts().sessions) as writing:
            end_sessions(writing, user.staff_id)
        log.info("staff_signed_out", staff_id=str(user.staff_id))


def _note_own_password(_app: Flask, *, user: DeskUser, **_rest: object) -> None:
    user.password_chosen_at = utc_now()
