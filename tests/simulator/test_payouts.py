"""The balance at every moment, and payouts of it: on order, on a schedule, failed, taken back."""

from datetime import UTC, datetime

import pytest
import stripe

from tests.simulator.shop import DAY, Shop

AT_ONCE = "pm_card_bypassPending"
TUESDAY = "2027-06-01T10:00:00"


def available(shop: Shop, currency: str = "usd") -> int:
    """What can be paid out."""
    return next((one.amount for one in shop.v1.balance.retrieve().available if one.currency == currency), 0)


def pay_out(shop: Shop, amount: int) -> stripe.Payout:
    """A payout by hand."""
    return shop.v1.payouts.create({"amount": amount, "currency": "usd"})


def days_of(payouts: list[stripe.Payout]) -> list[str]:
    """When they were made, oldest first."""
    return [datetime.fromtimestamp(one.created, UTC).strftime("%m-%d %H:%M") for one in payouts[::-1]]


def test_the_balance_is_right_before_and_after_its_day(shop: Shop) -> None:
    shop.simulator.reset(now=TUESDAY)
    shop.paid_charge(1500, "usd")
    shop.simulator.advance(seconds=DAY)
    shop.paid_charge(2500, "usd")

    shown = []
    for day in ("2027-06-02T23:59:59", "2027-06-03T00:00:00", "2027-06-04T00:00:00"):
        shop.simulator.advance(to=day)
        balance = shop.v1.balance.retrieve()
        shown.append((balance.available[0].amount, balance.pending[0].amount))

    assert shown == [(0, 3823), (1426, 2397), (3823, 0)]
    assert shop.event_types().count("balance.available") == 2


