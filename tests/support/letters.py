"""Reads mails as their recipients do: what they say, and where their links lead."""

import re
from email.message import EmailMessage

from tests.support.mail import MailCatcher

LINK = re.compile(r"https?://[^\s\"<>]+")


def said_in(mail: EmailMessage, kind: str = "plain") -> str:
    """Return the words of a mail on one line; of its HTML with `kind="html"`."""
    return " ".join(_body_of(mail, kind).split())


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail, line by line."""
    return _body_of(mail, "plain")


def html_of(mail: EmailMessage) -> str:
    """Return the HTML of a mail."""
    return _body_of(mail, "html")


def links_in(mail: EmailMessage, to: str = "/") -> list[str]:
    """Return the addresses in a mail's text that lead to such a path, in order."""
    return [link for link in LINK.findall(text_of(mail)) if to in link]


def link_in(mail: EmailMessage, to: str) -> str:
    """Return the only address in a mail that leads to such a path."""
    (link,) = links_in(mail, to)
    return link


def subjects(mails: MailCatcher) -> list[str]:
    """Return the subjects of all mails, in the order they came."""
    return [str(mail["Subject"]) for mail in mails.messages]


def _body_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
