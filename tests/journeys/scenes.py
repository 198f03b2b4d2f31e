"""Every page and every state of it, as a browser reaches them."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import time_machine
from playwright.sync_api import Locator, Page, expect

from app.db import transaction
from app.flows.receipts import LINK_DAYS, receipt_link
from app.flows.thanks import ThanksPicture, look_at_checkout
from app.giving.models import Pledge
from app.giving.pledges import find_pledge_by_checkout
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.errors import StripeRefused
from app.vault.vault import PersonInClear
from tests.journeys.steps import type_card
from tests.support.cast import DECLINED, THREE_D_SECURE_ALWAYS, reader
from tests.support.desk import CLEO, DAN, PASSWORD, code_at
from tests.support.stage import Stage
from tests.support.world import World

LAST_LOOK = 8
"""The look after which a waiting page no longer looks again by itself."""
TOO_LITTLE = Money(1, "eur")
EVE = "eve@harbour-courier.example"
"""Signs in for the first time."""
Scene = tuple[str, Page]


class Readers:
    """Readers who have pledged, and paid or not."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = World(stage.parts, stage.stripe)
        self._number = 0

    def open_session(self) -> str:
        """Return the session of a reader who stands before Stripe's page."""
        return self._world.open_session(self._world.form(self._anybody()))

    def paid_session(self) -> str:
        """Return a session that is paid, its receipt issued."""
        session_id = self.completed_session()
        self._stage.wait_until(lambda: self._picture(session_id).receipt_id, what="a receipt")
        return session_id

    def completed_session(self) -> str:
        """Return a session paid at Stripe, of which we may not know yet."""
        person = self._anybody(name="Юлия Öztürk")
        session_id = self._world.open_session(self._world.form(person))
        self._world.pay(session_id, person)
        return session_id

    def forgotten_key(self) -> str:
        """Return the key of a pledge whose address is no longer kept."""
        session_id = self.open_session()
        with transaction(self._stage.parts.sessions) as session:
            pledge = find_pledge_by_checkout(session, session_id)
            assert pledge
            self._stage.parts.vault.forget_contact(session, pledge.id)
            return pledge.resume_key

    def refused_key(self) -> str:
        """Return the key of a pledge that Stripe does not take."""
        form = self._world.form(self._anybody(), TOO_LITTLE, Interval.once)
        try:
            self._world.send(form)
        except StripeRefused:
            return self._world.one(Pledge, Pledge.form_nonce == form.nonce).resume_key
        raise AssertionError("Stripe took one cent")

    def waiting_key(self) -> str:
        """Return the key of a pledge that Stripe has not answered; Stripe must be away."""
        form = self._world.form(self._anybody())
        self._world.send(form)
        return self._world.one(Pledge, Pledge.form_nonce == form.nonce).resume_key

    def key_of(self, session_id: str) -> str:
        """Return the key of the pledge of a session."""
        return self._picture(session_id).resume_key

    def old_receipt_path(self, session_id: str) -> str:
        """Return the address of a receipt as it was mailed longer ago than links live."""
        receipt_id = self._picture(session_id).receipt_id
        assert receipt_id
        with time_machine.travel(utc_now() - timedelta(days=LINK_DAYS, seconds=10)):
            return urlsplit(receipt_link(self._stage.parts, receipt_id)).path

    def _picture(self, session_id: str) -> ThanksPicture:
        picture = look_at_checkout(self._stage.parts, session_id)
        assert picture
        return picture

    def _anybody(self, name: str | None = None) -> PersonInClear:
        self._number += 1
        return reader(self._number, name=name)


def walk_reader_pages(page: Page, stage: Stage) -> Iterator[Scene]:
    """Show every reader page."""
    readers = Readers(stage)
    paid, unpaid = readers.paid_session(), readers.open_session()
    yield from _walk(
        page,
        {
            "form": "/support",
            "form, once, other amount": "/support?interval=once&amount=33",
            "form, yearly in dinars": "/support?interval=year&currency=kwd",
            "resume": f"/support/resume/{readers.key_of(unpaid)}",
            "resume, forgotten": f"/support/resume/{readers.forgotten_key()}",
            "thanks": f"/support/thanks?session_id={paid}",
            "thanks, not paid": f"/support/thanks?session_id={unpaid}",
            "no such page": "/support/nowhere",
            "not opened that way": "/receipts/none/again",
        },
    )
    yield from _walk_slips(page)
    page.goto(f"/support/resume/{readers.refused_key()}")
    follow(page, page.locator("button.go"))
    yield "resume, refused", page
    page.goto(readers.old_receipt_path(paid))
    yield "receipt link run out", page
    follow(page, page.locator("button.go"))
    yield "receipt sent again", page
    yield from _walk_waiting(page, stage, readers)


def follow(page: Page, pressed: Locator) -> None:
    """Press what leads to another page, and arrive there.

    A press alone waits for nothing: on a slow machine the page before would be looked at, until the
    answer takes it away in the middle of the look.
    """
    with page.expect_navigation(wait_until="load"):
        pressed.click()


def _walk(page: Page, addresses: dict[str, str]) -> Iterator[Scene]:
    for name, path in addresses.items():
        page.goto(path)
        yield name, page


def _walk_slips(page: Page) -> Iterator[Scene]:
    page.goto("/support?interval=month&amount=3.33")
    page.locator("#other-amount").fill("1")
    page.locator("#name").fill("A" * 300)
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "form, slips", page
    page.goto("/support")
    page.locator("#currency summary").click()
    yield "form, currencies open", page


