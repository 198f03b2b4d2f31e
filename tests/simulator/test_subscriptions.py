"""Subscriptions: renewals, failures, changes, pauses and ends, by the clock."""

from datetime import UTC, datetime

import pytest
import stripe

from tests.simulator.shop import DAY, Shop

JANUARY_31 = "2027-01-31T10:00:00"


def statuses(shop: Shop) -> list[str]:
    """Every invoice's status, oldest first."""
    return [invoice["status"] for invoice in shop.simulator.objects("invoice")]


def the_subscription(shop: Shop) -> dict[str, object]:
    """The only subscription there is."""
    [found] = shop.simulator.objects("subscription")
    return found


def test_a_subscription_renews_every_month(shop: Shop) -> None:
    shop.subscription()

    shop.simulator.advance(seconds=365 * DAY + 7200)

    assert statuses(shop) == ["paid"] * 13
    assert len(shop.simulator.objects("charge")) == 13
    assert len(shop.simulator.objects("balance_transaction")) == 13


def test_a_renewal_is_a_draft_for_an_hour(shop: Shop) -> None:
    subscription = shop.subscription()
    end = subscription["items"].data[0].current_period_end

    shop.simulator.advance(to=end + 60)
    assert statuses(shop) == ["paid", "draft"]
    assert shop.simulator.objects("invoice")[1]["number"] is None
    shop.simulator.advance(to=end + 3660)

    assert statuses(shop) == ["paid", "paid"]


def test_the_31st_keeps_its_day_past_a_short_month(shop: Shop) -> None:
    shop.simulator.reset(now=JANUARY_31)
    shop.subscription()

    shop.simulator.advance(seconds=120 * DAY)

    days = [
        datetime.fromtimestamp(invoice["created"], UTC).strftime("%m-%d %H:%M")
        for invoice in shop.simulator.objects("invoice")
    ]
    assert days == ["01-31 10:00", "02-28 10:00", "03-31 10:00", "04-30 10:00", "05-31 10:00"]


def test_a_yearly_subscription_of_a_leap_day_renews_on_the_28th(shop: Shop) -> None:
    shop.simulator.reset(now="2028-02-29T12:00:00")
    shop.subscription(interval="year")

    shop.simulator.advance(seconds=367 * DAY)

    renewal = shop.simulator.objects("invoice")[1]
    assert datetime.fromtimestamp(renewal["created"], UTC).strftime("%Y-%m-%d") == "2029-02-28"


def test_a_failed_renewal_is_retried_and_can_recover(shop: Shop) -> None:
    subscription = shop.subscription()
    customer = str(subscription.customer)
    bad = shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    shop.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": bad.id}})
    shop.simulator.advance(seconds=31 * DAY + 7200)
    assert the_subscription(shop)["status"] == "past_due"
    assert shop.v1.customers.retrieve(customer).delinquent is True
    good = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    shop.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": good.id}})

    shop.simulator.advance(seconds=4 * DAY)

    assert the_subscription(shop)["status"] == "active"
    assert statuses(shop) == ["paid", "paid"]
    assert shop.v1.customers.retrieve(customer).delinquent is False
    renewal = shop.simulator.objects("invoice")[1]
    assert renewal["attempt_count"] == 2
    charges = [charge["status"] for charge in shop.simulator.objects("charge")]
    assert charges == ["succeeded", "failed", "succeeded"]


@pytest.mark.parametrize(
    ("setting", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_the_account_decides_what_follows_the_last_retry(shop: Shop, setting: str, status: str) -> None:
    shop.simulator.settings(after_last_retry=setting)
    subscription = shop.subscription()
    bad = shop.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": str(subscription.customer)}
    )
    shop.v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})

    shop.simulator.advance(seconds=50 * DAY)

    assert the_subscription(shop)["status"] == status
    renewal = shop.simulator.objects("invoice")[1]
    assert renewal["attempt_count"] == 4
    assert renewal["next_payment_attempt"] is None


def test_canceling_at_the_period_end_can_be_taken_back(shop: Shop) -> None:
    subscription = shop.subscription()
    planned = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert planned.cancel_at == planned["items"].data[0].current_period_end
    assert planned.status == "active"

    kept = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    shop.simulator.advance(seconds=32 * DAY)

    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    assert the_subscription(shop)["status"] == "active"


def test_canceling_at_the_period_end_ends_it_then(shop: Shop) -> None:
    subscription = shop.subscription()
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    shop.simulator.advance(seconds=32 * DAY)

    ended = the_subscription(shop)
    assert ended["status"] == "canceled"
    assert ended["ended_at"] == ended["cancel_at"]
    assert statuses(shop) == ["paid"]
    assert shop.event_types()[-1] == "customer.subscription.deleted"


def test_canceling_now_ends_it_now_and_only_once(shop: Shop) -> None:
    subscription = shop.subscription()

    ended = shop.v1.subscriptions.cancel(subscription.id)

    assert ended.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.subscriptions.cancel(subscription.id)
    assert refused.value.code == "resource_missing"
    shop.simulator.advance(seconds=60 * DAY)
    assert statuses(shop) == ["paid"]


