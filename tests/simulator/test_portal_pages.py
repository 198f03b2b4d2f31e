"""The billing portal's pages, in a real browser without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, Page, expect

from tests.simulator.browsing import violations, without_scripts
from tests.simulator.shop import DAY, Shop
from tests.simulator.test_portal import configuration, plans
from tests.support.browser import chromium

Json = dict[str, Any]
REASONS = {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["too_expensive", "unused"]}}
EVERYTHING: Json = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address"]},
    "invoice_history": {"enabled": True},
    "subscription_cancel": REASONS,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for this module."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody on a phone, without JavaScript."""
    context = without_scripts(browser)
    yield context.new_page()
    context.close()


class Portal:
    """Ada's subscription and her way into the portal."""

    def __init__(self, shop: Shop, page: Page, card: str = "pm_card_visa", **features: Any) -> None:
        self.shop = shop
        self.page = page
        feature, monthly, self.yearly = plans(shop)
        self.subscription = shop.subscription(card, items=[{"price": monthly}])
        wanted = {**EVERYTHING, "subscription_update": feature, **features}
        self.configuration = configuration(shop, **wanted).id

    def open(self, **params: Any) -> stripe.billing_portal.Session:
        """Open a session's address."""
        given: Any = {
            "customer": str(self.subscription.customer),
            "configuration": self.configuration,
            "return_url": f"{self.shop.simulator.url}/console/objects?back=1",
            **params,
        }
        session = self.shop.v1.billing_portal.sessions.create(given)
        self.page.goto(session.url)
        return session

    def flow(self, kind: str, details: Json | None = None, **after: Any) -> Json:
        """The parameters of a deep link."""
        details = details or {"subscription": self.subscription.id}
        named = {kind: details} if kind.startswith("subscription") else {}
        flow = {"type": kind, **named, "after_completion": after} if after else {"type": kind, **named}
        return {"flow_data": flow}

    def now(self) -> stripe.Subscription:
        """The subscription as it is."""
        return self.shop.v1.subscriptions.retrieve(self.subscription.id)

    def customer(self) -> stripe.Customer:
        """Ada as she is."""
        return self.shop.v1.customers.retrieve(str(self.subscription.customer))

    def press(self, name: str) -> None:
        """Press a button or follow a link by its words."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def type_card(self, number: str) -> None:
        """Fill the card's fields."""
        self.page.get_by_label("Card number").fill(number)
        self.page.get_by_label("Expiration").fill("12 / 34")
        self.page.get_by_label("CVC").fill("123")
        self.page.get_by_label("Cardholder name").fill("Ada Lovelace")

    def new_events(self, before: int) -> list[str]:
        """The events since there were so many."""
        return self.shop.event_types()[before:]


def test_a_member_sees_plan_card_and_invoices(shop: Shop, page: Page) -> None:
    Portal(shop, page).open()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Your billing with Simulated Newsroom")
    expect(page.locator(".plan")).to_contain_text("€2.00 per month")
    expect(page.locator(".plan")).to_contain_text("Next charge: €2.00 on")
    expect(page.locator(".rows")).to_contain_text("Visa ending in 4242")
    [row] = page.locator(".invoices tr").all()
    expect(row).to_contain_text("Paid")
    row.get_by_role("link").click()
    expect(page.get_by_text("This invoice is paid.")).to_be_visible()


