"""People at the desk: Cleo is staff, Dan has no role; and how each signs in."""

import re
from datetime import datetime
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from app.access import parts_of
from app.db import transaction
from app.kernel.clock import utc_now
from app.staff.accounts import create_account
from app.staff.models import StaffAccount, StaffRole

CLEO = "cleo@harbour-courier.example"
DAN = "dan@harbour-courier.example"
PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def add_account(
    app: Flask,
    email: str = CLEO,
    *,
    roles: tuple[StaffRole, ...] = (StaffRole.administrator,),
    with_second_factor: bool = True,
    password_chosen: bool = True,
) -> StaffAccount:
    """Add an account that signs in by PASSWORD and the codes of TOTP_SECRET."""
    totp = app.extensions["security"].totp_factory
    with app.app_context(), transaction(parts_of(app).sessions) as session:
        return create_account(
            session,
            email=email,
            name=email.partition("@")[0].capitalize(),
            password_hash=hash_password(PASSWORD),
            password_chosen=password_chosen,
            sealed_totp_secret=totp.seal(TOTP_SECRET) if with_second_factor else None,
            roles=roles,
            now=utc_now(),
        )


def code_at(at: datetime | None = None, *, secret: str = TOTP_SECRET) -> str:
    """Return the six digits the authenticator shows."""
    return str(TOTP(key=secret, format="base32").generate(at).token)


def sign_in(client: FlaskClient, email: str = CLEO) -> TestResponse:
    """Sign in by password and code; returns the answer to the code."""
    give_password(client, email)
    return post(client, "/staff/sign-in/code", {"code": code_at()})


def give_password(client: FlaskClient, email: str = CLEO, password: str = PASSWORD) -> TestResponse:
    """Send the first of the two sign-in forms."""
    return post(client, "/staff/sign-in", {"email": email, "password": password})


def post(client: FlaskClient, path: str, data: dict[str, str], *, page: str | None = None) -> TestResponse:
    """Send a form with the hidden fields of the page it stands on."""
    shown = client.get(page or path, follow_redirects=True).text
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(shown)}
    return client.post(path, data={**hidden, **data})
