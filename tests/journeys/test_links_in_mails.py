"""From a mail to a mended payment, a confirmed one and an ended support, with a script and without."""

import re
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.billing.models import Subscription
from app.outbox.models import MailKind, QueuedMail
from tests.journeys.conftest import OpenPage
from tests.journeys.steps import fact, type_card
from tests.journeys.ways import each_way
from tests.support.cast import INSUFFICIENT_FUNDS, PAID, SAVED_THEN_DECLINED, reader
from tests.support.letters import link_in, said_in
from tests.support.stage import Stage
from tests.support.world import World

pytestmark = pytest.mark.xdist_group("journey-links-in-mails")

PORTAL, DONE = re.compile(r"/p/session/"), re.compile(r"/manage/mend/[^/]+/done")


class Members:
    """People with a running support, and what comes to them by mail."""

    number = 500

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = World(stage.parts, stage.stripe)

    def give(self, *, language: str = "en") -> str:
        """Return the address of somebody new, whose monthly support has begun."""
        Members.number += 1
        person = reader(Members.number, name="Ada Adler")
        session_id = self._world.open_session(self._world.form(person, language=language))
        self._world.pay(session_id, person)
        self._stage.wait_until(lambda: self._row(session_id), what="a running support")
        self._session_id = session_id
        return person.address

    def fail_renewal(self, address: str, token: str) -> EmailMessage:
        """Let the next renewal of the newest member fail; returns the mail that tells of it."""
        row = self._row(self._session_id)
        assert row
        self._world.change_card(row.stripe_subscription_id, token)
        self._world.advance(days=31.3)
        return self.mail(address, "/manage/")

    def notice(self, address: str) -> EmailMessage:
        """Let a mail with a link to the end go out to the newest member."""
        row = self._row(self._session_id)
        assert row
        self._world.v1.subscriptions.update(row.stripe_subscription_id, {"cancel_at_period_end": True})
        return self.mail(address, "/manage/end/")

    def mail(self, address: str, path: str) -> EmailMessage:
        """Return the newest mail to an address with a link to such a path, receipts aside, once it is in."""

        def found() -> list[EmailMessage]:
            theirs = [one for one in list(self._stage.mails.messages) if address in one["To"]]
            letters = [one for one in theirs if not any(one.iter_attachments())]
            return [one for one in letters if path in said_in(one)]

        self._stage.wait_until(found, what=f"a mail to {address} with {path}")
        return found()[-1]

    def status(self) -> str:
        """Return the status of the newest member's subscription at Stripe."""
        row = self._row(self._session_id)
        assert row
        subscriptions = self._stage.stripe.objects("subscription")
        return next(str(one["status"]) for one in subscriptions if one["id"] == row.stripe_subscription_id)

    def kinds(self) -> list[MailKind]:
        """Return the kinds of the mails queued for the newest member."""
        row = self._row(self._session_id)
        assert row
        return [mail.kind for mail in self._world.rows(QueuedMail, QueuedMail.member_id == row.member_id)]

    def _row(self, session_id: str) -> Subscription | None:
        made = [one for one in self._stage.stripe.objects("checkout.session") if one["id"] == session_id]
        rows = self._world.rows(Subscription, Subscription.stripe_subscription_id == made[0]["subscription"])
        return rows[0] if rows and rows[0].member_id else None


@pytest.fixture
def members(stage: Stage) -> Members:
    return Members(stage)


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def give_card(page: Page, number: str) -> None:
    """Give a card on Stripe's page and come back."""
    page.wait_for_url(PORTAL)
    type_card(page, number)
    page.locator("button.pay").click()


