"""From a mail to one's own pages and out again, in a browser: by link, by code, with a script and without."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.billing.models import Payment, Refund
from app.flows.mail_choices import stop_link
from app.members.models import Member
from app.outbox.models import MailRefusal, MailTopic
from app.receipts.models import CreditNote
from tests.journeys.conftest import OpenPage
from tests.journeys.inspection import find_faults
from tests.journeys.scenes import Scene
from tests.journeys.steps import mails_to
from tests.journeys.ways import each_way
from tests.support.browser import picture
from tests.support.cast import reader
from tests.support.letters import link_in, said_in
from tests.support.signed_in import sign_in_browser
from tests.support.stage import Stage
from tests.support.world import World

pytestmark = pytest.mark.xdist_group("journey-signing-in")


class Somebody:
    """A supporter whose first payment was partly given back."""

    number = 1200

    def __init__(self, stage: Stage) -> None:
        Somebody.number += 1
        self.stage, self.world = stage, World(stage.parts, stage.stripe)
        self.person = reader(Somebody.number, name="Ada Adler")
        known = {row.id for row in self.world.rows(Member)}
        self.world.pay(self.world.open_session(self.world.form(self.person)), self.person)
        stage.wait_until(lambda: {row.id for row in self.world.rows(Member)} - known, what="a new member")
        (self.member_id,) = {row.id for row in self.world.rows(Member)} - known

    def give_some_back(self) -> None:
        """Refund half of the payment, and wait for the credit note."""
        paid = self.world.one(Payment, Payment.member_id == self.member_id)
        self.world.v1.refunds.create({"payment_intent": paid.stripe_payment_intent_id, "amount": 100})
        self.stage.wait_until(
            lambda: self.world.rows(CreditNote, CreditNote.member_id == self.member_id), what="a note"
        )
        assert self.world.rows(Refund)

    def ask(self, page: Page) -> tuple[str, str]:
        """Ask for a mail on the page, and return the link and the code in it."""
        former = len(self._letters())
        page.goto(f"{self.stage.url}/manage")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your support")
        page.get_by_label("E-mail address").fill(self.person.address)
        page.get_by_role("button", name="Mail me a link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
        self.stage.wait_until(lambda: len(self._letters()) > former, what="a mail with a link")
        mail = self._letters()[-1]
        words = said_in(mail)
        return link_in(mail, "/manage/sign-in/"), words.partition("Code: ")[2].partition(" ")[0]

    def _letters(self) -> list[Any]:
        return [mail for mail in mails_to(self.stage, self.person.address)() if "Sign in" in mail["Subject"]]


@pytest.fixture(scope="module")
def somebody(stage: Stage) -> Somebody:
    made = Somebody(stage)
    made.give_some_back()
    return made


@each_way
def test_a_link_opened_in_another_browser_leads_to_ones_own_pages(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    somebody = Somebody(stage)
    link, _ = somebody.ask(open_page("/support", **way))

    page = open_page(f"{stage.url}{urlsplit(link).path}", **way)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_title("Your support · The Harbour Courier")
    expect(page.get_by_text("You are a supporter until")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.goto(f"{stage.url}/manage")
    expect(page.get_by_role("button", name="Mail me a link")).to_be_visible()


@each_way
def test_a_code_is_typed_and_a_wrong_one_is_said_to_be(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    somebody = Somebody(stage)
    page = open_page("/support", **way)
    _, code = somebody.ask(page)

    for typed in ("AAAA-AAAA", code.lower()):
        page.get_by_label("E-mail address").fill(somebody.person.address)
        page.get_by_label("Code").fill(typed)
        page.get_by_role("button", name="Sign in").click()
        if typed != code.lower():
            expect(page.get_by_role("alert")).to_contain_text("That did not work")

    expect(page).to_have_title("Your support · The Harbour Courier")


@each_way
def test_documents_are_fetched_and_mails_are_chosen(
    stage: Stage, somebody: Somebody, open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = open_page("/support", **way)
    sign_in_browser(page.context, stage.parts, somebody.member_id, base_url=stage.url)
    page.goto(f"{stage.url}/manage")
    page.get_by_role("link", name="All payments and receipts").click()
    expect(page.get_by_text("Given back to you")).to_be_visible()
    for document in ("Receipt HC-", "Credit note "):
        with page.expect_download() as download:
            page.get_by_role("link", name=document).click()
        assert download.value.suggested_filename.endswith(".pdf")

    page.get_by_role("link", name="Mails and language").click()
    page.get_by_label("Before a yearly payment").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("Before a yearly payment")).not_to_be_checked()
    page.get_by_label("Before a yearly payment").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Before a yearly payment")).to_be_checked()


@each_way
def test_a_reminders_link_turns_it_off_without_signing_in(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    somebody = Somebody(stage)
    link = stop_link(stage.parts, somebody.member_id, MailTopic.card_expiry, language="en")
    page = open_page(f"{stage.url}{urlsplit(link).path}", **way)

    page.get_by_role("button", name="Turn them off").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("These mails are turned off")
    assert refused(somebody.world, somebody.member_id) == [MailTopic.card_expiry]
    page.get_by_role("button", name="Turn them on again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Turn these mails off?")
    assert refused(somebody.world, somebody.member_id) == []


def refused(world: World, member_id: UUID) -> list[MailTopic]:
    return [row.topic for row in world.rows(MailRefusal, MailRefusal.member_id == member_id)]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_bear_everyone(
    stage: Stage, somebody: Somebody, open_page: OpenPage, language: str
) -> None:
    faults = []
    for name, page in walk(stage, somebody, open_page("/support"), language):
        faults += [f"{name}: {fault}" for fault in find_faults(page, language=language, direction="ltr")]
        for width, scheme in ((360, "light"), (1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            picture(page, f"signing-in-{language}-{name}-{width}-{scheme}")

    assert faults == []


def walk(stage: Stage, somebody: Somebody, page: Page, language: str) -> Iterator[Scene]:
    """Show every page of signing in, and those behind."""
    link = stop_link(stage.parts, somebody.member_id, MailTopic.yearly_charge, language=language)
    signed_out = {
        "door": "/manage/sign-in",
        "code": "/manage/sign-in/code",
        "link over": "/manage/sign-in/x",
        "signed out": "/manage/signed-out",
        "mails off": urlsplit(link).path,
    }
    for name, path in signed_out.items():
        page.goto(f"{stage.url}{path}?lang={language}")
        yield name, page
    sign_in_browser(page.context, stage.parts, somebody.member_id, base_url=stage.url)
    for name, path in {"home": "/manage", "receipts": "/manage/receipts", "mails": "/manage/mails"}.items():
        page.goto(f"{stage.url}{path}?lang={language}")
        yield name, page
