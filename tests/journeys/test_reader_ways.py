"""The ways readers take: without a script, by keyboard, twice at once, back again, with every slip."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from playwright.sync_api import Page, expect

from app.db import reading
from app.flows.receipts import LINK_DAYS, receipt_link
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.receipts.models import Receipt
from tests.journeys.conftest import OpenPage
from tests.journeys.steps import (
    CHECKOUT,
    THANKS,
    choose,
    fact,
    fill_in,
    pay,
    pledge,
    receipt_number,
    send,
    session_of,
    type_card,
    wait_for_mails,
)
from tests.support.browser import count_wire_bytes
from tests.support.cast import DECLINED, THREE_D_SECURE_ALWAYS
from tests.support.stage import Stage

pytestmark = pytest.mark.xdist_group("journey-reader-ways")

FIRST_VIEW_BYTES = 60_000
MOST_STOPS = 60
CHECKING = re.compile(r"/support/resume/[^?]+\?checking=")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def expect_thanks(page: Page) -> None:
    """The page may first say "on its way", while the worker has the session; it looks again by itself."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def sessions_of(stage: Stage, address: str) -> list[str]:
    """The statuses of all Checkout sessions ever opened for an address."""
    sessions = stage.stripe.objects("checkout.session")
    return [one["status"] for one in sessions if address in str(one["customer_email"])]


def paid_amounts(stage: Stage, address: str) -> list[tuple[int, str]]:
    charges = stage.stripe.objects("charge")
    return [
        (one["amount"], one["currency"])
        for one in charges
        if one["paid"] and one["billing_details"]["email"] == address
    ]


def test_the_first_view_of_the_form_is_under_60_kb_over_the_wire(open_page: OpenPage) -> None:
    for language in ("en", "ru"):
        page = open_page("about:blank")

        received = count_wire_bytes(page, f"/support?lang={language}")

        print(f"first view in {language}: {received} bytes")
        assert 5_000 < received < FIRST_VIEW_BYTES


def test_the_whole_way_works_without_a_script(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support", java_script_enabled=False)

    pledge(page, "noscript@example.org", Interval.year, "€60")
    pay(page)

    expect_thanks(page)
    expect(fact(page, "You gave")).to_have_text("€60 every year")
    [mail] = wait_for_mails(stage, "noscript@example.org")
    assert "€60.00" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_whole_way_works_by_keyboard_and_focus_is_always_seen(open_page: OpenPage) -> None:
    page = open_page("/support", viewport={"width": 1280, "height": 800})

    tab_to(page, "#interval-month")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#interval-once")).to_be_checked()
    tab_to(page, ".for-once input[type=radio]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#amount-once-4")).to_be_checked()
    tab_to(page, "#email")
    page.keyboard.type("keyboard@example.org")
    tab_to(page, "#name")
    page.keyboard.type("Kay")
    tab_to(page, "#send")
    page.keyboard.press("Enter")
    page.wait_for_url(CHECKOUT)
    for field, text in {
        "#number": "4242424242424242",
        "#expiry": "12/34",
        "#cvc": "123",
        "#name": "Kay",
    }.items():
        tab_to(page, field)
        page.keyboard.type(text)
    tab_to(page, "button.pay")
    page.keyboard.press("Space")
    page.wait_for_url(THANKS)

    expect_thanks(page)
    expect(fact(page, "You gave")).to_have_text("€100 once")


