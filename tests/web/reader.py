"""Fills in and sends the form as a browser without scripts does, and reads the pages."""

from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ADA = "ada@example.org"


class PageReader(HTMLParser):
    """What matters of a page: its fields, its ids, its links and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        """Name to value, of what a browser would send if the form were sent at once."""
        self.offered: dict[str, list[str]] = {}
        """Name to every value that may be chosen."""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._words: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        """All words in one line."""
        return " ".join(" ".join(self._words).split())

    def by_id(self, wanted: str) -> dict[str, str]:
        """Return the attributes of the element with this id."""
        return next(attributes for _, attributes in self.tags if attributes.get("id") == wanted)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind, in the page's order."""
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and, of a form, what it would send."""
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        name = attributes.get("name", "")
        if tag not in ("input", "textarea") or not name:
            return
        value = attributes.get("value", "")
        self.offered.setdefault(name, []).append(value)
        if attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes:
            self.fields[name] = value

    def handle_data(self, data: str) -> None:
        """Note words."""
        self._words.append(unescape(data))


def read(answer: TestResponse) -> PageReader:
    """Return what stands on an answer's page."""
    return PageReader(answer.text)


def fresh_nonce(client: FlaskClient) -> str:
    """Return the hidden number of a fresh form."""
    return read(client.get("/support")).fields["nonce"]


def fill(client: FlaskClient, address: str = "/support", **typed: str) -> dict[str, str]:
    """Return a form as a browser would send it: as shown, with these fields typed over."""
    return read(client.get(address)).fields | {"email": ADA} | typed


def send(client: FlaskClient, address: str = "/support", **typed: str) -> TestResponse:
    """Open the form, type, and send it."""
    return client.post("/support", data=fill(client, address, **typed))


def path_of(address: str) -> str:
    """Return an address without its host, as the test client takes it."""
    split = urlsplit(address)
    return f"{split.path}?{split.query}" if split.query else split.path


def open_sessions(stripe: Any) -> list[dict[str, Any]]:
    """Return the Checkout sessions that the local Stripe holds."""
    return list(stripe.objects("checkout.session"))
