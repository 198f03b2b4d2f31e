"""Trials, pauses, anchors, prorations and items: the rest of what a subscription can go through."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, Json

APRIL = "2027-04-01T00:00:00"
MIDDLE = "2027-04-16T00:00:00"


def now_of(shop: Shop) -> Json:
    """The only subscription there is."""
    [found] = shop.simulator.objects("subscription")
    return found


def totals(shop: Shop) -> list[int]:
    """What every invoice came to, oldest first."""
    return [invoice["total"] for invoice in shop.simulator.objects("invoice")]


def day(instant: int | None) -> str:
    """An instant as a day."""
    return datetime.fromtimestamp(instant or 0, UTC).strftime("%m-%d")


def in_april(shop: Shop, amount: int = 1000) -> stripe.Subscription:
    """A subscription that began on the first of April, seen in its middle."""
    shop.simulator.reset(now=APRIL)
    subscription = shop.subscription(amount=amount)
    shop.simulator.advance(to=MIDDLE)
    return subscription


def change(shop: Shop, subscription: stripe.Subscription, **fields: Any) -> stripe.Subscription:
    """Update a subscription."""
    given: Any = fields
    return shop.v1.subscriptions.update(subscription.id, given)


def trial_without_card(shop: Shop, behavior: str) -> stripe.Subscription:
    """A trial nobody has given a card for."""
    settings: Any = {"end_behavior": {"missing_payment_method": behavior}}
    return shop.subscription(customer=shop.customer(None).id, trial_period_days=10, trial_settings=settings)


def test_a_first_payment_that_never_comes_expires_the_subscription(shop: Shop) -> None:
    shop.subscription("pm_card_chargeCustomerFail")

    shop.simulator.advance(seconds=23 * 3600 - 60)
    assert now_of(shop)["status"] == "incomplete"
    shop.simulator.advance(seconds=120)

    expired = now_of(shop)
    assert (expired["status"], expired["ended_at"] is not None) == ("incomplete_expired", True)
    assert [invoice["status"] for invoice in shop.simulator.objects("invoice")] == ["void"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.update(expired["id"], {"cancel_at_period_end": True})


def test_prorations_can_be_invoiced_at_once_and_alone(shop: Shop) -> None:
    subscription = in_april(shop)
    item = subscription["items"].data[0].id

    change(
        shop,
        subscription,
        items=[{"id": item, "price": shop.price(2000).id}],
        proration_behavior="always_invoice",
    )

    assert totals(shop) == [1000, 500]
    update = shop.simulator.objects("invoice")[1]
    assert (update["status"], update["billing_reason"]) == ("paid", "subscription_update")
    assert [line["amount"] for line in update["lines"]["data"]] == [-500, 1000]
    shop.simulator.advance(to="2027-05-02T00:00:00")
    assert totals(shop) == [1000, 500, 2000]


def test_a_lowered_amount_invoiced_at_once_becomes_credit(shop: Shop) -> None:
    subscription = in_april(shop)
    item = subscription["items"].data[0].id

    change(
        shop,
        subscription,
        items=[{"id": item, "price": shop.price(400).id}],
        proration_behavior="always_invoice",
    )

    assert totals(shop) == [1000, -300]
    assert shop.v1.customers.retrieve(str(subscription.customer)).balance == -300
    shop.simulator.advance(to="2027-05-02T00:00:00")
    charged = [charge["amount"] for charge in shop.simulator.objects("charge")]
    assert charged == [1000, 100]


@pytest.mark.parametrize(("behavior", "total"), [("create_prorations", 500), ("none", 1000)])
def test_an_anchor_of_now_bills_a_new_period(shop: Shop, behavior: str, total: int) -> None:
    subscription = in_april(shop)

    changed = change(shop, subscription, billing_cycle_anchor={"type": "now"}, proration_behavior=behavior)

    assert totals(shop) == [1000, total]
    period = changed["items"].data[0]
    assert (day(period.current_period_start), day(period.current_period_end)) == ("04-16", "05-16")


@pytest.mark.parametrize(("behavior", "total"), [("create_prorations", 500), ("none", 0)])
def test_a_later_anchor_makes_a_short_first_period(shop: Shop, behavior: str, total: int) -> None:
    shop.simulator.reset(now=MIDDLE)
    may = int(datetime(2027, 5, 1, tzinfo=UTC).timestamp())

    subscription = shop.subscription(amount=1000, billing_cycle_anchor=may, proration_behavior=behavior)

    assert subscription.status == "active"
    assert day(subscription["items"].data[0].current_period_end) == "05-01"
    shop.simulator.advance(to="2027-06-02T00:00:00")
    first = total if behavior == "none" else 484
    assert totals(shop) == [first, 1000, 1000]
    with pytest.raises(stripe.InvalidRequestError, match="next natural billing date"):
        shop.subscription(billing_cycle_anchor=shop.simulator.now() + 40 * DAY)


def test_a_trial_can_be_moved_and_is_announced_again(shop: Shop) -> None:
    trial = shop.subscription(trial_period_days=10)
    shop.simulator.advance(seconds=8 * DAY)
    later = shop.simulator.now() + 20 * DAY

    moved = change(shop, trial, trial_end=later, proration_behavior="none")
    shop.simulator.advance(seconds=21 * DAY)

    assert (moved.status, moved.trial_end) == ("trialing", later)
    assert totals(shop) == [0, 200]
    assert shop.event_types().count("customer.subscription.trial_will_end") == 2


def test_a_trial_can_end_now(shop: Shop) -> None:
    trial = shop.subscription(trial_period_days=10)

    ended = change(shop, trial, trial_end="now")
    shop.simulator.advance(seconds=9 * DAY)

    assert ended.status == "active"
    assert totals(shop) == [0, 200]
    assert shop.event_types().count("customer.subscription.trial_will_end") == 1


def test_a_trial_without_a_card_can_be_canceled(shop: Shop) -> None:
    trial_without_card(shop, "cancel")

    shop.simulator.advance(seconds=11 * DAY)

    assert now_of(shop)["status"] == "canceled"
    assert totals(shop) == [0]


@pytest.mark.parametrize("waits", [False, True])
def test_a_trial_without_a_card_can_be_paused_and_resumed(shop: Shop, waits: bool) -> None:
    trial = trial_without_card(shop, "pause")
    shop.simulator.advance(seconds=60 * DAY)
    paused = now_of(shop)
    assert paused["status"] == "paused"
    assert paused["status_details"]["paused"]["subscription"]["type"] == "trial_end_without_payment_method"
    assert totals(shop) == [0]
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": str(trial.customer)})
    change(shop, trial, default_payment_method=method.id)

    how: Any = "resume_on_payment_success" if waits else "resume_on_payment_attempt"
    resumed = shop.v1.subscriptions.resume(trial.id, {"payment_behavior": how})

    assert (resumed.status, resumed.status_details) == ("active", None)
    assert totals(shop) == [0, 200]
    types = shop.event_types()
    assert types.index("customer.subscription.paused") < types.index("customer.subscription.resumed")
    with pytest.raises(stripe.InvalidRequestError, match="only resume a subscription with status `paused`"):
        shop.v1.subscriptions.resume(trial.id)


def test_a_trial_without_a_card_makes_an_invoice_unless_told_otherwise(shop: Shop) -> None:
    trial_without_card(shop, "create_invoice")

    shop.simulator.advance(seconds=10 * DAY + 7200)

    assert now_of(shop)["status"] == "past_due"


def test_an_end_can_be_planned_and_unset(shop: Shop) -> None:
    subscription = shop.subscription()
    at = shop.simulator.now() + 10 * DAY

    planned = change(shop, subscription, cancel_at=at)
    kept = change(shop, subscription, cancel_at="")
    shop.simulator.advance(seconds=11 * DAY)
    assert (planned.cancel_at, kept.cancel_at, now_of(shop)["status"]) == (at, None, "active")
    change(shop, subscription, cancel_at=shop.simulator.now() + DAY)
    shop.simulator.advance(seconds=2 * DAY)

    assert now_of(shop)["status"] == "canceled"


def test_a_subscription_can_be_born_with_its_end(shop: Shop) -> None:
    subscription = shop.subscription(cancel_at_period_end=True)

    assert subscription.cancel_at == subscription["items"].data[0].current_period_end
    shop.simulator.advance(seconds=32 * DAY)
    assert now_of(shop)["status"] == "canceled"


def test_empty_strings_unset(shop: Shop) -> None:
    subscription = shop.subscription(description="Support", metadata={"a": "1"})
    change(shop, subscription, pause_collection={"behavior": "void"})

    plain = change(shop, subscription, pause_collection="", description="", metadata="")

    assert (plain.pause_collection, plain.description) == (None, None)
    assert plain.metadata.to_dict() == {}


def test_ending_at_once_can_settle_what_is_unused(shop: Shop) -> None:
    subscription = in_april(shop)

    shop.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})

    assert totals(shop) == [1000, -500]
    assert shop.v1.customers.retrieve(str(subscription.customer)).balance == -500


def test_items_come_and_go_one_by_one(shop: Shop) -> None:
    subscription = in_april(shop)
    items = shop.v1.subscription_items

    added = items.create(
        {"subscription": subscription.id, "price": shop.price(300).id, "proration_behavior": "none"}
    )
    doubled = items.update(added.id, {"quantity": 2, "proration_behavior": "none"})
    listed = items.list({"subscription": subscription.id}).data
    assert (added.price.unit_amount, doubled.quantity, len(listed)) == (300, 2, 2)
    shop.simulator.advance(to="2027-05-02T00:00:00")
    assert totals(shop) == [1000, 1600]
    assert items.delete(added.id, {"proration_behavior": "none"}).deleted is True

    with pytest.raises(stripe.InvalidRequestError, match="at least one active plan"):
        items.delete(listed[0].id)
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription item"):
        items.retrieve(added.id)


def test_the_card_that_paid_first_can_be_kept(shop: Shop) -> None:
    settings: Any = {"save_default_payment_method": "on_subscription"}

    subscription = shop.subscription(payment_settings=settings)

    [charge] = shop.simulator.objects("charge")
    assert subscription.default_payment_method == charge["payment_method"]


@pytest.mark.parametrize(
    "fields",
    [
        {"discounts": [{"coupon": "ten"}]},
        {"default_tax_rates": ["txr_1"]},
        {"automatic_tax": {"enabled": True}},
        {"payment_behavior": "pending_if_incomplete"},
    ],
)
def test_what_is_not_covered_is_said_and_not_forgotten(shop: Shop, fields: Json) -> None:
    subscription = shop.subscription()

    with pytest.raises(stripe.APIError) as refused:
        change(shop, subscription, **fields)

    assert refused.value.http_status == 501


def test_an_older_invoice_that_fails_does_not_make_a_paid_up_subscription_past_due(shop: Shop) -> None:
    subscription = shop.subscription(collection_method="send_invoice", days_until_due=40)
    change(shop, subscription, billing_cycle_anchor={"type": "now"}, proration_behavior="none")
    shop.simulator.advance(seconds=7200)
    shop.v1.invoices.pay(now_of(shop)["latest_invoice"], {"paid_out_of_band": True})

    shop.simulator.advance(seconds=30 * DAY + 7200)
    shop.v1.invoices.pay(now_of(shop)["latest_invoice"], {"paid_out_of_band": True})
    shop.simulator.advance(seconds=11 * DAY)

    assert now_of(shop)["status"] == "active"


def test_a_renewal_is_born_knowing_when_it_opens(shop: Shop) -> None:
    shop.subscription()

    shop.simulator.advance(seconds=31 * DAY + 60)

    born = [
        one["data"]["object"] for one in shop.simulator.objects("event") if one["type"] == "invoice.created"
    ]
    assert born[1]["auto_advance"] is True
    assert born[1]["automatically_finalizes_at"] == born[1]["created"] + 3600


def test_three_d_secure_at_a_renewal_waits_for_the_reader(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000002760003184", complete_3ds=True)

    shop.simulator.advance(seconds=31 * DAY + 7200)

    renewal = shop.simulator.objects("invoice")[1]
    intent = shop.simulator.objects("payment_intent")[1]
    assert (renewal["status"], intent["status"]) == ("open", "requires_action")
    types = shop.event_types()
    assert types.index("invoice.payment_action_required") < types.index("invoice.payment_failed")


def test_a_card_already_set_up_renews_by_itself(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000003800000446", complete_3ds=True)

    shop.simulator.advance(seconds=31 * DAY + 7200)

    assert [invoice["status"] for invoice in shop.simulator.objects("invoice")] == ["paid", "paid"]


def test_a_card_can_be_authenticated_and_still_lack_the_money(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")

    with pytest.raises(DoorRefused, match="insufficient funds"):
        shop.simulator.pay(session.id, "4000008260003178", complete_3ds=True)

    assert now_of(shop)["status"] == "incomplete"
    assert [charge["status"] for charge in shop.simulator.objects("charge")] == ["failed"]


def test_a_trial_moves_the_day_of_a_running_subscription(shop: Shop) -> None:
    running = shop.subscription()
    first = running["items"].data[0].current_period_end
    later = first + 12 * DAY

    moved = change(shop, running, trial_end=later, proration_behavior="none")

    assert (moved.status, moved.billing_cycle_anchor) == ("trialing", later)
    shop.simulator.advance(to=later - 1)
    assert totals(shop) == [200, 0]
    shop.simulator.advance(seconds=32 * DAY)
    assert totals(shop) == [200, 0, 200, 200]
    with pytest.raises(stripe.InvalidRequestError, match="two years"):
        change(shop, moved, trial_end=shop.simulator.now() + 740 * DAY)
