"""A reader's browser, as far as HTTP goes: sends the form, follows what the answer says."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from app.vault.vault import PersonInClear

PATIENCE_SECONDS = 15
"""A reader's, and a proxy's: a little over the budget of 10 seconds, plus what a busy machine adds."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """One answer of the server."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def location(self) -> str:
        """Where a redirect leads, empty without one."""
        return self.headers.get("location", "")

    @property
    def is_waiting(self) -> bool:
        """Whether it leads to the page that says we are checking."""
        return self.status == 303 and "/support/resume/" in self.location and "checking=" in self.location

    @property
    def next_look(self) -> str:
        """The address a waiting page opens by itself, empty without one."""
        return self.headers.get("refresh", "").partition("url=")[2]

    @property
    def pause_seconds(self) -> int:
        """How long a waiting page waits before it opens the next one."""
        return int(self.headers["refresh"].partition(";")[0])


class Visitor:
    """Asks one server, following nothing by itself."""

    def __init__(self, base_url: str) -> None:
        self._address = urlsplit(base_url)

    def get(self, url: str) -> Answer:
        """Open an address of the server."""
        return self.ask("GET", url)

    def send_form(
        self,
        reader: PersonInClear,
        *,
        nonce: str,
        amount: str = "2",
        interval: str = "month",
        currency: str = "eur",
    ) -> Answer:
        """Send the support form as this reader."""
        fields = {
            "nonce": nonce,
            "interval": interval,
            "currency": currency,
            "amount": amount,
            "email": reader.address,
            "name": reader.name or "",
        }
        return self.ask("POST", "/support", urlencode(fields).encode(), FORM)

    def ask(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask anything. Raises: OSError, http.client.HTTPException: the server is not there, or slow."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection = http.client.HTTPConnection(
            self._address.hostname or "", self._address.port, timeout=PATIENCE_SECONDS
        )
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, text)