def _walk_waiting(page: Page, stage: Stage, readers: Readers) -> Iterator[Scene]:
    """Show the pages that wait for Stripe, which is away meanwhile."""
    stage.stripe.webhook_faults(hold=True)
    unseen = readers.completed_session()
    stage.stripe.faults("fail_before", route="*", count=1000)
    page.goto(f"/support/thanks?session_id={unseen}&look={LAST_LOOK}")
    yield "thanks, on its way", page
    page.goto(f"/support/resume/{readers.waiting_key()}?checking={LAST_LOOK}")
    yield "resume, waiting", page
    stage.stripe.clear_faults()


def walk_sign_in(page: Page) -> Iterator[Scene]:
    """Show every page on Cleo's way to the desk; in the end she is there."""
    page.goto("/staff")
    yield "sign-in", page
    _give_password(page, CLEO, "not the password")
    yield "sign-in, refused", page
    _give_password(page, CLEO)
    yield "code", page
    follow(page, page.get_by_role("link", name="Use a recovery code"))
    yield "recovery code", page
    follow(page, page.get_by_role("link", name="Back to the app’s code"))
    page.get_by_label("Six-digit code").fill("000000")
    follow(page, page.get_by_role("button", name="Sign in"))
    yield "code, refused", page
    page.get_by_label("Six-digit code").fill(code_at())
    follow(page, page.get_by_role("button", name="Sign in"))
    yield "overview, no recovery codes", page


def walk_first_sign_in(page: Page) -> Iterator[Scene]:
    """Show how Eve sets up her second factor."""
    page.goto("/staff")
    _give_password(page, EVE)
    yield "second factor", page
    follow(page, page.get_by_role("button", name="Show the picture to scan"))
    yield "second factor, picture", page
    secret = page.locator(".key").inner_text().replace("-", "")
    page.get_by_label("Six-digit code").fill(code_at(secret=secret))
    follow(page, page.get_by_role("button", name="Finish"))
    yield "own password", page


def walk_desk(page: Page) -> Iterator[Scene]:
    """Show every page of the desk to Cleo, who is signed in."""
    page.goto("/staff/recovery-codes")
    yield "recovery codes, none", page
    follow(page, page.get_by_role("button", name="Make codes"))
    yield "recovery codes made", page
    page.goto("/staff")
    page.locator(".account summary").click()
    yield "overview, menu open", page
    yield from _walk(
        page,
        {
            "members": "/staff/members",
            "members, none found": "/staff/members?q=nobody",
            "money": "/staff/money",
            "money, nothing": "/staff/money?from=2001-01-01&to=2001-02-01",
            "money, slip": "/staff/money?from=2027-01-01&to=2026-01-01",
            "change password": "/staff/password",
            "change authenticator": "/staff/second-factor",
            "confirm": "/staff/confirm",
            "no such page at the desk": "/staff/nowhere",
        },
    )
    page.goto("/staff/members")
    follow(page, page.locator("tbody a").first)
    yield "record", page
    follow(page, page.get_by_role("button", name="Show who this is"))
    yield "record, person shown", page


def walk_without_a_role(page: Page) -> Iterator[Scene]:
    """Show Dan that the desk is not open to him."""
    page.goto("/staff")
    _give_password(page, DAN)
    page.get_by_label("Six-digit code").fill(code_at())
    follow(page, page.get_by_role("button", name="Sign in"))
    yield "not open to Dan", page


def _give_password(page: Page, address: str, password: str = PASSWORD) -> None:
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password").fill(password)
    follow(page, page.get_by_role("button", name="Go on"))


def walk_local_stripe(page: Page, stage: Stage) -> Iterator[Scene]:
    """Show every page of the local Stripe."""
    readers = Readers(stage)
    paid, unpaid = readers.paid_session(), readers.open_session()
    page.goto(f"/c/pay/{unpaid}")
    yield "checkout", page
    page.locator("button.pay").click()
    yield "checkout, slips", page
    type_card(page, DECLINED)
    page.locator("button.pay").click()
    yield "checkout, declined", page
    type_card(page, THREE_D_SECURE_ALWAYS)
    page.locator("button.pay").click()
    yield "3-D Secure", page
    stage.stripe.client().v1.checkout.sessions.expire(readers.open_session())
    expired = next(
        one["id"] for one in stage.stripe.objects("checkout.session") if one["status"] == "expired"
    )
    [invoice, *_] = stage.stripe.objects("invoice")
    [charge, *_] = [one for one in stage.stripe.objects("charge") if one["paid"]]
    yield from _walk(
        page,
        {
            "checkout, done": f"/c/pay/{paid}",
            "checkout, expired": f"/c/pay/{expired}",
            "checkout, missing": "/c/pay/cs_test_none",
            "invoice": urlsplit(invoice["hosted_invoice_url"]).path,
            "receipt": urlsplit(charge["receipt_url"]).path,
            "console": "/",
            "console, none": "/console/objects?type=refund",
            "console, an object": f"/console/object/{charge['id']}",
            "console, events": "/console/events",
            "console, deliveries": "/console/deliveries",
            "console, requests": "/console/requests",
            "console, faults": "/console/faults",
            "console, clocks": "/console/clocks",
            "console, portal": "/console/portal",
            "console, missing": "/console/nowhere",
        },
    )
    page.goto("/console/requests")
    follow(page, page.locator("tbody a").first)
    yield "console, a request", page
    page.goto(f"/console/object/{charge['customer']}")
    follow(page, page.get_by_role("button", name="Open the billing portal"))
    yield "portal", page
    follow(page, page.get_by_role("link", name="Add a card"))
    yield "portal, card", page
    page.locator("button.pay").click()
    yield "portal, card, slips", page
    follow(page, page.get_by_role("link", name="Go back"))
    follow(page, page.get_by_role("link", name="Change details"))
    yield "portal, details", page
    follow(page, page.get_by_role("link", name="Go back"))
    follow(page, page.get_by_role("link", name="Cancel plan").first)
    yield "portal, cancel", page
