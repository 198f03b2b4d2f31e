"""The pages: mails newest first, one mail, its parts, and the staff sign-in of the demo."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.demo.announcement import CODE_SECONDS, staff_code
from app.demo.folder import STAFF_ADDRESS, Keys
from app.demo.mailbox.server import Page
from app.demo.mailbox.store import Mail, Store
from app.kernel.clock import utc_now

HERE = Path(__file__).parent
PAGE_LENGTH = 50
FILES = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail brings its own styles and no script; its links open in a new tab."""
FILE_POLICY = "default-src 'none'; sandbox"


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came with a mail; `place` tells it among its mail's."""

    place: int
    name: str
    kind: str
    content: bytes

    @property
    def kilobytes(self) -> int:
        """Its size, rounded up."""
        return -(-len(self.content) // 1000)


class Site:
    """Answers by path."""

    def __init__(self, store: Store, keys: Keys, *, product_url: str, stripe_url: str) -> None:
        self._store = store
        self._keys = keys
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["when"] = when
        self._templates.globals |= {"product_url": product_url, "stripe_url": stripe_url}

    def __call__(self, path: str, query: dict[str, str]) -> Page:
        """Return the page of an address."""
        match path.strip("/").split("/"):
            case [""]:
                return self._list(query)
            case ["staff-sign-in"]:
                return self._staff_sign_in()
            case ["staff-sign-in.svg"]:
                return Page(body=self._authenticator_picture(), kind="image/svg+xml")
            case [("style.css" | "icon.svg") as name]:
                return Page(body=(HERE / name).read_bytes(), kind=FILES[name])
            case ["mails", number, *rest] if number.isascii() and number.isdigit():
                mail = self._store.find(int(number))
                return self._mail(mail, rest) if mail else self._missing()
            case _:
                return self._missing()

    def _list(self, query: dict[str, str]) -> Page:
        wanted = query.get("page", "1")
        number = max(int(wanted), 1) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
        total = len(self._store)
        mails = self._store.list_newest(skip=(number - 1) * PAGE_LENGTH, limit=PAGE_LENGTH)
        return self._page(
            "list.html",
            mails=mails,
            total=total,
            first=total - (number - 1) * PAGE_LENGTH,
            number=number,
            last=max(-(-total // PAGE_LENGTH), 1),
        )

    def _mail(self, mail: Mail, rest: list[str]) -> Page:
        match rest:
            case []:
                return self._whole(mail)
            case ["html"]:
                return _framed(mail)
            case ["source"]:
                return Page(body=mail.message.as_bytes(), kind="text/plain; charset=utf-8")
            case ["files", place] if place.isascii() and place.isdigit():
                found = [one for one in attachments(mail.message) if one.place == int(place)]
                return _file(found[0]) if found else self._missing()
            case _:
                return self._missing()

    def _whole(self, mail: Mail) -> Page:
        return self._page(
            "mail.html",
            mail=mail,
            has_html=_body(mail.message, "html") is not None,
            plain=_body(mail.message, "plain"),
            headers=list(mail.message.items()),
            attachments=list(attachments(mail.message)),
        )

    def _staff_sign_in(self) -> Page:
        now = utc_now()
        begins = datetime.fromtimestamp(int(now.timestamp()) // CODE_SECONDS * CODE_SECONDS, now.tzinfo)
        later = begins + timedelta(seconds=CODE_SECONDS)
        code = partial(staff_code, self._keys.totp_secret)
        return self._page(
            "staff_sign_in.html",
            address=STAFF_ADDRESS,
            password=self._keys.staff_password,
            secret=self._keys.totp_secret,
            codes=[(code(at=begins), later), (code(at=later), later + timedelta(seconds=CODE_SECONDS))],
        )

    def _authenticator_picture(self) -> bytes:
        label = quote(f"Demo:{STAFF_ADDRESS}")
        about = urlencode({"secret": self._keys.totp_secret, "issuer": "Demo"})
        picture = io.BytesIO()
        segno.make(f"otpauth://totp/{label}?{about}", error="m").save(
            picture, kind="svg", scale=4, border=3, light="#fff"
        )
        return picture.getvalue()

    def _missing(self) -> Page:
        return self._page("missing.html", status=HTTPStatus.NOT_FOUND)

    def _page(self, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Page:
        return Page(body=self._templates.get_template(template).render(values).encode(), status=status)


def attachments(message: EmailMessage) -> Iterator[Attachment]:
    """Yield the files of a mail, in order."""
    for place, part in enumerate(message.iter_attachments()):
        content = part.get_payload(decode=True)
        yield Attachment(
            place=place,
            name=part.get_filename() or f"part {place + 1}",
            kind=part.get_content_type(),
            content=content if isinstance(content, bytes) else b"",
        )


def when(text: str) -> str:
    """Return a mail's date for people, in this machine's time, or as it is where it is no date."""
    try:
        return f"{parsedate_to_datetime(text).astimezone():%-d %B %Y, %H:%M}"
    except ValueError:
        return text


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else None


def _framed(mail: Mail) -> Page:
    """Return the HTML of a mail for the frame it is shown in."""
    html = _body(mail.message, "html") or ""
    new_tab = '<base target="_blank">'
    framed = html.replace("<head>", f"<head>{new_tab}", 1) if "<head>" in html else new_tab + html
    return Page(body=framed.encode(), policy=MAIL_POLICY)


def _file(attachment: Attachment) -> Page:
    named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name)}"}
    return Page(body=attachment.content, kind=attachment.kind, policy=FILE_POLICY, headers=named)
