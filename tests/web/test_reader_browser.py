"""The form in a browser that runs no scripts: choices show what they mean, the keyboard is enough."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Witness, count_wire_bytes
from tests.web.scenes import serve

BUDGET_BYTES = 60_000


@pytest.fixture(scope="module")
def address(lonely_app: Flask) -> Iterator[str]:
    with serve(lonely_app) as address:
        yield address


@pytest.fixture
def phone(chrome: Browser, address: str) -> Iterator[Page]:
    """A phone without scripts; it may ask nobody but us, and must complain of nothing."""
    context = chrome.new_context(
        base_url=address, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    witness = Witness(context, address)
    page = context.new_page()
    page.goto("/support")
    yield page
    context.close()
    witness.assert_content()


def test_choosing_an_interval_shows_its_amounts_and_only_them(phone: Page) -> None:
    phone.locator("label[for=interval-year]").click()

    expect(phone.locator(".panel.for-year")).to_be_visible()
    expect(phone.locator(".panel.for-month")).to_be_hidden()
    expect(phone.locator(".panel.for-once")).to_be_hidden()
    expect(phone.locator(".says p:visible")).to_have_text(
        "You give €60 every year, until you stop. We send a receipt each time."
    )


def test_choosing_an_amount_says_what_will_happen(phone: Page) -> None:
    phone.locator("label[for=amount-month-3]").click()

    expect(phone.locator(".says p:visible")).to_have_text(
        "You give €10 every month, until you stop. We send a receipt each time."
    )


def test_another_amount_opens_its_field(phone: Page) -> None:
    expect(phone.locator("#other-amount")).to_be_hidden()

    phone.locator("#amount-month-other").check()

    expect(phone.locator("#other-amount")).to_be_visible()
    expect(phone.locator("#other-bounds span:visible")).to_have_text("From €2 to €10,000")
    phone.locator("label[for=interval-once]").click()
    expect(phone.locator("#other-amount")).to_be_hidden()


def test_another_currency_is_two_presses_away_and_keeps_what_was_typed(phone: Page) -> None:
    phone.locator("#email").fill("ada@example.org")

    phone.locator("#currency summary").click()
    phone.get_by_role("button", name="Japanese Yen").click()

    expect(phone.locator("label[for=amount-month-1]")).to_have_text("¥300")
    expect(phone.locator("#email")).to_have_value("ada@example.org")
    assert "ada" not in phone.url


def test_the_keyboard_alone_fills_the_form_in_and_enter_sends_it(phone: Page) -> None:
    phone.locator("#interval-month").focus()
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("Tab")
    phone.keyboard.press("ArrowRight")
    expect(phone.locator("#amount-year-3")).to_be_checked()
    for _ in range(3):
        phone.keyboard.press("Tab")
    expect(phone.locator("#email")).to_be_focused()
    phone.keyboard.type("not an address")

    phone.keyboard.press("Enter")

    expect(phone.locator(".mistakes a")).to_have_count(1)
    expect(phone.locator("#amount-year-3")).to_be_checked()
    expect(phone.locator("#email")).to_have_value("not an address")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(phone: Page) -> None:
    phone.keyboard.press("Tab")

    expect(phone.locator(".skip")).to_be_focused()
    expect(phone.locator(".skip")).to_be_in_viewport()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_first_view_costs_less_than_its_budget_on_the_wire(
    chrome: Browser, address: str, language: str
) -> None:
    context = chrome.new_context(base_url=address)
    page = context.new_page()

    spent = count_wire_bytes(page, f"/support?lang={language}")

    assert 5_000 < spent < BUDGET_BYTES
    context.close()
