"""Makes pictures of every mail: `make mails`, then open test-results/mails/index.html.

A newsroom of its own lives through one reader's life in each language; every mail that goes out is shown as
mail programs show it, on a phone and at a desk, in the light and in the dark, with its plain text beside it.
"""

import html
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from app.access import parts_of
from app.factory import create_app
from app.outbox.models import MailKind
from tests.conftest import NEWSROOM, make_settings
from tests.support.arabic import in_arabic
from tests.support.browser import PICTURES, chromium
from tests.support.cast import ADA
from tests.support.databases import Databases
from tests.support.every_mail import EveryMail
from tests.support.letters import html_of, text_of
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

FOLDER = PICTURES / "mails"
LANGUAGES = ("en", "ru", "ar")
"""Arabic has no catalogue yet: it shows the layout from right to left, with English words."""
A_SHEET = 6
"""How many mails stand beside each other on a contact sheet."""
Mails = dict[MailKind, EmailMessage]


@dataclass(frozen=True)
class Look:
    """How wide a mail is shown, and the reader's wish for light or dark."""

    width: int
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


LOOKS = (Look(360, "light"), Look(360, "dark"), Look(700, "light"), Look(700, "dark"))


def main() -> None:
    """Make every picture, a page of them all, and contact sheets of each look."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    mails = write_all()
    with chromium() as browser:
        for language, of_language in mails.items():
            keep_texts(language, of_language)
            keep_pictures(browser, language, of_language)
            keep_sheets(browser, language, of_language)
    (FOLDER / "index.html").write_text(index(mails), encoding="utf-8")
    print(f"{sum(map(len, mails.values()))} mails: {FOLDER / 'index.html'}")


def write_all() -> dict[str, Mails]:
    """Return every mail in every language."""
    databases, catcher, stripe = Databases(), MailCatcher(), SimulatorProcess()
    catcher.start()
    stripe.start()
    try:
        return {language: write_mails(language, databases, stripe, catcher) for language in LANGUAGES}
    finally:
        stripe.stop()
        catcher.stop()
        databases.close()


def write_mails(language: str, databases: Databases, stripe: SimulatorProcess, catcher: MailCatcher) -> Mails:
    """Let one reader's life go by, in a newsroom that speaks their language; returns a mail of every kind."""
    stripe.reset()
    url = databases.create("sqlite")
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as newsroom:
        newsroom.write(in_arabic(NEWSROOM.read_text()) if language == "ar" else NEWSROOM.read_text())
        newsroom.flush()
        settings = make_settings(
            url, stripe_url=stripe.url, smtp_url=catcher.url, newsroom_file=Path(newsroom.name)
        )
        parts = parts_of(create_app(settings))
    mails = EveryMail(World(parts, stripe), catcher, ADA, language).write()
    parts.sessions.kw["bind"].dispose()
    databases.drop(url)
    return mails


def each_look(page: Page, mail: EmailMessage) -> Iterator[Look]:
    """Show a mail as mail programs do, without script and at each look."""
    page.set_content(html_of(mail))
    for look in LOOKS:
        # Without motion, lest a colour is measured on its way from one scheme to the other.
        page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": look.width, "height": 800})
        yield look


def keep_texts(language: str, mails: Mails) -> None:
    """Keep each mail's plain text under its subject and what its programs read in its head."""
    for kind, mail in mails.items():
        head = [f"{name}: {mail[name]}" for name in ("Subject", "List-Unsubscribe") if mail[name]]
        text = "\n".join(head) + "\n\n" + text_of(mail)
        (FOLDER / f"{language}-{kind}.txt").write_text(text, encoding="utf-8")


def keep_pictures(browser: Browser, language: str, mails: Mails) -> None:
    """Keep each mail at each look."""
    page = browser.new_page()
    for kind, mail in mails.items():
        for look in each_look(page, mail):
            page.screenshot(path=FOLDER / picture_name(language, kind, look), full_page=True)
    page.close()


def keep_sheets(browser: Browser, language: str, mails: Mails) -> None:
    """Keep contact sheets: some mails beside each other, at one look."""
    sheet, kinds = FOLDER / "sheet.html", list(mails)
    page = browser.new_page()
    for look in LOOKS:
        page.set_viewport_size({"width": A_SHEET * (look.width + 8) + 32, "height": 800})
        for number, first in enumerate(range(0, len(kinds), A_SHEET), 1):
            row = [figure(language, kind, (look,)) for kind in kinds[first : first + A_SHEET]]
            sheet.write_text(page_of(row), encoding="utf-8")
            page.goto(sheet.as_uri())
            page.screenshot(path=FOLDER / f"sheet-{language}-{look}-{number}.png", full_page=True)
    page.close()
    sheet.unlink()


def picture_name(language: str, kind: MailKind, look: Look) -> str:
    """Return the file's name of one picture."""
    return f"{language}-{kind}-{look}.png"


def index(mails: dict[str, Mails]) -> str:
    """Return a page of all pictures, with the plain text of each mail behind a link."""
    shown = []
    for kind in MailKind:
        shown.append(f"<h2>{kind}</h2>")
        for language, of_language in mails.items():
            subject = html.escape(str(of_language[kind]["Subject"]))
            text = f'<a href="{language}-{kind}.txt">plain text</a>'
            shown.append(f"<h3>{language}: <bdi>{subject}</bdi>, {text}</h3>")
            shown.append(figure(language, kind, LOOKS))
    return page_of(shown)


def figure(language: str, kind: MailKind, looks: tuple[Look, ...]) -> str:
    """Return the pictures of a mail, in a row."""
    images = (
        f'<img src="{picture_name(language, kind, look)}" width="{look.width}" alt="{kind}, {look}">'
        for look in looks
    )
    return "".join(images)


def page_of(parts: list[str]) -> str:
    """Return a page around the pictures."""
    style = "body{margin:16px;background:#888;font:16px sans-serif}img{margin:0 8px 8px 0;vertical-align:top}"
    return f"<!doctype html><title>Every mail</title><style>{style}</style>{''.join(parts)}"


if __name__ == "__main__":
    main()
