"""Which pages there are for members, and the links to them."""

from dataclasses import dataclass

from flask import Flask, request

from app.web.languages import current_language
from app.web.languages import translate as _


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to another page."""

    name: str
    address: str
    is_here: bool = False


def init_app(app: Flask) -> None:
    """Let the frame of members' pages list them."""
    app.jinja_env.globals["member_links"] = member_links


def member_links() -> list[Link]:
    """Return the links that stand on every page of a member's."""
    return _links(
        {
            "/manage": _("Your support"),
            "/manage/receipts": _("Payments and receipts"),
            "/manage/statements": _("Yearly statements"),
            "/manage/mails": _("Mails and language"),
        }
    )


def data_links() -> list[Link]:
    """Return the links to the pages about who a member is, and what is held about them."""
    return _links(
        {
            "/manage/address": _("Change your address"),
            "/manage/data": _("Download all we hold about you"),
            "/manage/erase": _("Be forgotten"),
        }
    )


def _links(named: dict[str, str]) -> list[Link]:
    return [link_to(path, name) for path, name in named.items()]


def link_to(path: str, name: str) -> Link:
    """Return a link in the language of this page."""
    return Link(name=name, address=f"{path}?lang={current_language()}", is_here=request.path == path)
