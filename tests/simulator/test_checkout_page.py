"""What the hosted Checkout page adds to cards: the wallet, SEPA, saving only, other directions of reading."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.simulator.browsing import violations, without_scripts
from tests.simulator.shop import Shop
from tests.support.browser import chromium

SEPA = ("card", "sepa_debit")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for this module."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a reader on a phone, without JavaScript."""
    context = without_scripts(browser)
    yield context.new_page()
    context.close()


def open_checkout(shop: Shop, page: Page, mode: str = "subscription", **fields: object) -> str:
    """Open a session's page. Returns: the session's id."""
    back = {"success_url": f"{shop.simulator.url}/console/objects?paid={{CHECKOUT_SESSION_ID}}"}
    session = shop.session(mode, 200, "eur", **{**back, **fields})
    page.goto(str(session.url))
    return session.id


def test_the_wallet_pays_at_one_press_and_says_what_it_is(shop: Shop, page: Page) -> None:
    session_id = open_checkout(shop, page, customer_email="ada@example.org")
    expect(page.get_by_text("Stands in for Apple Pay and Google Pay")).to_be_visible()

    page.get_by_role("button", name="Pay with the test wallet").click()

    assert page.url.endswith(f"paid={session_id}")
    [customer] = shop.simulator.objects("customer")
    assert (customer["email"], customer["name"]) == ("ada@example.org", "Test Wallet")


def test_a_reader_pays_by_sepa_debit_where_the_session_lets_them(shop: Shop, page: Page) -> None:
    session_id = open_checkout(shop, page, mode="payment", allowed_payment_method_types=list(SEPA))
    assert not page.get_by_label("IBAN").is_visible()
    page.get_by_label("SEPA debit").check()
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("IBAN").fill("DE89 3704 0044 0532 0130 00")
    page.get_by_label("Name on the account").fill("Ada Lovelace")

    page.get_by_role("button", name="Pay", exact=True).click()

    assert page.url.endswith(f"paid={session_id}")
    [intent] = shop.simulator.objects("payment_intent")
    assert intent["payment_method_types"] == list(SEPA)
    page.goto(f"{shop.simulator.url}/c/pay/{session_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your payment is on its way")
    [mandate] = shop.simulator.objects("mandate")
    page.goto(mandate["payment_method_details"]["sepa_debit"]["url"])
    expect(page.locator(".sheet")).to_contain_text("…3000")


@pytest.mark.parametrize(
    ("iban", "words"), [("DE89", "Your IBAN is incomplete."), ("DE89 3704 0044 0532 0130 01", "IBAN")]
)
def test_a_wrong_iban_is_told_at_its_field(shop: Shop, page: Page, iban: str, words: str) -> None:
    open_checkout(shop, page, mode="payment", allowed_payment_method_types=list(SEPA))
    page.get_by_label("SEPA debit").check()
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("IBAN").fill(iban)
    page.get_by_label("Name on the account").fill("Ada Lovelace")

    page.get_by_role("button", name="Pay", exact=True).click()

    expect(page.locator("#iban-problem")).to_contain_text(words)
    expect(page.locator("#iban")).to_have_attribute("aria-invalid", "true")
    assert page.get_by_label("SEPA debit").is_checked()


def test_a_test_account_is_filled_in_by_a_click(shop: Shop, page: Page) -> None:
    open_checkout(shop, page, mode="payment", allowed_payment_method_types=["sepa_debit"])
    assert page.get_by_label("Card number").count() == 0

    page.get_by_role("button", name="Insufficient funds").click()

    assert page.get_by_label("IBAN").input_value().startswith("DE65 3704")


def test_only_a_card_is_saved_in_setup_mode(shop: Shop, page: Page) -> None:
    customer = shop.customer(None)
    session = shop.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "currency": "eur",
            "customer": customer.id,
            "success_url": f"{shop.simulator.url}/console/objects?saved=1",
        }
    )
    page.goto(str(session.url))
    expect(page.get_by_role("heading", level=1)).to_have_text("Save a card with Simulated Newsroom")
    expect(page.get_by_text("Nothing is charged now.")).to_be_visible()

    page.get_by_label("Card number").fill("4242424242424242")
    page.get_by_label("Expiration").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Cardholder name").fill("Ada")
    page.get_by_role("button", name="Save card").click()

    assert page.url.endswith("saved=1")
    [intent] = shop.simulator.objects("setup_intent")
    assert intent["status"] == "succeeded"


def test_what_is_wrong_takes_the_focus(shop: Shop, page: Page) -> None:
    open_checkout(shop, page)

    page.get_by_role("button", name="Subscribe", exact=True).click()

    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Your email is incomplete.")).to_be_focused()


def test_the_whole_page_is_reached_by_keyboard_in_the_order_it_is_read(shop: Shop, page: Page) -> None:
    open_checkout(shop, page, cancel_url="http://127.0.0.1:9/")
    met = []
    for _ in range(9):
        page.keyboard.press("Tab")
        met.append(page.locator(":focus").evaluate("one => one.id || one.textContent.trim().slice(0, 22)"))

    assert met == [
        "Back", "Pay with the test wall", "email", "number", "expiry", "cvc", "name", "Subscribe",
        "See the test cards",
    ]  # fmt: skip


def test_a_browser_that_reads_from_the_right_is_met_so(shop: Shop, browser: Browser) -> None:
    context = without_scripts(browser, extra_http_headers={"Accept-Language": "ar"})
    page = context.new_page()
    open_checkout(shop, page)
    assert page.locator("html").get_attribute("dir") == "rtl"
    expect(page.get_by_role("button", name="اشترك")).to_be_visible()

    open_checkout(shop, page, locale="ru")

    assert page.locator("html").get_attribute("dir") == "ltr"
    expect(page.get_by_role("button", name="Подписаться")).to_be_visible()
    context.close()


def test_the_page_is_dark_where_the_reader_wants_it(shop: Shop, browser: Browser) -> None:
    colours = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = context.new_page()
        open_checkout(shop, page)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()

    assert colours == ["rgb(255, 255, 255)", "rgb(21, 24, 43)"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_the_checkout(shop: Shop, browser: Browser, language: str) -> None:
    context = browser.new_context(extra_http_headers={"Accept-Language": language})
    page = context.new_page()
    found = {}
    open_checkout(shop, page, allowed_payment_method_types=list(SEPA))
    found["both"] = violations(page)
    page.locator("#way-sepa_debit").check()
    found["sepa"] = violations(page)
    page.locator("button.pay").click()
    found["slips"] = violations(page)
    open_checkout(shop, page, mode="payment", submit_type="donate")
    found["once"] = violations(page)

    assert {scene: faults for scene, faults in found.items() if faults} == {}
    context.close()
