"""Signs a member in without a mail, for tests of the pages behind."""

from uuid import UUID

from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext

from app.db import transaction
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.signing_in.sessions import form_token, start_session
from app.web.reader.manage.visitor import COOKIE, COOKIE_PATH, FORM_TOKEN


def sign_in(client: FlaskClient, parts: Parts, member_id: UUID) -> dict[str, str]:
    """Sign a member in in a test client; returns the hidden field that every form of theirs carries."""
    key = _start(parts, member_id)
    client.set_cookie(COOKIE, key, path=COOKIE_PATH)
    return {FORM_TOKEN: form_token(key)}


def sign_in_browser(context: BrowserContext, parts: Parts, member_id: UUID, *, base_url: str) -> None:
    """Sign a member in in a real browser."""
    context.add_cookies(
        [{"name": COOKIE, "value": _start(parts, member_id), "url": f"{base_url}{COOKIE_PATH}"}]
    )


def _start(parts: Parts, member_id: UUID) -> str:
    with transaction(parts.sessions) as session:
        return start_session(session, member_id, now=utc_now())
