"""A small HTTP client for this machine: no proxy, no cookie, and redirects are left to the caller."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    location: str | None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def get(url: str, headers: dict[str, str] | None = None) -> Answer:
    """Get an address. Raises: OSError, http.client.HTTPException: nobody answers."""
    return request("GET", url, None, headers or {})


def post_form(url: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
    """Send a form. Raises: OSError, http.client.HTTPException: nobody answers."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return request("POST", url, urlencode(fields).encode(), {**kind, **(headers or {})})


def request(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    """Ask once, over a connection of its own. Raises: OSError, http.client.HTTPException."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return Answer(status=response.status, body=response.read(), location=response.getheader("Location"))
    finally:
        connection.close()


def answers(url: str) -> bool:
    """Return whether an address answers 200."""
    try:
        return get(url).status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
