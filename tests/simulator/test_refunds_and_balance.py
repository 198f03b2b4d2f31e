"""Refunds, balance transactions, fees, currencies: money is conserved."""

import pytest
import stripe

from app.simulator.engine.money import convert, exchange_rate, least_amount, settle
from tests.simulator.shop import DAY, Shop


def balance(shop: Shop) -> dict[str, int]:
    """Available and pending together, by currency."""
    shown = shop.v1.balance.retrieve().to_dict()
    sums: dict[str, int] = {}
    for part in [*shown["available"], *shown["pending"]]:
        sums[part["currency"]] = sums.get(part["currency"], 0) + part["amount"]
    return sums


def test_a_charge_of_1500_costs_74(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd")

    assert isinstance(charge.balance_transaction, str)
    transaction = shop.v1.balance_transactions.retrieve(charge.balance_transaction)

    assert (transaction.amount, transaction.fee, transaction.net) == (1500, 74, 1426)
    assert transaction.exchange_rate is None
    assert [detail.amount for detail in transaction.fee_details] == [74]
    assert transaction.source == charge.id
    assert transaction.status == "pending"


def test_money_becomes_available_after_two_days(shop: Shop) -> None:
    shop.paid_charge(1500, "usd")
    assert shop.v1.balance.retrieve().available[0].amount == 0

    shop.simulator.advance(seconds=2 * DAY)

    assert shop.v1.balance.retrieve().available[0].amount == 1426
    assert shop.simulator.objects("balance_transaction")[0]["status"] == "available"


def test_a_foreign_currency_settles_at_the_accounts_own(shop: Shop) -> None:
    shop.simulator.settings(settlement_currency="usd")
    charge = shop.paid_charge(10000, "jpy")

    transaction = shop.v1.balance_transactions.retrieve(str(charge.balance_transaction))

    assert transaction.currency == "usd"
    assert transaction.amount == 6667
    assert str(transaction.exchange_rate) == "0.006667"
    assert transaction.net == transaction.amount - transaction.fee


def test_a_full_refund_of_a_foreign_charge_gives_back_exactly_what_was_settled(shop: Shop) -> None:
    shop.simulator.settings(settlement_currency="usd")
    charge = shop.paid_charge(10001, "jpy")

    shop.v1.refunds.create({"charge": charge.id})

    amounts = [one["amount"] for one in shop.simulator.objects("balance_transaction")]
    assert amounts[0] == -amounts[1]


def test_partial_refunds_add_up_and_no_further(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd")

    shop.v1.refunds.create({"charge": charge.id, "amount": 500})
    partly = shop.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        shop.v1.refunds.create({"charge": charge.id, "amount": 1001})
    shop.v1.refunds.create({"payment_intent": str(charge.payment_intent)})
    fully = shop.v1.charges.retrieve(charge.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"charge": charge.id})

    assert (partly.amount_refunded, partly.refunded) == (500, False)
    assert partly.refunds is not None
    assert len(partly.refunds.data) == 1
    assert (fully.amount_refunded, fully.refunded) == (1500, True)
    assert refused.value.code == "charge_already_refunded"
    assert balance(shop) == {"usd": -74}


def test_a_refund_can_fail_later_and_the_money_comes_back(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd", "pm_card_refundFail")
    refund = shop.v1.refunds.create({"charge": charge.id})
    assert refund.status == "succeeded"

    shop.simulator.advance(seconds=DAY)

    failed = shop.v1.refunds.retrieve(refund.id)
    assert failed.status == "failed"
    assert failed.failure_reason == "expired_or_canceled_card"
    assert failed.failure_balance_transaction is not None
    assert shop.v1.charges.retrieve(charge.id).amount_refunded == 0
    assert balance(shop) == {"usd": 1426}
    assert "refund.failed" in shop.event_types()


def test_a_refund_can_be_pending_first(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "usd", "pm_card_pendingRefund")
    refund = shop.v1.refunds.create({"charge": charge.id})
    assert refund.status == "pending"

    shop.simulator.advance(seconds=DAY)

    assert shop.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert "refund.updated" in shop.event_types()


def test_a_failed_charge_cannot_be_refunded(shop: Shop) -> None:
    with pytest.raises(stripe.CardError):
        shop.paid_charge(card="pm_card_chargeDeclined")
    [charge] = shop.simulator.objects("charge")

    with pytest.raises(stripe.InvalidRequestError, match="has not succeeded"):
        shop.v1.refunds.create({"charge": charge["id"]})


def test_money_is_conserved_over_charges_and_refunds(shop: Shop) -> None:
    for amount, currency in ((1500, "usd"), (999, "usd"), (200, "eur"), (500, "jpy"), (1500, "kwd")):
        charge = shop.paid_charge(amount, currency)
        shop.v1.refunds.create({"charge": charge.id, "amount": amount // 3 // 10 * 10})

    sums: dict[str, int] = {}
    for one in shop.simulator.objects("balance_transaction"):
        assert one["net"] == one["amount"] - one["fee"]
        sums[one["currency"]] = sums.get(one["currency"], 0) + one["net"]
    assert balance(shop) == sums


def test_the_balance_transaction_may_come_later(shop: Shop) -> None:
    shop.simulator.settings(balance_delay_seconds=600)
    charge = shop.paid_charge()
    assert charge.balance_transaction is None

    shop.simulator.advance(seconds=601)

    assert shop.v1.charges.retrieve(charge.id).balance_transaction is not None
    assert shop.event_types()[-1] == "charge.updated"


def test_the_event_of_a_charge_is_born_before_its_balance_transaction(shop: Shop) -> None:
    shop.paid_charge()

    born = {event["type"]: event["data"] for event in shop.simulator.objects("event")}

    assert born["charge.succeeded"]["object"]["balance_transaction"] is None
    assert born["charge.updated"]["object"]["balance_transaction"] is not None
    assert born["charge.updated"]["previous_attributes"] == {"balance_transaction": None}


@pytest.mark.parametrize(
    ("currency", "least"),
    [("usd", 50), ("jpy", 50), ("gbp", 30), ("huf", 17500), ("kwd", 154), ("uah", 2050)],
)
def test_each_currency_has_its_least_amount(currency: str, least: int) -> None:
    assert least_amount(currency) == least


def test_a_fee_is_never_more_than_the_amount() -> None:
    assert settle(10, "usd", None).fee == 10


def test_conversion_minds_both_exponents() -> None:
    assert convert(1500, "kwd", "usd", exchange_rate("kwd", "usd")) == 487
    assert convert(100, "usd", "jpy", exchange_rate("usd", "jpy")) == 150