def test_an_amount_changed_without_proration_holds_from_the_next_charge(shop: Shop) -> None:
    subscription = shop.subscription(amount=500)
    item = subscription["items"].data[0]

    changed = shop.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item.id, "price": shop.price(200).id}], "proration_behavior": "none"},
    )
    shop.simulator.advance(seconds=32 * DAY)

    assert changed["items"].data[0].current_period_end == item.current_period_end
    assert [invoice["total"] for invoice in shop.simulator.objects("invoice")] == [500, 200]


def test_an_amount_changed_with_proration_settles_the_difference(shop: Shop) -> None:
    shop.simulator.reset(now="2027-04-01T00:00:00")
    subscription = shop.subscription(amount=1000)
    item = subscription["items"].data[0]
    shop.simulator.advance(to="2027-04-16T00:00:00")

    shop.v1.subscriptions.update(subscription.id, {"items": [{"id": item.id, "price": shop.price(2000).id}]})
    shop.simulator.advance(to="2027-05-02T00:00:00")

    lines = [line["amount"] for line in shop.simulator.objects("invoice")[1]["lines"]["data"]]
    assert lines == [-500, 1000, 2000]


def test_changing_the_interval_bills_the_new_one_at_once(shop: Shop) -> None:
    subscription = shop.subscription(amount=200)
    item = subscription["items"].data[0]

    changed = shop.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "price": shop.price(2400, interval="year").id}],
            "proration_behavior": "none",
        },
    )

    assert [invoice["total"] for invoice in shop.simulator.objects("invoice")] == [200, 2400]
    period = changed["items"].data[0]
    assert period.current_period_end - period.current_period_start >= 365 * DAY


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")],
)
def test_a_pause_takes_no_money_and_keeps_the_status(shop: Shop, behavior: str, status: str) -> None:
    subscription = shop.subscription()
    shop.v1.subscriptions.update(subscription.id, {"pause_collection": {"behavior": behavior}})

    shop.simulator.advance(seconds=32 * DAY)

    assert the_subscription(shop)["status"] == "active"
    assert statuses(shop) == ["paid", status]
    assert len(shop.simulator.objects("charge")) == 1


def test_a_pause_ends_by_itself(shop: Shop) -> None:
    subscription = shop.subscription()
    until = shop.simulator.now() + 40 * DAY
    shop.v1.subscriptions.update(
        subscription.id, {"pause_collection": {"behavior": "void", "resumes_at": until}}
    )

    shop.simulator.advance(seconds=63 * DAY)

    assert statuses(shop) == ["paid", "void", "paid"]
    assert the_subscription(shop)["pause_collection"] is None


def test_a_trial_costs_nothing_until_it_ends(shop: Shop) -> None:
    trial = shop.subscription(trial_period_days=14)
    assert trial.status == "trialing"
    assert [invoice["total"] for invoice in shop.simulator.objects("invoice")] == [0]

    shop.simulator.advance(seconds=15 * DAY)

    assert the_subscription(shop)["status"] == "active"
    assert [invoice["total"] for invoice in shop.simulator.objects("invoice")] == [0, 200]
    assert "customer.subscription.trial_will_end" in shop.event_types()


def test_a_first_payment_that_fails_can_be_made_good(shop: Shop) -> None:
    subscription = shop.subscription("pm_card_chargeCustomerFail")
    assert subscription.status == "incomplete"
    assert isinstance(subscription.latest_invoice, str)

    shop.v1.invoices.pay(subscription.latest_invoice, {"payment_method": "pm_card_visa"})

    assert the_subscription(shop)["status"] == "active"
    shop.simulator.advance(seconds=2 * DAY)
    assert the_subscription(shop)["status"] == "active"


def test_error_if_incomplete_leaves_no_subscription(shop: Shop) -> None:
    with pytest.raises(stripe.CardError):
        shop.subscription("pm_card_chargeCustomerFail", payment_behavior="error_if_incomplete")

    assert shop.simulator.objects("subscription") == []


def test_updates_say_what_was_before(shop: Shop) -> None:
    subscription = shop.subscription(metadata={"a": "1", "b": "2"})

    shop.v1.subscriptions.update(subscription.id, {"metadata": {"a": "3"}, "cancel_at_period_end": True})

    event = shop.simulator.objects("event")[-1]
    before = event["data"]["previous_attributes"]
    assert before["metadata"] == {"a": "1"}
    assert before["cancel_at_period_end"] is False
    assert before["cancel_at"] is None
    assert "status" not in before


def test_lists_leave_out_canceled_ones_unless_asked(shop: Shop) -> None:
    kept = shop.subscription()
    ended = shop.v1.subscriptions.cancel(shop.subscription().id)

    listed = [one.id for one in shop.v1.subscriptions.list().data]
    every = {one.id for one in shop.v1.subscriptions.list({"status": "all"}).data}
    canceled = [one.id for one in shop.v1.subscriptions.list({"status": "canceled"}).data]

    assert listed == [kept.id]
    assert every == {kept.id, ended.id}
    assert canceled == [ended.id]


def test_a_customer_without_a_card_cannot_be_charged(shop: Shop) -> None:
    customer = shop.customer(card=None)

    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        shop.subscription(customer=customer.id)
