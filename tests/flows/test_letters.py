"""Every kind of letter, as it goes out: in both languages, and in text as well as in HTML."""

import re
from email.message import EmailMessage

import pytest

from app.flows.letters.desk import FAMILIES
from app.outbox.models import MailKind
from tests.support.cast import ADA
from tests.support.every_letter import NEEDS_A_STORY, EveryLetter
from tests.support.letters import LINK, links_in, said_in, text_of
from tests.support.mail import MailCatcher
from tests.support.world import World

ALL_WAYS = ("/manage/mend/", "/manage?", "/manage/end/")
LINKS_OF = {
    MailKind.payment_failed: ALL_WAYS,
    MailKind.payment_reminder: ALL_WAYS,
    MailKind.payment_last_notice: ALL_WAYS,
    MailKind.payment_needs_action: ("/manage/confirm/", *ALL_WAYS),
    MailKind.payment_recovered: ALL_WAYS,
    MailKind.card_expiring: (*ALL_WAYS, "/manage/mails/off/"),
    MailKind.charge_coming: ALL_WAYS,
    MailKind.second_subscription: ("/manage/end/", "/manage/end/"),
    MailKind.support_changed: ALL_WAYS,
    MailKind.support_paused: ALL_WAYS,
    MailKind.support_resumed: ALL_WAYS,
    MailKind.support_ending: ("/manage/end/",),
    MailKind.support_ended: ("/support?",),
    MailKind.support_unfinished: ("/support/resume/",),
    MailKind.sign_in: ("/manage/sign-in/",),
}
MARKETING = re.compile(r"unsubscribe|newsletter|<img|utm_|отписаться|рассылк", re.I)
CYRILLIC = re.compile(r"[а-яё]", re.I)


def test_every_kind_of_mail_has_a_family_of_letters() -> None:
    assert set(FAMILIES) == set(MailKind)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_letter_can_be_read(world: World, mails: MailCatcher, language: str) -> None:
    letters = EveryLetter(world, mails, ADA, language).write()

    assert set(letters) == set(MailKind) - NEEDS_A_STORY == set(LINKS_OF)
    assert len({str(mail["Subject"]) for mail in letters.values()}) == len(letters)
    for kind, mail in letters.items():
        check(kind, mail, language)


def check(kind: MailKind, mail: EmailMessage, language: str) -> None:
    """What holds for each letter."""
    text, html = said_in(mail), said_in(mail, "html")
    assert mail["Content-Language"] == language, kind
    assert str(ADA.name) in text, kind
    assert str(ADA.name) in html, kind
    assert bool(CYRILLIC.search(text.replace(str(ADA.name), ""))) is (language == "ru"), kind
    assert not MARKETING.search(html), kind
    assert "None" not in text, kind
    assert "%(" not in text + str(mail["Subject"]), kind
    found = links_in(mail)
    assert len(found) == len(LINKS_OF[kind]), (kind, found)
    for link, path in zip(found, LINKS_OF[kind], strict=True):
        assert path in link, kind
    assert {link.replace("&amp;", "&") for link in LINK.findall(html)} == set(found), kind
    assert paragraphs(text_of(mail)), kind


def paragraphs(text: str) -> bool:
    """Whether a text is laid out: no line too long but for links, no gaps, a signature."""
    lines = text.split("\n")
    assert not [line for line in lines if len(line) > 100 and "://" not in line]
    assert "\n\n\n" not in text
    assert "\n-- \n" in text
    return True
