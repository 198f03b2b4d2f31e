"""The session cookie is the desk's alone: no reader's page and no webhook opens, reads or sets one."""

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

DESK = "/staff"


class DeskSessions(SecureCookieSessionInterface):
    """Flask's own sessions under the desk's address; elsewhere an empty one that goes nowhere.

    Opening one costs a sixth of a reader's page: a signer made, cookies taken apart.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request."""
        return super().open_session(app, request) if _at_the_desk(request.path) else SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the session back to the desk."""
        if _at_the_desk(request.path):
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Keep sessions to the desk."""
    app.session_interface = DeskSessions()


def _at_the_desk(path: str) -> bool:
    return path == DESK or path.startswith(f"{DESK}/")
