"""Every mail as mail programs show it: on a phone and at a desk, in the light and in the dark."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page

from app.kernel.ids import new_id
from app.outbox.compose import Button, Choice, Envelope, Letter, compose
from app.outbox.models import MailKind
from app.vault.vault import PersonInClear
from config.newsroom import load_newsroom
from tests.conftest import NEWSROOM
from tests.journeys.inspection import AXE, OVERFLOW, TARGETS
from tests.support.browser import Witness
from tests.support.databases import Databases
from tests.support.letters import html_of, links_in, text_of
from tests.support.mail import MailCatcher
from tests.support.mail_pictures import LANGUAGES, Mails, each_look, write_mails
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.xdist_group("journey-mails")
RULES = {
    "resultTypes": ["violations"],
    "rules": {
        "target-size": {"enabled": True},
        # The landmarks are the mail program's own.
        "region": {"enabled": False},
        "landmark-one-main": {"enabled": False},
    },
}
LEAST_BUTTON, LEAST_LINK = 44, 24
BUTTONS = "a.button, a.second"
AMOUNT = r"€\s?\d[\d.,]*\d|€\s?\d|\d[\d.,\u00a0\u202f]*\u00a0€"
CAN_BE_STOPPED = {
    MailKind.reminder_confirm,
    MailKind.reminder,
    MailKind.card_expiring,
    MailKind.gift_ending,
}
"""A yearly charge's notice, too; the one written here is of a raised amount, which cannot."""

BROKEN = """(amount) => {
  const faults = [];
  const texts = document.createTreeWalker(document.querySelector("[role=article]"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const found of texts.currentNode.data.matchAll(new RegExp(amount, "gu"))) {
      const range = new Range();
      range.setStart(texts.currentNode, found.index);
      range.setEnd(texts.currentNode, found.index + found[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) faults.push(`an amount on two lines: ${found[0]}`);
    }
  }
  return faults;
}"""


@pytest.fixture(scope="module")
def written(
    databases: Databases, stripe_process: SimulatorProcess, mail_server: MailCatcher
) -> dict[str, Mails]:
    """Every mail in every language."""
    return {one: write_mails(one, databases, stripe_process, mail_server) for one in LANGUAGES}


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """A mail program: it runs no script of a mail's, and a mail may load nothing."""
    with chrome.new_context() as context:
        witness = Witness(context)
        yield context.new_page()
        witness.assert_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_can_be_read_on_every_screen(page: Page, written: dict[str, Mails], language: str) -> None:
    mails = written[language]

    assert set(mails) == set(MailKind)
    assert not [
        f"{kind}: {fault}" for kind, mail in mails.items() for fault in find_faults(page, mail, language)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plain_text_of_every_mail_says_all_that_its_html_says(
    page: Page, written: dict[str, Mails], language: str
) -> None:
    for kind, mail in written[language].items():
        page.set_content(html_of(mail))
        shown, text = page.inner_text("[role=article]"), one_line(text_of(mail))

        unsaid = [line for line in re.split(r"[\n\t]+", shown) if one_line(line) not in text]
        assert not unsaid, (kind, unsaid)
        assert sorted(re.findall(AMOUNT, shown)) == sorted(re.findall(AMOUNT, text_of(mail))), kind
        links = page.eval_on_selector_all("a[href^=http]", "all => all.map(a => a.href)")
        assert links == links_in(mail), kind


def test_only_mails_that_can_be_turned_off_bear_a_button_for_it(written: dict[str, Mails]) -> None:
    for mails in written.values():
        assert {kind for kind, mail in mails.items() if mail["List-Unsubscribe"]} == CAN_BE_STOPPED
        carrying = [mail for mail in mails.values() if any(mail.iter_attachments())]
        assert len(carrying) == 3
        assert not [mail for mail in carrying if mail["List-Unsubscribe-Post"]]


def test_names_without_end_break_no_layout(page: Page) -> None:
    endless = "Wolfeschlegelsteinhausenbergerdorff" * 3
    button = Button(label=f"Support {endless}", link=f"https://harbour-courier.example/{endless}")
    fact = ("Charged to", f"{endless} ending 4242")
    letter = Letter(
        subject="Long",
        heading=endless,
        opening=[f"Hello {endless},", endless],
        facts=[fact, ("Amount", "€1,234,567.89")],
        choices=[Choice(title=endless, facts=[fact], button=button)],
        button=button,
        code=("Code", "WXYZ-WXYZ"),
        closing=[endless],
        quiet=[button],
    )

    assert not list(find_faults(page, composed(letter), "en"))


def test_lists_of_mails_show_what_a_mail_is_about_and_the_page_does_not(page: Page) -> None:
    letter = Letter(subject="News", heading="News", opening=["Hello Ada,", "The presses run again."])
    page.set_content(html_of(composed(letter)))

    assert page.evaluate("document.body.textContent").split("\n")[1] == "The presses run again."
    assert page.inner_text("body").count("The presses run again.") == 1


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (("color:#6a6255", "color:#c9c2b5"), "color-contrast"),
        (("max-width:600px", "min-width:600px"), "scrolls sideways"),
        (("padding:14px 26px", "padding:2px 26px"), "a small target"),
        (("white-space:nowrap;", "display:block;width:2em;word-break:break-all;"), "an amount on two lines"),
    ],
)
def test_what_is_planted_in_a_mail_is_found(
    page: Page, written: dict[str, Mails], spoiled: tuple[str, str], told: str
) -> None:
    mail = written["en"][MailKind.receipt]
    assert spoiled[0] in html_of(mail)
    planted = EmailMessage()
    planted.set_content(text_of(mail))
    planted.add_alternative(html_of(mail).replace(*spoiled), subtype="html")

    assert told in "\n".join(find_faults(page, planted, "en"))


def find_faults(page: Page, mail: EmailMessage, language: str) -> Iterator[str]:
    """Return everything wrong with a mail, in words, at every look."""
    for look in each_look(page, mail):
        page.evaluate(AXE)
        for violation in page.evaluate(f"axe.run({json.dumps(RULES)})")["violations"]:
            for node in violation["nodes"]:
                yield f"{look}: {violation['id']} {node['target']} {node['failureSummary']}"
        buttons = page.locator(BUTTONS).evaluate_all("all => all.map(a => a.getBoundingClientRect().height)")
        yield from (f"{look}: a small target, {one} high" for one in buttons if one < LEAST_BUTTON)
        for rule, argument in ((OVERFLOW, None), (TARGETS, LEAST_LINK), (BROKEN, AMOUNT)):
            yield from (f"{look}: {fault}" for fault in page.evaluate(rule, argument))
    spoken = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    if spoken != [language, "rtl" if language == "ar" else "ltr"]:
        yield f"speaks {spoken}"


def composed(letter: Letter) -> EmailMessage:
    """Return a letter as it goes out."""
    envelope = Envelope(
        mail_id=new_id(),
        mail_from="receipts@harbour-courier.example",
        recipient=PersonInClear(address="ada@example.org", name="Ada Adler"),
        written_at=datetime(2026, 11, 3, tzinfo=UTC),
        language="en",
    )
    return compose(letter, envelope, load_newsroom(NEWSROOM))


def one_line(text: str) -> str:
    """Return a text without its line ends."""
    return " ".join(text.split())
