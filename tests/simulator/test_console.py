"""The console, in a real browser without JavaScript, and the cost of a look as the archive grows."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.simulator.engine.clock import Clock
from app.simulator.engine.store import Store
from app.simulator.engine.world import World
from app.simulator.pages import archive
from app.simulator.pages.archive import Search
from tests.simulator.browsing import violations, without_scripts
from tests.simulator.receiver import Receiver
from tests.simulator.shop import DAY, Shop
from tests.support.browser import chromium

Json = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for this module."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of an engineer with a phone, without JavaScript."""
    context = without_scripts(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that listens."""
    listening = Receiver()
    yield listening
    listening.close()


def test_the_start_page_tells_how_to_begin_and_then_what_happened_last(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.simulator.url}/")
    expect(page.get_by_label("Example")).to_contain_text(f"curl {shop.simulator.url}/v1/customers")

    customer = shop.v1.customers.create({"name": "Ada"})
    page.reload()

    expect(page.get_by_label("Example")).to_have_count(0)
    expect(page.locator(".events").first).to_contain_text("customer.created")
    expect(page.locator(".events").first).to_contain_text(customer.id)
    expect(page.locator(".events").last).to_contain_text("POST /v1/customers")
    assert page.locator("main .kinds").bounding_box() is not None


def test_objects_are_filtered_by_status_customer_and_text(shop: Shop, page: Page) -> None:
    mine, other = shop.subscription(), shop.subscription()
    shop.v1.subscriptions.cancel(other.id)
    where = f"{shop.simulator.url}/console/objects?type=subscription"

    def found(query: str) -> list[str]:
        page.goto(f"{where}&{query}")
        return page.locator("tbody code").all_inner_texts()

    assert found("") == [other.id, mine.id]
    assert found("status=active") == [mine.id]
    assert found(f"customer={other.customer}") == [other.id]
    assert found(f"q={mine.id.upper()}") == [mine.id]
    assert found("q=nobody") == []


def test_a_long_list_is_paged_to_its_end(shop: Shop, page: Page) -> None:
    made = [
        shop.v1.customers.create({"name": f"Reader {number}"}).id for number in range(archive.PER_PAGE + 3)
    ]

    page.goto(f"{shop.simulator.url}/console/objects?type=customer&q=reader")
    first = page.locator("tbody code").all_inner_texts()
    page.get_by_role("link", name="Older").click()
    rest = page.locator("tbody code").all_inner_texts()

    assert first + rest == made[::-1]
    assert page.get_by_role("link", name="Older").count() == 0


def test_an_object_leads_to_its_events_its_requests_and_whatever_names_it(shop: Shop, page: Page) -> None:
    subscription = shop.subscription()
    invoice = str(subscription.latest_invoice)
    page.goto(f"{shop.simulator.url}/console/object/{subscription.id}")
    expect(page.get_by_role("link", name="customer.subscription.created")).to_be_visible()
    expect(page.get_by_role("link", name="POST /v1/subscriptions", exact=True)).to_be_visible()

    page.locator("section", has_text="What names it").get_by_role("link", name=invoice).click()
    page.locator("pre").get_by_role("link", name=str(subscription.customer)).first.click()

    assert page.url.endswith(f"/console/object/{subscription.customer}")


def test_an_event_leads_to_the_request_that_caused_it(shop: Shop, page: Page) -> None:
    shop.v1.customers.create({"name": "Ada"})
    [event] = shop.simulator.objects("event")
    page.goto(f"{shop.simulator.url}/console/events?type=customer.*")
    page.get_by_role("link", name="customer.created").click()

    page.get_by_role("link", name="POST /v1/customers").click()

    assert page.url.endswith(f"id={event['request']['id']}")
    expect(page.get_by_label("Parameters sent")).to_contain_text('"name": "Ada"')


def test_an_id_that_was_pasted_is_found(shop: Shop, page: Page) -> None:
    customer = shop.v1.customers.create({"name": "Ada"})
    page.goto(f"{shop.simulator.url}/")
    page.get_by_label("Find an id").fill(f" {customer.id} ")
    page.get_by_role("button", name="Find").click()
    assert page.url.endswith(f"/console/object/{customer.id}")

    page.get_by_label("Find an id").fill("cus_nobody")
    page.get_by_role("button", name="Find").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing")


def test_requests_are_filtered_by_path_status_and_text(shop: Shop, page: Page) -> None:
    customer = shop.v1.customers.create({"name": "Ada"})
    shop.simulator.faults("429", route="/v1/products")
    with pytest.raises(Exception, match="rate limit"):
        shop.v1.products.create({"name": "Support"})

    def found(query: str) -> list[str]:
        page.goto(f"{shop.simulator.url}/console/requests?{query}")
        return page.locator("tbody a").all_inner_texts()

    assert found("path=customers") == ["POST /v1/customers"]
    assert found("status=4") == ["POST /v1/products"]
    assert found(f"q={customer.id}") == ["POST /v1/customers"]


def test_the_clocks_are_moved(shop: Shop, page: Page) -> None:
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": 1800000000, "name": "Ada’s year"})
    before = shop.simulator.now()
    page.goto(f"{shop.simulator.url}/")

    page.get_by_role("button", name="+1 day").click()
    expect(page.get_by_role("status")).to_contain_text("The clock moved")
    page.goto(f"{shop.simulator.url}/console/clocks")
    page.get_by_role("button", name="Move Ada’s year by 1 week").click()

    assert shop.simulator.now() >= before + DAY
    shop.simulator.wait_until(
        lambda: shop.v1.test_helpers.test_clocks.retrieve(clock.id).frozen_time == 1800000000 + 7 * DAY
    )


def test_a_clock_that_would_go_back_says_so(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.simulator.url}/console/clocks")

    page.get_by_label("Move the clock to").fill("2001-01-01")
    page.get_by_role("button", name="Move to").click()

    expect(page.get_by_role("status")).to_have_text("The clock only moves forward.")


def test_faults_of_every_kind_are_ordered_and_taken_back(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.simulator.url}/console/faults")
    api = page.locator("form", has=page.locator("#kind"))
    for kind in page.locator("#kind option").evaluate_all("all => all.map(one => one.value)"):
        api.get_by_label("What goes wrong").select_option(kind)
        api.get_by_label("Path, or event type").fill("/v1/nothing")
        if kind == "script":
            api.get_by_label("Script").fill("ok, 429, lost_answer")
        api.get_by_role("button", name="Order").click()
        expect(page.get_by_role("status")).to_have_text("The fault is ordered.")
    hooks = page.locator("form", has=page.locator("#hold"))
    hooks.get_by_label("Twice, %").fill("50")
    hooks.get_by_label("Out of order").check()
    hooks.get_by_role("button", name="Order").click()

    ordered = shop.simulator.door("faults")
    assert [one["kind"] for one in ordered["api"]][-1] == "script"
    assert ordered["api"][-1]["script"] == ["ok", "429", "lost_answer"]
    assert ordered["webhooks"]["*"]["duplicate_percent"] == 50
    assert ordered["webhooks"]["*"]["reorder"] is True
    expect(page.locator(".top .dot")).to_be_visible()
    page.get_by_role("button", name="Take everything back").click()
    assert shop.simulator.door("faults") == {"api": [], "webhooks": {}}
    expect(page.locator(".top .dot")).to_have_count(0)


def test_what_cannot_be_ordered_is_said_and_not_done(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.simulator.url}/console/faults")

    page.get_by_label("How many").fill("many")
    page.get_by_role("button", name="Order").first.click()

    expect(page.get_by_role("status")).to_contain_text("invalid literal")
    assert shop.simulator.door("faults")["api"] == []


def test_events_are_sent_again(shop: Shop, page: Page, receiver: Receiver) -> None:
    shop.simulator.webhook_endpoint(receiver.url, events=["customer.created"])
    shop.v1.customers.create({"name": "Ada"})
    shop.simulator.deliver_now()

    page.goto(f"{shop.simulator.url}/console/deliveries?status=succeeded&type=customer.*")
    page.get_by_role("button", name="Send customer.created again").click()

    expect(page.get_by_role("status")).to_contain_text("Sent again to 1")
    shop.simulator.wait_until(lambda: len(receiver.received) == 2)


def test_a_charge_is_disputed_and_the_dispute_decided(shop: Shop, page: Page) -> None:
    charge = shop.paid_charge()
    page.goto(f"{shop.simulator.url}/console/object/{charge.id}")
    page.get_by_label("Reason").select_option("product_not_received")

    page.get_by_role("button", name="Dispute it").click()
    [dispute] = shop.simulator.objects("dispute")
    assert dispute["reason"] == "product_not_received"
    page.get_by_role("button", name="Decide: lost").click()

    [dispute] = shop.simulator.objects("dispute")
    assert dispute["status"] == "lost"
    assert page.get_by_role("button", name="Decide: lost").count() == 0


def test_payouts_are_told_to_fail(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.simulator.url}/console/faults")

    page.get_by_label("Payouts fail with this code").fill("account_closed")
    page.get_by_label("After the last retry").select_option("unpaid")
    page.get_by_role("button", name="Set").click()

    settings = shop.simulator.door("settings")
    assert (settings["payout_failure"], settings["after_last_retry"]) == ("account_closed", "unpaid")


def test_the_portals_settings_are_saved_and_the_portal_opened(shop: Shop, page: Page) -> None:
    customer = shop.customer()
    page.goto(f"{shop.simulator.url}/console/portal")
    page.get_by_role("button", name="Save the default settings").click()
    [configuration] = shop.simulator.objects("billing_portal.configuration")
    assert configuration["is_default"]

    page.goto(f"{shop.simulator.url}/console/object/{customer.id}")
    page.get_by_role("button", name="Open the billing portal").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your billing with")
    page.get_by_role("link", name="Return to").click()

    assert page.url.endswith(customer.id)


def test_axe_finds_nothing_on_the_console(shop: Shop, browser: Browser, receiver: Receiver) -> None:
    context = browser.new_context()
    page = context.new_page()
    shop.simulator.webhook_endpoint(receiver.url)
    subscription = shop.subscription()
    charge = shop.paid_charge()
    shop.simulator.deliver_now()
    shop.simulator.faults("hang", route="/v1/nothing")
    shop.simulator.webhook_faults(duplicate_percent=1)
    shop.v1.test_helpers.test_clocks.create({"frozen_time": 1800000000})
    request = shop.simulator.requests()[-1]["id"]
    event = shop.simulator.objects("event")[0]["id"]
    ways = (
        "/", "/?said=Done", "/console/objects?type=refund", "/console/objects?type=invoice",
        f"/console/object/{subscription.id}", f"/console/object/{charge.id}", f"/console/object/{event}",
        "/console/events?type=invoice.*", "/console/deliveries", f"/console/requests?id={request}",
        "/console/faults", "/console/clocks", "/console/portal", "/console/nowhere",
    )  # fmt: skip

    found = {}
    for way in ways:
        page.goto(shop.simulator.url + way)
        found[way] = violations(page)

    assert {way: faults for way, faults in found.items() if faults} == {}
    context.close()


class Archive:
    """A store with so many customers, events and deliveries, and the work SQLite does to answer."""

    def __init__(self, size: int) -> None:
        self.world = World(Store(None), clock=Clock(), version="2026-10-28.endive")
        with self.world.transaction():
            for number in range(size):
                customer = {"id": f"cus_{number}", "object": "customer", "created": number, "name": "Ada"}
                self.world.create(customer, "customer.created")
                event = {"id": f"evt_{number}", "type": "customer.created"}
                self.world.queue_delivery(event, {"id": "we_1"})

    def steps(self, look: Any) -> int:
        """How many thousands of instructions a look takes."""
        count = 0

        def counted() -> int:
            nonlocal count
            count += 1
            return 0

        self.world.store.db.set_progress_handler(counted, 1000)
        look(self.world)
        self.world.store.db.set_progress_handler(None, 0)
        return count


@pytest.mark.parametrize(
    "look",
    [
        archive.counts,
        archive.delivery_counts,
        lambda world: archive.find(world, Search("customer", text="nobody")),
        lambda world: archive.find(world, Search("event", type="invoice.*")),
        lambda world: archive.events_about(world, "cus_7"),
        lambda world: archive.naming(world, "cus_7"),
        lambda world: archive.deliveries(world, status="failed", type_="", before=0),
    ],
    ids=["counts", "deliveries", "text", "type", "events", "naming", "delivered"],
)
def test_a_look_costs_the_same_however_much_is_kept(look: Any) -> None:
    small, large = Archive(archive.LOOKED_THROUGH + 10), Archive(5 * archive.LOOKED_THROUGH)

    assert large.steps(look) <= small.steps(look) + 1


def test_a_search_goes_on_where_it_stopped_looking() -> None:
    world = Archive(archive.LOOKED_THROUGH + 10).world

    first = archive.find(world, Search("customer", text='"cus_3"'))
    second = archive.find(world, Search("customer", text='"cus_3"', before=first.before))

    assert (first.rows, [row["id"] for row in second.rows], second.before) == ([], ["cus_3"], 0)