def test_a_plan_is_cancelled_as_stripes_portal_does_it_and_taken_back(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open()
    end = portal.now()["items"].data[0].current_period_end

    portal.press("Cancel plan")
    page.get_by_label("It’s too expensive").check()
    page.get_by_label("Anything else").fill("Perhaps later")
    portal.press("Cancel plan")

    expect(page.get_by_role("status")).to_have_text("Your plan has been canceled.")
    expect(page.locator(".plan")).to_contain_text("Ends on")
    ending = portal.now()
    assert (ending.cancel_at, ending.cancel_at_period_end, ending.status) == (end, False, "active")
    details = ending.cancellation_details
    assert details is not None
    assert (details.feedback, details.comment) == ("too_expensive", "Perhaps later")
    assert shop.event_types()[-1] == "customer.subscription.updated"

    portal.press("Don’t cancel plan")
    portal.press("Don’t cancel plan")
    assert portal.now().cancel_at is None
    shop.simulator.advance(seconds=32 * DAY)
    assert len(shop.simulator.objects("invoice")) == 2


def test_a_plan_ends_at_once_where_the_configuration_says_so(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page, subscription_cancel={"enabled": True, "mode": "immediately"})
    portal.open()

    portal.press("Cancel plan")
    expect(page.get_by_text("at once, and for good")).to_be_visible()
    portal.press("Cancel plan")

    assert portal.now().status == "canceled"
    expect(page.get_by_text("You have no plan.")).to_be_visible()


def test_a_new_card_is_charged_from_now_on_and_pays_nothing_by_itself(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    shop.v1.customers.update(
        str(portal.subscription.customer),
        {
            "invoice_settings": {
                "default_payment_method": shop.v1.payment_methods.attach(
                    "pm_card_chargeCustomerFail", {"customer": str(portal.subscription.customer)}
                ).id
            }
        },
    )
    shop.simulator.advance(seconds=32 * DAY)
    assert portal.now().status == "past_due"
    portal.open()
    expect(page.locator(".plan")).to_contain_text("The last payment failed. €2.00 is open.")
    before = len(shop.event_types())

    portal.press("Add a card")
    expect(page.get_by_text("your open invoice stays open")).to_be_visible()
    portal.type_card("5555555555554444")
    portal.press("Save card")

    expect(page.get_by_role("status")).to_have_text("Your card is saved.")
    assert portal.new_events(before) == [
        "setup_intent.created", "payment_method.attached", "setup_intent.succeeded", "customer.updated",
    ]  # fmt: skip
    settings = portal.customer().invoice_settings
    assert settings is not None
    method = shop.v1.payment_methods.retrieve(str(settings.default_payment_method))
    assert method.card is not None
    assert method.card.last4 == "4444"
    assert portal.now().status == "past_due"
    assert shop.simulator.objects("invoice")[1]["status"] == "open"

    portal.press("Pay €2.00")
    page.get_by_label("Card number").fill("4242424242424242")
    page.get_by_role("button", name="Pay €2.00").click()
    assert portal.now().status == "active"


def test_a_plans_own_card_is_changed_for_that_plan(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    own = shop.v1.payment_methods.attach("pm_card_visa", {"customer": str(portal.subscription.customer)})
    shop.v1.subscriptions.update(portal.subscription.id, {"default_payment_method": own.id})
    portal.open()

    portal.press("Use another card for this plan")
    portal.type_card("5555555555554444")
    portal.press("Save card")

    expect(page.locator(".plan")).to_contain_text("Charged to Mastercard ending in 4444")
    assert portal.now().default_payment_method != own.id


def test_three_d_secure_stands_before_a_card_that_wants_it(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open()
    portal.press("Add a card")
    portal.type_card("4000002760003184")
    portal.press("Save card")
    portal.press("Fail authentication")
    expect(page.locator("#card-problem")).to_contain_text("unable to authenticate")
    assert shop.event_types()[-1] == "setup_intent.setup_failed"

    portal.type_card("4000002760003184")
    portal.press("Save card")
    portal.press("Complete authentication")

    expect(page.locator(".rows")).to_contain_text("Visa ending in 3184")
    assert shop.event_types()[-1] == "customer.updated"


@pytest.mark.parametrize(
    ("number", "field", "words"),
    [
        ("4000000000000002", "card", "Your card was declined."),
        ("4242", "number", "Your card number is incomplete."),
        ("4242424242424241", "number", "Your card number is incorrect."),
    ],
)
def test_a_card_that_cannot_be_saved_says_so_at_its_field(
    shop: Shop, page: Page, number: str, field: str, words: str
) -> None:
    portal = Portal(shop, page)
    portal.open()
    portal.press("Add a card")
    portal.type_card(number)

    portal.press("Save card")

    expect(page.locator(f"#{field}-problem")).to_have_text(words)
    assert page.get_by_label("Cardholder name").input_value() == "Ada Lovelace"


def test_cards_are_made_the_default_and_forgotten(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    spare = shop.v1.payment_methods.attach(
        "pm_card_mastercard", {"customer": str(portal.subscription.customer)}
    )
    portal.open()

    portal.press("Use by default: Mastercard ending in 4444")
    settings = portal.customer().invoice_settings
    assert settings is not None
    assert settings.default_payment_method == spare.id
    portal.press("Remove: Visa ending in 4242")

    assert "payment_method.detached" in shop.event_types()
    expect(page.locator(".rows li")).to_have_count(1)


def test_the_interval_is_changed_among_the_offered_prices(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open()

    portal.press("Change plan")
    page.get_by_label("€20.00 per year").check()
    portal.press("Continue")
    expect(page.get_by_text("a new period begins and is charged now")).to_be_visible()
    portal.press("Confirm")

    expect(page.get_by_role("status")).to_have_text("Your plan has been changed.")
    expect(page.locator(".plan")).to_contain_text("€20.00 per year")
    assert portal.now()["items"].data[0].price.id == portal.yearly
    assert "customer.subscription.updated" in shop.event_types()


def test_details_are_changed_where_the_configuration_lets_them(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open()
    portal.press("Change details")
    assert page.get_by_label("Phone").count() == 0
    page.get_by_label("Email").fill("ada")
    portal.press("Save")
    expect(page.locator("#email-problem")).to_have_text("Your email is incomplete.")

    page.get_by_label("Email").fill("lovelace@example.org")
    page.get_by_label("City").fill("London")
    portal.press("Save")

    customer = portal.customer()
    assert customer.email == "lovelace@example.org"
    assert customer.address is not None
    assert customer.address.city == "London"


def test_a_deep_link_shows_its_one_page_and_leads_back(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    back = {"type": "redirect", "redirect": {"return_url": f"{shop.simulator.url}/console/events?done=1"}}
    session = portal.open(**portal.flow("subscription_cancel", None, **back))
    expect(page.get_by_role("heading", level=2)).to_have_text("Cancel your plan")
    gone = page.request.get(f"{session.url}/card")
    assert gone.status == 404

    portal.press("Cancel plan")

    assert page.url.endswith("/console/events?done=1")
    assert portal.now().cancel_at is not None


def test_a_confirmed_update_needs_one_press(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    item = portal.subscription["items"].data[0].id
    change = {"subscription": portal.subscription.id, "items": [{"id": item, "price": portal.yearly}]}
    confirmation = {
        "type": "hosted_confirmation",
        "hosted_confirmation": {"custom_message": "Thank you for a whole year!"},
    }
    portal.open(**portal.flow("subscription_update_confirm", change, **confirmation))

    expect(page.locator(".lines")).to_contain_text("€20.00")
    portal.press("Confirm")

    expect(page.get_by_text("Thank you for a whole year!")).to_be_visible()
    assert portal.now()["items"].data[0].price.id == portal.yearly


def test_a_card_link_ends_at_the_portals_home(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open(**portal.flow("payment_method_update"))

    portal.type_card("5555555555554444")
    portal.press("Save card")

    expect(page.get_by_role("status")).to_have_text("Your card is saved.")
    expect(page.locator(".rows")).to_contain_text("Mastercard ending in 4444")


def test_an_address_nobody_opened_in_time_has_expired(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    session = portal.open()
    shop.simulator.advance(seconds=3000)
    page.reload()
    expect(page.locator(".plan")).to_have_count(1)
    unseen = shop.v1.billing_portal.sessions.create(
        {
            "customer": session.customer,
            "configuration": portal.configuration,
            "return_url": session.return_url or "",
        }
    )

    shop.simulator.advance(seconds=301)
    page.goto(unseen.url)

    expect(page.get_by_role("heading", level=1)).to_have_text("This page has expired")
    page.goto(session.url)
    expect(page.locator(".plan")).to_have_count(1)
    shop.simulator.advance(seconds=3601)
    answer = page.goto(session.url)
    assert answer is not None
    assert answer.status == 410
    expect(page.get_by_role("link", name="Back")).to_have_attribute("href", str(session.return_url))


def test_what_is_switched_off_is_neither_shown_nor_done(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page, subscription_cancel={"enabled": False}, invoice_history={"enabled": False})
    session = portal.open()
    assert page.get_by_role("link", name="Cancel plan").count() == 0
    assert page.get_by_text("Invoice history").count() == 0

    answer = page.request.post(f"{session.url}/cancel/{portal.subscription.id}")

    assert answer.status == 400
    assert portal.now().cancel_at is None


def test_nobody_reaches_anothers_plan_or_card(shop: Shop, page: Page) -> None:
    portal, others = Portal(shop, page), shop.subscription()
    [method] = shop.v1.customers.payment_methods.list(str(others.customer)).data
    session = portal.open()

    wanted: list[tuple[str, Json]] = [
        (f"cancel/{others.id}", {}),
        (f"update/{others.id}", {"price": portal.yearly}),
        ("cards", {"remove": method.id}),
        ("cards", {"default": method.id}),
    ]
    for path, form in wanted:
        answer = page.request.post(f"{session.url}/{path}", form=form)
        assert answer.status == 400, path

    assert shop.v1.subscriptions.retrieve(others.id).cancel_at is None
    assert shop.v1.payment_methods.retrieve(method.id).customer == others.customer


def test_the_portal_speaks_the_sessions_language_then_the_customers(shop: Shop, page: Page) -> None:
    portal = Portal(shop, page)
    portal.open(locale="ru")
    expect(page.get_by_role("link", name="Отменить подписку")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "ru"

    shop.v1.customers.update(str(portal.subscription.customer), {"preferred_locales": ["ar"]})
    portal.open()

    assert page.locator("html").get_attribute("dir") == "rtl"
    expect(page.get_by_role("link", name="إلغاء الاشتراك")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_axe_finds_nothing_in_the_portal(shop: Shop, browser: Browser, locale: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    portal = Portal(shop, page)
    shop.v1.customers.update(str(portal.subscription.customer), {"preferred_locales": [locale]})
    url = portal.open().url
    ways = (
        "", "?said=done_card", "/card", "/details", f"/cancel/{portal.subscription.id}",
        f"/keep/{portal.subscription.id}", f"/update/{portal.subscription.id}",
        f"/update/{portal.subscription.id}?price={portal.yearly}", "/done", "/nowhere",
    )  # fmt: skip

    found = {}
    for way in ways:
        page.goto(url + way)
        found[way] = violations(page)
    page.goto(f"{url}/card")
    page.locator("button.pay").click()
    found["slips"] = violations(page)

    assert {way: faults for way, faults in found.items() if faults} == {}
    context.close()