@each_way
def test_another_card_pays_what_is_open(
    stage: Stage, open_page: OpenPage, members: Members, way: dict[str, Any]
) -> None:
    """Edge 12: the invoice is paid, and the page says what truly happened."""
    address = members.give()
    link = link_in(members.fail_renewal(address, "tok_chargeCustomerFail"), "/manage/mend/")
    page = open_page(link, **way)
    expect(heading(page)).to_have_text("A payment is open")
    expect(fact(page, "To be paid")).to_have_text("€2")

    page.get_by_role("button", name="Use another card").click()
    give_card(page, PAID)
    page.wait_for_url(DONE)

    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert members.status() == "active"
    stage.wait_until(lambda: MailKind.payment_recovered in members.kinds(), what="thanks by mail")
    page.goto(link)
    expect(heading(page)).to_have_text("Nothing is open")


@each_way
def test_a_card_that_is_declined_is_said_to_be_and_another_way_is_offered(
    open_page: OpenPage, members: Members, way: dict[str, Any]
) -> None:
    address = members.give()
    page = open_page(link_in(members.fail_renewal(address, "tok_chargeCustomerFail"), "/manage/mend/"), **way)
    page.get_by_role("button", name="Use another card").click()
    page.wait_for_url(PORTAL)
    type_card(page, INSUFFICIENT_FUNDS)
    page.locator("button.pay").click()
    expect(page.get_by_role("alert")).to_be_visible()
    give_card(page, SAVED_THEN_DECLINED)
    page.wait_for_url(DONE)

    expect(heading(page)).to_have_text("That did not work")
    expect(page.get_by_role("alert")).to_contain_text("Your bank declined the payment")
    page.get_by_role("link", name="Try another way").click()
    page.get_by_role("button", name="Use another card").click()
    give_card(page, PAID)

    expect(heading(page)).to_have_text("Paid. Thank you!")


def test_the_same_card_can_be_tried_again(open_page: OpenPage, members: Members) -> None:
    address = members.give(language="ru")
    page = open_page(link_in(members.fail_renewal(address, "tok_chargeCustomerFail"), "/manage/mend/"))
    expect(heading(page)).to_have_text("Платёж не прошёл")

    page.get_by_role("button", name="Попробовать ту же карту ещё раз").click()

    expect(heading(page)).to_have_text("Не получилось")


@each_way
def test_a_renewal_is_confirmed_with_the_bank(
    stage: Stage, open_page: OpenPage, members: Members, way: dict[str, Any]
) -> None:
    """Edge 10: a renewal needs 3-D Secure, and the member gets a link that works."""
    address = members.give()
    link = link_in(members.fail_renewal(address, "tok_authenticationRequired"), "/manage/confirm/")
    page = open_page(link, **way)
    expect(heading(page)).to_have_text("Your bank asks you to confirm a payment")

    page.get_by_role("button", name="Confirm the payment").click()
    page.locator("button.pay").click()
    page.get_by_role("button", name="Complete authentication").click()

    stage.wait_until(lambda: members.status() == "active", what="the renewal is paid")
    stage.wait_until(lambda: MailKind.payment_recovered in members.kinds(), what="thanks by mail")
    page.goto(link)
    expect(heading(page)).to_have_text("Nothing is left to confirm")


@each_way
def test_a_support_is_kept_and_then_ended(
    stage: Stage, open_page: OpenPage, members: Members, way: dict[str, Any]
) -> None:
    """Edge 11: one click to end one, after the one in the mail."""
    address = members.give()
    page = open_page(link_in(members.notice(address), "/manage/end/"), **way)
    expect(heading(page)).to_have_text("Your support will end")

    page.get_by_role("button", name="Keep supporting").click()
    expect(heading(page)).to_have_text("Your support goes on")
    page.get_by_role("link", name="End it after all").click()
    page.get_by_role("button", name="End it now").click()

    expect(heading(page)).to_have_text("Your support has ended")
    assert members.status() == "canceled"
    expect(page.get_by_role("link", name="Support The Harbour Courier again")).to_be_visible()
    stage.wait_until(lambda: MailKind.support_ended in members.kinds(), what="a mail that says so")
    page.reload()
    expect(heading(page)).to_have_text("Your support has ended")
