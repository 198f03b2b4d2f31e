"""What people do on the pages, step by step."""

import re
from collections.abc import Callable
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from app.kernel.intervals import Interval
from tests.support.cast import PAID
from tests.support.desk import CLEO, PASSWORD, code_at
from tests.support.stage import Stage

THANKS = re.compile(r"/support/thanks\?session_id=")
CHECKOUT = re.compile(r"/c/pay/")


def choose(page: Page, interval: Interval, amount: str) -> None:
    """Press the tiles of an interval and an amount, by the words on them."""
    page.locator(f"label[for=interval-{interval}]").click()
    tiles = page.locator(f".panel.for-{interval}")
    tiles.locator("label").get_by_text(amount, exact=True).click()


def fill_in(page: Page, address: str, name: str = "") -> None:
    """Type who is giving."""
    page.locator("#email").fill(address)
    page.locator("#name").fill(name)


def send(page: Page) -> None:
    """Press the form's button and arrive at Stripe's page."""
    page.locator("#send").click()
    page.wait_for_url(CHECKOUT)


def pledge(page: Page, address: str, interval: Interval = Interval.month, amount: str = "€2") -> str:
    """Fill the form in and send it; returns the id of the Checkout session."""
    choose(page, interval, amount)
    fill_in(page, address)
    send(page)
    return session_of(page)


def session_of(page: Page) -> str:
    """Return the Checkout session whose page this is."""
    found = re.search(r"cs_test_\w+", page.url)
    assert found, page.url
    return found.group()


def type_card(page: Page, card: str = PAID, holder: str = "Ada Adler") -> None:
    """Fill in Stripe's page."""
    page.locator("#number").fill(card)
    page.locator("#expiry").fill("12 / 34")
    page.locator("#cvc").fill("123")
    page.locator("#name").fill(holder)


def pay(page: Page, card: str = PAID) -> None:
    """Pay on Stripe's page and come back to the thanks."""
    type_card(page, card)
    page.locator("button.pay").click()
    page.wait_for_url(THANKS)


def sign_in(page: Page, address: str = CLEO) -> None:
    """Sign in at the desk by password and the code of this moment; each code opens it once."""
    page.goto("/staff")
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Six-digit code").fill(code_at())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Overview")


def fact(page: Page, term: str) -> Locator:
    """Return what a list of facts says of a term."""
    return page.locator("dl > div", has=page.locator("dt", has_text=term)).locator("dd")


def receipt_number(page: Page) -> str:
    """Return the number of the receipt on the thanks page."""
    found = re.search(r"HC-\d{4}-\d{6}", fact(page, "Receipt").inner_text())
    assert found
    return found.group()


def wait_for_mails(stage: Stage, address: str, count: int = 1) -> list[EmailMessage]:
    """Return the mails to an address once there are so many."""
    mails = mails_to(stage, address)
    stage.wait_until(lambda: len(mails()) >= count, what=f"{count} mails to {address}, not {len(mails())}")
    return mails()


def mails_to(stage: Stage, address: str) -> Callable[[], list[EmailMessage]]:
    """Return what looks up the mails to an address."""
    return lambda: [mail for mail in list(stage.mails.messages) if address in mail["To"]]
