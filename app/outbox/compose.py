"""Writes letters: HTML and plain text that say the same, from one layout."""

from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.kernel.catalogues import translations
from app.vault.vault import PersonInClear
from config.newsroom import Newsroom

LETTERS = Path(__file__).parent / "letters"
TEXT_WIDTH = 76
IN_ONE_PIECE = 24
"""How long an amount, a day or a number is at most that a phone's line holds beside its label."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Button:
    """Where a letter leads, and what for."""

    label: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several things a letter is about, each with a button of its own."""

    title: str
    facts: list[tuple[str, str]]
    button: Button


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter before it is laid out; every letter has the same layout.

    `opening` and `closing` are paragraphs around the facts and the button; `quiet` are lesser links.
    """

    subject: str
    heading: str
    opening: list[str]
    facts: list[tuple[str, str]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    button: Button | None = None
    code: tuple[str, str] | None = None
    """What a code is called, and the code: for the reader to type elsewhere."""
    closing: list[str] = field(default_factory=list)
    quiet: list[Button] = field(default_factory=list)
    stop_link: str | None = None
    """Where a mail program's own button for "no more of these" leads; it posts there at once."""
    stop_label: str | None = None
    """What the same link is called at the foot of the letter, where it stands there, too."""
    attachment: Attachment | None = None

    @property
    def preview(self) -> str:
        """What lists of mails show behind the subject: what it is about, past the greeting."""
        return " ".join(self.opening[1:2] or self.opening)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """To whom, from whom, and the id under which a second copy is recognised."""

    mail_id: UUID
    mail_from: str
    recipient: PersonInClear
    written_at: datetime
    language: str


class _WholeWords(EmailPolicy):
    """Folds headers without losing spaces.

    Python's newer folding drops a space that falls between two encoded words, as happens to Russian
    subjects and names of some length; its older one encodes it.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header as it is written to the wire."""
        if str(value).isascii():
            return str(super().fold(name, value))
        addresses = getattr(value, "addresses", None)
        if not addresses:
            return f"{name}: {self._encoded(name, str(value))}{self.linesep}"
        (one,) = addresses
        encoded = self._encoded(name, one.display_name)
        return f"{name}: {encoded}{self.linesep} <{one.addr_spec}>{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the same as bytes."""
        return self.fold(name, value).encode("ascii")

    def _encoded(self, name: str, text: str) -> str:
        return Header(text, "utf-8", header_name=name).encode(linesep=self.linesep)


def compose(letter: Letter, envelope: Envelope, newsroom: Newsroom) -> EmailMessage:
    """Return the message; the same letter and envelope give the same Message-ID and words."""
    message = EmailMessage(policy=_WholeWords())
    message["Subject"] = letter.subject
    message["From"] = Address(newsroom.name, addr_spec=envelope.mail_from)
    message["To"] = Address(envelope.recipient.name or "", addr_spec=envelope.recipient.address)
    message["Date"] = format_datetime(envelope.written_at)
    message["Message-ID"] = f"<{envelope.mail_id}@{envelope.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop_link:
        message["List-Unsubscribe"] = f"<{letter.stop_link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    words = {
        "newsroom": newsroom,
        "language": envelope.language,
        "direction": Locale.parse(envelope.language).text_direction,
        "letter": letter,
        "width": TEXT_WIDTH,
        "in_one_piece": IN_ONE_PIECE,
    }
    environment = _environment(envelope.language)
    message.set_content(environment.get_template("letter.txt").render(words))
    message.add_alternative(environment.get_template("letter.html").render(words), subtype="html")
    if letter.attachment:
        message.add_attachment(
            letter.attachment.content, maintype="application", subtype="pdf", filename=letter.attachment.name
        )
    message["Content-Language"] = envelope.language  # last: setting the content drops headers named Content-*
    return message


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    return environment