def test_enter_in_a_text_field_sends_the_form_and_does_not_change_the_currency(open_page: OpenPage) -> None:
    page = open_page("/support")
    fill_in(page, "enter@example.org")

    page.locator("#email").press("Enter")
    page.wait_for_url(CHECKOUT)

    expect(page.locator(".figure")).to_have_text(re.compile(r"€\s?5\.00"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; every stop on the way must show itself."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


FOCUS_IS_SEEN = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return true;  // the browser's own bar, between the last and the first stop
  const outlined = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.opacity !== "0"
      && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  };
  return [focused, ...(focused.labels || [])].some(outlined);
}"""


def test_a_declined_card_is_said_so_and_another_one_pays(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    pledge(page, "declined@example.org")

    type_card(page, DECLINED)
    page.locator("button.pay").click()
    expect(page.get_by_role("alert")).to_contain_text("Your card was declined.")
    pay(page)

    expect_thanks(page)
    assert paid_amounts(stage, "declined@example.org") == [(200, "eur")]
    assert len(wait_for_mails(stage, "declined@example.org")) == 1


def test_3d_secure_completed_pays(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    pledge(page, "secure@example.org")
    type_card(page, THREE_D_SECURE_ALWAYS)
    page.locator("button.pay").click()

    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(THANKS)

    expect_thanks(page)
    assert paid_amounts(stage, "secure@example.org") == [(200, "eur")]


def test_3d_secure_failed_charges_nothing_and_another_card_pays(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    pledge(page, "failed@example.org")
    type_card(page, THREE_D_SECURE_ALWAYS)
    page.locator("button.pay").click()

    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert paid_amounts(stage, "failed@example.org") == []
    pay(page)

    expect_thanks(page)
    assert paid_amounts(stage, "failed@example.org") == [(200, "eur")]


def test_3d_secure_abandoned_is_not_paid_and_goes_on_from_the_thanks_page(
    stage: Stage, open_page: OpenPage
) -> None:
    page = open_page("/support")
    session_id = pledge(page, "abandoned@example.org")
    type_card(page, THREE_D_SECURE_ALWAYS)
    page.locator("button.pay").click()
    expect(page.get_by_role("button", name="Fail authentication")).to_be_visible()

    page.goto(f"{stage.url}/support/thanks?session_id={session_id}")
    assert heading(page) == "Not paid yet"
    page.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(CHECKOUT)
    pay(page)

    expect_thanks(page)
    assert sessions_of(stage, "abandoned@example.org") == ["complete"]


def test_back_from_stripe_shows_what_was_chosen_and_goes_on_to_the_same_page(
    stage: Stage, open_page: OpenPage
) -> None:
    page = open_page("/support")
    session_id = pledge(page, "back@example.org", Interval.month, "€10")

    page.locator("a.back").click()
    assert heading(page) == "Your support is not finished yet"
    expect(fact(page, "Your support")).to_have_text("€10 every month")
    page.get_by_role("button", name="Continue to payment").click()
    page.wait_for_url(CHECKOUT)

    assert session_of(page) == session_id
    pay(page)
    assert paid_amounts(stage, "back@example.org") == [(1000, "eur")]


def test_the_browsers_own_back_button_and_another_amount_leave_one_page_open(
    stage: Stage, open_page: OpenPage
) -> None:
    page = open_page("/support")
    pledge(page, "wavering@example.org", Interval.month, "€10")

    page.go_back(wait_until="commit")
    choose(page, Interval.month, "€20")
    fill_in(page, "wavering@example.org")
    send(page)

    assert sorted(sessions_of(stage, "wavering@example.org")) == ["expired", "open"]
    expect(page.locator(".figure")).to_have_text(re.compile(r"€\s?20\.00"))


def test_something_else_can_be_chosen_on_the_way_back(open_page: OpenPage) -> None:
    page = open_page("/support")
    pledge(page, "else@example.org", Interval.year, "€120")
    page.locator("a.back").click()

    page.get_by_role("link", name="Choose something else").click()

    expect(page.locator("#interval-year")).to_be_checked()
    expect(page.locator("#amount-year-3")).to_be_checked()


def test_a_double_click_on_the_button_opens_one_page(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    fill_in(page, "twice@example.org")

    page.locator("#send").dblclick()
    page.wait_for_url(CHECKOUT)

    assert sessions_of(stage, "twice@example.org") == ["open"]


def test_two_tabs_of_one_form_lead_to_one_page(stage: Stage, open_page: OpenPage) -> None:
    first = open_page("/support")
    second = first.context.new_page()
    second.goto("/support")
    nonce = first.locator("[name=nonce]").input_value()
    # What "duplicate this tab" does: the form's own number comes along.
    second.locator("[name=nonce]").evaluate("(field, nonce) => { field.value = nonce }", nonce)

    opened = {pledge(page, "tabs@example.org") for page in (first, second)}

    assert len(opened) == 1
    assert sessions_of(stage, "tabs@example.org") == ["open"]


@pytest.mark.parametrize(
    ("currency", "interval", "tile", "told", "charged"),
    [
        ("Euro", Interval.once, "€25", "€25 once", (2500, "eur")),
        ("Japanese Yen", Interval.month, "¥300", "¥300 every month", (300, "jpy")),
        ("Kuwaiti Dinar", Interval.month, "KWD 0.700", "KWD 0.700 every month", (700, "kwd")),
        ("British Pound", Interval.year, "£60", "£60 every year", (6000, "gbp")),
    ],
)
def test_every_currency_and_interval_is_charged_as_promised(
    stage: Stage,
    open_page: OpenPage,
    currency: str,
    interval: Interval,
    tile: str,
    told: str,
    charged: tuple[int, str],
) -> None:
    address = f"{charged[1]}@example.org"
    page = open_page("/support")
    fill_in(page, address)
    if currency != "Euro":
        page.locator("#currency summary").click()
        page.get_by_role("button", name=currency).click()
        expect(page.locator("#email")).to_have_value(address)
    choose(page, interval, tile.replace(" ", "\xa0"))

    send(page)
    pay(page)

    expect(fact(page, "You gave")).to_have_text(told.replace("KWD ", "KWD\xa0"))
    assert paid_amounts(stage, address) == [charged]


def test_another_amount_is_typed_the_way_people_write_it(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    choose(page, Interval.month, "Other amount")
    page.locator("#other-amount").fill("7,50")
    fill_in(page, "other@example.org")

    send(page)
    pay(page)

    expect(fact(page, "You gave")).to_have_text("€7.50 every month")
    assert paid_amounts(stage, "other@example.org") == [(750, "eur")]


@pytest.mark.parametrize(
    ("slip", "field", "said"),
    [
        ({"#other-amount": ""}, "#other-amount", "Choose an amount"),
        ({"#other-amount": "a lot"}, "#other-amount", "as a number, such as 2"),
        ({"#other-amount": "1.99"}, "#other-amount", "The least we can take monthly is €2"),
        ({"#other-amount": "10001"}, "#other-amount", "The most this page takes is €10,000"),
        ({"#email": ""}, "#email", "Type your e-mail address"),
        ({"#email": "ada@example"}, "#email", "name@example.org"),
        ({"#name": "A" * 300}, "#name", "Please shorten it"),
    ],
)
def test_a_slip_comes_back_with_all_that_was_typed_and_what_to_do(
    open_page: OpenPage, slip: dict[str, str], field: str, said: str
) -> None:
    typed = {"#other-amount": "3.33", "#email": "slip@example.org", "#name": "Дарья"}
    page = open_page("/support?campaign=spring")
    choose(page, Interval.month, "Other amount")
    for selector, text in (typed | slip).items():
        page.locator(selector).fill(text)

    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_contain_text(said)

    for selector, text in (typed | slip).items():
        expect(page.locator(selector)).to_have_value(text)
    expect(page.locator(field)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(field)).to_have_accessible_description(re.compile(re.escape(said)))
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Please look again"))
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator(field)).to_be_focused()
    page.locator(field).fill(typed[field])
    send(page)
    expect(page.locator(".figure")).to_have_text(re.compile(r"€\s?3\.33"))


def test_all_slips_are_told_at_once(open_page: OpenPage) -> None:
    page = open_page("/support")
    choose(page, Interval.once, "Other amount")
    page.locator("#email").fill("nobody")

    page.locator("#send").click()

    links = page.get_by_role("alert").get_by_role("link")
    expect(links).to_have_count(2)
    assert [link.get_attribute("href") for link in links.all()] == ["#other-amount", "#email"]


def test_a_reader_who_speaks_russian_is_spoken_to_in_russian_all_the_way(
    stage: Stage, open_page: OpenPage
) -> None:
    page = open_page("/support", locale="ru-RU")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert heading(page) == "Поддержите независимую журналистику"

    page.locator(".for-month .tile label").first.click()
    fill_in(page, "vera@example.org", "Вера")
    send(page)
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    pay(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Спасибо")
    [mail] = wait_for_mails(stage, "vera@example.org")
    assert "Спасибо" in mail["Subject"]
    assert "Вера" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_language_is_changed_without_losing_the_choice(open_page: OpenPage) -> None:
    page = open_page("/support?interval=year&amount=120&currency=usd&campaign=spring")

    page.get_by_role("link", name="Русский").click()

    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("#amount-year-3")).to_be_checked()
    expect(page.locator("[name=currency]")).to_have_value("usd")
    expect(page.locator("[name=campaign]")).to_have_value("spring")


def test_while_stripe_is_down_the_reader_waits_and_is_led_on_by_itself(
    stage: Stage, open_page: OpenPage
) -> None:
    stage.stripe.faults("fail_before", method="POST", route="/v1/checkout/sessions", count=1000)
    page = open_page("/support")
    fill_in(page, "waiting@example.org")

    page.locator("#send").click()
    page.wait_for_url(CHECKING)
    assert heading(page) == "We are checking"
    expect(page.get_by_role("status")).to_have_text("We are checking; you have not been charged twice.")
    stage.stripe.clear_faults()
    page.wait_for_url(CHECKOUT)

    pay(page)
    assert sessions_of(stage, "waiting@example.org") == ["complete"]


def test_a_payment_we_cannot_see_yet_is_on_its_way_and_then_thanked_for_by_itself(
    stage: Stage, open_page: OpenPage
) -> None:
    page = open_page("/support", java_script_enabled=False)
    pledge(page, "unseen@example.org", Interval.once, "€10")
    stage.stripe.faults("fail_before", method="GET", route="/v1/checkout/sessions/*", count=1000)
    stage.stripe.webhook_faults(hold=True)

    pay(page)
    assert heading(page) == "Your payment is on its way"
    stage.stripe.clear_faults()
    expect_thanks(page)

    assert len(wait_for_mails(stage, "unseen@example.org")) == 1


def test_an_old_receipt_link_offers_to_mail_the_receipt_again(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")
    pledge(page, "old@example.org", Interval.once, "€10")
    pay(page)
    number = receipt_number(page)
    wait_for_mails(stage, "old@example.org")

    page.goto(link_of_last_month(stage, number))
    assert heading(page) == "This receipt link has run out"
    page.get_by_role("button", name="Mail me the receipt").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your receipt is on its way")
    mails = wait_for_mails(stage, "old@example.org", 2)
    assert mails[1]["Subject"] == f"Your receipt {number}"


def link_of_last_month(stage: Stage, number: str) -> str:
    """The link to a receipt as it was mailed longer ago than links live."""
    with reading(stage.parts.sessions) as session:
        receipt_id = session.scalars(sa.select(Receipt.id).where(Receipt.number == number)).one()
    with time_machine.travel(utc_now() - timedelta(days=LINK_DAYS, seconds=10)):
        return receipt_link(stage.parts, receipt_id)


def test_an_address_that_leads_nowhere_says_so_and_leads_on(open_page: OpenPage) -> None:
    page = open_page("/support/nowhere")

    assert heading(page) == "There is nothing at this address"
    page.get_by_role("main").get_by_role("link").first.click()

    expect(page.locator("#pledge")).to_be_visible()
