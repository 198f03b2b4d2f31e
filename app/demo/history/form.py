"""Reads a page's form the way a browser does, to send it filled in."""

from html.parser import HTMLParser

_TYPED = ("text", "email", "hidden", "number", "tel")


class FormReader(HTMLParser):
    """Collects the fields of the first form as they stand: typed, hidden, and what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See a form begin, and the fields in it."""
        given = dict(attrs)
        if tag == "form":
            self._inside = True
        name = given.get("name")
        if tag != "input" or not self._inside or not name:
            return
        if given.get("type", "text") in _TYPED or "checked" in given:
            self.fields[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """See the form end."""
        if tag == "form":
            self._inside = False


def read_form(page: str) -> dict[str, str]:
    """Return the fields of a page's form."""
    reader = FormReader()
    reader.feed(page)
    return reader.fields