def test_money_that_only_goes_back_is_not_announced(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd", AT_ONCE)
    announced = shop.event_types().count("balance.available")
    shop.v1.refunds.create({"charge": charge.id})

    shop.simulator.advance(seconds=5 * DAY)

    assert announced == 1
    assert shop.event_types().count("balance.available") == 1


def test_a_payout_by_hand_leaves_the_balance_and_arrives(shop: Shop) -> None:
    shop.simulator.reset(now=TUESDAY)
    shop.paid_charge(10_000, card=AT_ONCE)
    before = available(shop)

    payout = pay_out(shop, 4000)
    assert (payout.status, payout.automatic, payout.reconciliation_status) == (
        "pending",
        False,
        "not_applicable",
    )
    assert available(shop) == before - 4000
    shop.simulator.advance(to="2027-06-02T12:00:00")
    assert shop.v1.payouts.retrieve(payout.id).status == "in_transit"
    shop.simulator.advance(to=payout.arrival_date)

    assert shop.v1.payouts.retrieve(payout.id).status == "paid"
    transaction = shop.v1.balance_transactions.retrieve(str(payout.balance_transaction))
    assert (transaction.type, transaction.amount, transaction.source) == ("payout", -4000, payout.id)
    told = [name for name in shop.event_types() if name.startswith("payout.")]
    assert told == ["payout.created", "payout.updated", "payout.paid"]


def test_no_more_is_paid_out_than_is_available(shop: Shop) -> None:
    shop.paid_charge(10_000)

    with pytest.raises(stripe.InvalidRequestError, match="insufficient available funds") as refused:
        pay_out(shop, 100)
    with pytest.raises(stripe.InvalidRequestError, match="greater than or equal to 1"):
        pay_out(shop, 0)

    assert refused.value.code == "balance_insufficient"
    assert shop.simulator.objects("payout") == []


def test_a_pending_payout_can_be_canceled_and_no_other(shop: Shop) -> None:
    shop.paid_charge(10_000, card=AT_ONCE)
    before = available(shop)
    payout = pay_out(shop, 4000)

    canceled = shop.v1.payouts.cancel(payout.id)

    assert (canceled.status, available(shop)) == ("canceled", before)
    assert isinstance(canceled.failure_balance_transaction, str)
    returned = shop.v1.balance_transactions.retrieve(canceled.failure_balance_transaction)
    assert (returned.type, returned.amount) == ("payout_cancel", 4000)
    assert shop.event_types()[-1] == "payout.canceled"
    shop.simulator.advance(seconds=3 * DAY)
    assert shop.v1.payouts.retrieve(payout.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="only be canceled while pending"):
        shop.v1.payouts.cancel(payout.id)


def test_a_payout_the_bank_refuses_comes_back(shop: Shop) -> None:
    shop.simulator.settings(payout_failure="account_closed")
    shop.paid_charge(10_000, card=AT_ONCE)
    before = available(shop)
    payout = pay_out(shop, 4000)

    shop.simulator.advance(seconds=3 * DAY)

    failed = shop.v1.payouts.retrieve(payout.id)
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert failed.failure_message == "The bank account has been closed."
    assert available(shop) == before
    types = [one.type for one in shop.v1.balance_transactions.list({"type": "payout_failure"}).data]
    assert types == ["payout_failure"]
    assert "payout.failed" in shop.event_types()


def test_a_paid_payout_can_be_taken_back_once(shop: Shop) -> None:
    shop.paid_charge(10_000, card=AT_ONCE)
    before = available(shop)
    payout = pay_out(shop, 4000)
    with pytest.raises(stripe.InvalidRequestError, match="only be reversed once paid"):
        shop.v1.payouts.reverse(payout.id)
    shop.simulator.advance(seconds=3 * DAY)

    back = shop.v1.payouts.reverse(payout.id)

    assert (back.amount, back.original_payout) == (-4000, payout.id)
    assert shop.v1.payouts.retrieve(payout.id).reversed_by == back.id
    assert available(shop) == before
    with pytest.raises(stripe.InvalidRequestError, match="already been reversed"):
        shop.v1.payouts.reverse(payout.id)


def test_daily_payouts_pay_out_everything_and_list_what_is_in_them(shop: Shop) -> None:
    shop.simulator.reset(now=TUESDAY)
    shop.simulator.settings(payout_schedule="daily")
    first = shop.paid_charge(1500, "usd")
    shop.v1.refunds.create({"charge": first.id, "amount": 300})
    shop.paid_charge(900, "eur")
    shop.simulator.advance(seconds=DAY)
    shop.paid_charge(2500, "usd")

    shop.simulator.advance(to="2027-06-04T12:00:00")

    payouts = shop.v1.payouts.list().data
    assert days_of(payouts) == ["06-03 00:00", "06-03 00:00", "06-04 00:00"]
    assert sorted((one.currency, one.amount) for one in payouts) == [
        ("eur", 849),
        ("usd", 1126),
        ("usd", 2397),
    ]
    for payout in payouts:
        inside = shop.v1.balance_transactions.list({"payout": payout.id}).data
        assert sum(one.net for one in inside if one.type != "payout") == payout.amount
        assert [one.id for one in inside if one.type == "payout"] == [payout.balance_transaction]
        assert payout.reconciliation_status == "completed"
    assert (available(shop), available(shop, "eur")) == (0, 0)
    assert shop.event_types().count("payout.reconciliation_completed") == 3


@pytest.mark.parametrize(("schedule", "day"), [("weekly", "06-07 00:00"), ("monthly", "07-01 00:00")])
def test_a_schedule_waits_for_its_day(shop: Shop, schedule: str, day: str) -> None:
    shop.simulator.reset(now=TUESDAY)
    shop.simulator.settings(payout_schedule=schedule)
    shop.paid_charge()
    shop.simulator.advance(seconds=2 * DAY)
    shop.paid_charge()

    shop.simulator.advance(seconds=35 * DAY)

    payouts = shop.v1.payouts.list().data
    assert days_of(payouts) == [day]
    assert payouts[0].amount == 2 * 1426


def test_what_failed_to_arrive_is_in_the_next_payout(shop: Shop) -> None:
    shop.simulator.reset(now=TUESDAY)
    shop.simulator.settings(payout_schedule="daily", payout_failure="no_account")
    shop.paid_charge()
    shop.simulator.advance(to="2027-06-05T12:00:00")
    shop.simulator.settings(payout_failure=None)
    shop.paid_charge()

    shop.simulator.advance(seconds=5 * DAY)

    assert [one.status for one in shop.v1.payouts.list().data] == ["paid", "failed"]
    assert shop.v1.payouts.list({"status": "paid"}).data[0].amount == 2 * 1426


def test_nothing_is_paid_out_unless_a_schedule_is_set(shop: Shop) -> None:
    shop.paid_charge()

    shop.simulator.advance(seconds=40 * DAY)

    assert shop.v1.payouts.list().data == []


def test_an_automatic_payout_cannot_be_canceled(shop: Shop) -> None:
    shop.simulator.settings(payout_schedule="daily")
    shop.paid_charge()
    shop.simulator.advance(seconds=2 * DAY)
    [payout] = shop.v1.payouts.list().data

    with pytest.raises(stripe.InvalidRequestError, match="Automatic payouts"):
        shop.v1.payouts.cancel(payout.id)


def test_payouts_are_listed_by_the_day_they_arrive(shop: Shop) -> None:
    shop.paid_charge(10_000, card=AT_ONCE)
    first = pay_out(shop, 100)
    shop.simulator.advance(seconds=3 * DAY)
    second = pay_out(shop, 200)

    later = shop.v1.payouts.list({"arrival_date": {"gt": first.arrival_date}}).data

    assert [one.id for one in later] == [second.id]


def test_a_payout_carries_metadata(shop: Shop) -> None:
    shop.paid_charge(10_000, card=AT_ONCE)

    updated = shop.v1.payouts.update(pay_out(shop, 100).id, {"metadata": {"a": "1"}})

    assert updated.metadata is not None
    assert updated.metadata["a"] == "1"
    assert shop.event_types()[-1] == "payout.updated"
