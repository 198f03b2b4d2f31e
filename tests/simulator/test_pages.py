"""The hosted pages and the console, in a real browser, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.simulator.shop import DAY, Shop

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a reader who has JavaScript switched off."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture
def examined(browser: Browser) -> Iterator[Page]:
    """A page axe can run in."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def open_checkout(shop: Shop, page: Page, mode: str = "subscription", **fields: object) -> str:
    """Open a session's page. Returns: the session's id."""
    back = {"success_url": f"{shop.simulator.url}/console/objects?paid={{CHECKOUT_SESSION_ID}}"}
    session = shop.session(mode, 200, "eur", **{**back, "cancel_url": "http://127.0.0.1:9/", **fields})
    assert session.url is not None
    page.goto(session.url)
    return session.id


def fill(page: Page, number: str, expiry: str = "12 / 34", cvc: str = "123") -> None:
    """Type a card and everything else."""
    if page.get_by_label("Email").is_editable():
        page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiration").fill(expiry)
    page.get_by_label("CVC").fill(cvc)
    page.get_by_label("Cardholder name").fill("Ada Lovelace")


def test_a_reader_sees_what_and_how_often_and_pays(shop: Shop, page: Page) -> None:
    session_id = open_checkout(shop, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Subscribe to Support")
    expect(page.locator(".amount")).to_contain_text("€2.00")
    expect(page.locator(".amount")).to_contain_text("per month")
    expect(page.get_by_text("Test payments only")).to_be_visible()

    fill(page, "4242 4242 4242 4242")
    page.get_by_role("button", name="Subscribe", exact=True).click()

    assert page.url.endswith(f"paid={session_id}")
    [subscription] = shop.simulator.objects("subscription")
    assert subscription["status"] == "active"
    [customer] = shop.simulator.objects("customer")
    assert (customer["email"], customer["name"]) == ("ada@example.org", "Ada Lovelace")


def test_a_refused_card_is_told_beside_the_card_and_nothing_typed_is_lost(shop: Shop, page: Page) -> None:
    open_checkout(shop, page)
    fill(page, "4000000000009995")

    page.get_by_role("button", name="Subscribe", exact=True).click()

    expect(page.locator("#card-problem")).to_have_text("Your card has insufficient funds.")
    expect(page.get_by_role("alert")).to_contain_text("insufficient funds")
    assert page.get_by_label("Email").input_value() == "ada@example.org"
    assert page.get_by_label("Cardholder name").input_value() == "Ada Lovelace"
    fill(page, "4242424242424242")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    assert "paid=" in page.url


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "field", "words"),
    [
        ("4242", "12 / 34", "123", "number", "card number is incomplete"),
        ("4242424242424241", "12 / 34", "123", "number", "card number is incorrect"),
        ("4242424242424242", "", "123", "expiry", "expiration date is incomplete"),
        ("4242424242424242", "12 / 20", "123", "expiry", "expiration year is invalid"),
        ("4242424242424242", "13 / 34", "123", "expiry", "expiration month is invalid"),
        ("4242424242424242", "12 / 34", "1", "cvc", "security code is incomplete"),
        ("4000000000000127", "12 / 34", "123", "cvc", "security code is incorrect"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    shop: Shop, page: Page, number: str, expiry: str, cvc: str, field: str, words: str
) -> None:
    open_checkout(shop, page)
    fill(page, number, expiry, cvc)

    page.get_by_role("button", name="Subscribe", exact=True).click()

    expect(page.locator(f"#{field}-problem")).to_contain_text(words)
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")


def test_three_d_secure_can_be_passed_and_failed(shop: Shop, page: Page) -> None:
    open_checkout(shop, page)
    fill(page, "4000002760003184")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.locator("#card-problem")).to_contain_text("unable to authenticate")

    fill(page, "4000002760003184")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("button", name="Complete authentication").click()

    assert "paid=" in page.url


def test_a_test_card_is_filled_in_by_a_click(shop: Shop, page: Page) -> None:
    open_checkout(shop, page)
    page.get_by_label("Email").fill("ada@example.org")

    page.get_by_role("button", name="Insufficient funds").click()

    assert page.get_by_label("Card number").input_value() == "4000 0000 0000 9995"
    assert page.get_by_label("Email").input_value() == "ada@example.org"


def test_a_known_address_is_shown_and_kept(shop: Shop, page: Page) -> None:
    open_checkout(shop, page, customer_email="ben@example.org")

    assert page.get_by_label("Email").input_value() == "ben@example.org"
    assert not page.get_by_label("Email").is_editable()


def test_the_enter_key_pays(shop: Shop, page: Page) -> None:
    open_checkout(shop, page)
    fill(page, "4242424242424242")

    page.get_by_label("Cardholder name").press("Enter")

    assert "paid=" in page.url


def test_a_paid_session_says_it_is_done(shop: Shop, page: Page) -> None:
    session = shop.session()
    shop.simulator.pay(session.id)

    page.goto(f"{shop.simulator.url}/c/pay/{session.id}")

    expect(page.get_by_role("heading", level=1)).to_have_text("You’re all done here")


def test_the_page_speaks_russian_when_asked(shop: Shop, page: Page) -> None:
    open_checkout(shop, page, mode="payment", locale="ru", submit_type="donate")

    assert page.locator("html").get_attribute("lang") == "ru"
    expect(page.get_by_role("button", name="Пожертвовать")).to_be_visible()
    expect(page.locator(".figure")).to_contain_text("2,00")


def test_a_renewal_that_needs_the_reader_is_paid_on_its_invoices_page(shop: Shop, page: Page) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000002760003184", complete_3ds=True)
    shop.simulator.advance(seconds=32 * DAY)
    renewal = shop.simulator.objects("invoice")[1]
    assert renewal["status"] == "open"

    page.goto(renewal["hosted_invoice_url"])
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name="Complete authentication").click()

    expect(page.get_by_text("This invoice is paid.")).to_be_visible()
    assert shop.simulator.objects("subscription")[0]["status"] == "active"


def test_axe_finds_nothing_on_the_hosted_pages(shop: Shop, examined: Page) -> None:
    open_checkout(shop, examined)
    assert violations(examined) == []
    fill(examined, "4000000000000002")
    examined.get_by_role("button", name="Subscribe", exact=True).click()
    assert violations(examined) == []
    fill(examined, "4000002760003184")
    examined.get_by_role("button", name="Subscribe", exact=True).click()
    assert violations(examined) == []
    examined.get_by_role("button", name="Complete authentication").click()
    charge, invoice = shop.simulator.objects("charge")[-1], shop.simulator.objects("invoice")[0]
    for address in (charge["receipt_url"], invoice["hosted_invoice_url"], f"{shop.simulator.url}/nowhere"):
        examined.goto(address)
        assert violations(examined) == []


def test_a_form_from_another_site_is_turned_away(shop: Shop, page: Page) -> None:
    before = shop.simulator.now()
    form = f'<form method="post" action="{shop.simulator.url}/console/clock">'
    page.set_content(form + '<button name="step" value="month">x</button></form>')

    page.get_by_role("button").click()

    assert shop.simulator.now() < before + DAY


def test_pages_run_under_a_strict_policy(shop: Shop, page: Page) -> None:
    session = shop.session()
    response = page.goto(str(session.url))

    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
