"""Disputes: money withdrawn with a fee, evidence that wins or loses, inquiries that come to nothing."""

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, Json


def disputed(shop: Shop, card: str = "pm_card_createDispute", amount: int = 1500) -> stripe.Dispute:
    """The dispute of a charge whose card has every payment disputed."""
    charge = shop.paid_charge(amount, card=card)
    [dispute] = shop.v1.disputes.list({"charge": charge.id}).data
    return dispute


def funds(shop: Shop, currency: str = "usd") -> int:
    """Available and pending together."""
    shown = shop.v1.balance.retrieve()
    parts = [(one.currency, one.amount) for part in (shown.available, shown.pending) for one in part]
    return sum(amount for name, amount in parts if name == currency)


def say(shop: Shop, dispute: stripe.Dispute, words: str, *, submit: bool = True) -> stripe.Dispute:
    """Answer a dispute with a text of evidence."""
    return shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}, "submit": submit})


def test_a_dispute_takes_the_money_and_a_fee_at_once(shop: Shop) -> None:
    dispute = disputed(shop)

    [withdrawal] = dispute.balance_transactions
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 1500)
    assert (withdrawal.type, withdrawal.reporting_category) == ("adjustment", "dispute")
    assert (withdrawal.amount, withdrawal.fee, withdrawal.net) == (-1500, 1500, -3000)
    assert withdrawal.source == dispute.id
    assert shop.v1.charges.retrieve(str(dispute.charge)).disputed is True
    assert funds(shop) == 1426 - 3000


def test_a_dispute_is_told_of_between_the_charge_and_its_intent(shop: Shop) -> None:
    disputed(shop)

    assert shop.event_types()[1:] == [
        "charge.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.updated",
        "payment_intent.succeeded",
        "charge.updated",
    ]


def test_what_was_not_received_says_so(shop: Shop) -> None:
    dispute = disputed(shop, "pm_card_createDisputeProductNotReceived")

    assert dispute.reason == "product_not_received"
    assert dispute.network_reason_code == "13.1"


def test_evidence_is_due_at_the_end_of_a_day(shop: Shop) -> None:
    dispute = disputed(shop)

    due = dispute.evidence_details.due_by
    assert due is not None
    assert due % DAY == DAY - 1
    assert 7 * DAY < due - dispute.created < 10 * DAY


def test_winning_evidence_brings_the_money_back_without_the_fee(shop: Shop) -> None:
    dispute = disputed(shop)

    asked = say(shop, dispute, "winning_evidence")
    shop.simulator.advance(seconds=60)

    won = shop.v1.disputes.retrieve(dispute.id)
    assert (asked.status, won.status) == ("under_review", "won")
    assert asked.evidence_details.submission_count == 1
    assert [(one.amount, one.fee) for one in won.balance_transactions] == [(-1500, 1500), (1500, 0)]
    assert funds(shop) == 1426 - 1500
    assert shop.event_types()[-3:] == [
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert shop.v1.charges.retrieve(str(dispute.charge)).disputed is True


def test_losing_evidence_loses(shop: Shop) -> None:
    dispute = disputed(shop)

    say(shop, dispute, "losing_evidence")
    shop.simulator.advance(seconds=60)

    lost = shop.v1.disputes.retrieve(dispute.id)
    assert lost.status == "lost"
    assert len(lost.balance_transactions) == 1


def test_evidence_without_a_magic_word_stays_under_review(shop: Shop) -> None:
    dispute = disputed(shop)

    say(shop, dispute, "It was delivered.")
    shop.simulator.advance(seconds=60 * DAY)

    assert shop.v1.disputes.retrieve(dispute.id).status == "under_review"


def test_evidence_can_be_kept_without_handing_it_in(shop: Shop) -> None:
    dispute = disputed(shop)

    kept = say(shop, dispute, "winning_evidence", submit=False)
    shop.simulator.advance(seconds=60)

    assert (kept.status, kept.evidence.uncategorized_text) == ("needs_response", "winning_evidence")
    assert kept.evidence_details.has_evidence is True
    assert kept.evidence_details.submission_count == 0


def test_a_dispute_nobody_answers_is_lost_when_evidence_is_due(shop: Shop) -> None:
    dispute = disputed(shop)

    shop.simulator.advance(seconds=10 * DAY)

    lost = shop.v1.disputes.retrieve(dispute.id)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_closing_accepts_the_loss_for_good(shop: Shop) -> None:
    dispute = disputed(shop)

    assert shop.v1.disputes.close(dispute.id).status == "lost"

    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        shop.v1.disputes.close(dispute.id)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        say(shop, dispute, "winning_evidence")


def test_a_charge_taken_back_cannot_be_refunded_until_it_is_won(shop: Shop) -> None:
    dispute = disputed(shop)
    with pytest.raises(stripe.InvalidRequestError, match="charged back") as refused:
        shop.v1.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"

    say(shop, dispute, "winning_evidence")
    shop.simulator.advance(seconds=60)

    assert shop.v1.refunds.create({"charge": str(dispute.charge)}).status == "succeeded"


def test_an_inquiry_moves_no_money_and_ends_by_itself(shop: Shop) -> None:
    inquiry = disputed(shop, "pm_card_createDisputeInquiry")
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.is_charge_refundable is True

    shop.simulator.advance(seconds=121 * DAY)

    assert shop.v1.disputes.retrieve(inquiry.id).status == "warning_closed"
    assert funds(shop) == 1426
    assert "charge.dispute.funds_withdrawn" not in shop.event_types()


def test_an_inquiry_can_become_a_chargeback(shop: Shop) -> None:
    inquiry = disputed(shop, "pm_card_createDisputeInquiry")

    assert say(shop, inquiry, "escalate_inquiry_evidence").status == "warning_under_review"
    shop.simulator.advance(seconds=60)

    escalated = shop.v1.disputes.retrieve(inquiry.id)
    assert escalated.status == "needs_response"
    assert [one.amount for one in escalated.balance_transactions] == [-1500]


def test_a_dispute_of_a_foreign_charge_is_settled_at_the_charges_rate(shop: Shop) -> None:
    shop.simulator.settings(settlement_currency="usd")
    charge = shop.paid_charge(10000, "jpy", "pm_card_createDispute")

    [withdrawal] = shop.v1.disputes.list({"charge": charge.id}).data[0].balance_transactions

    assert (withdrawal.amount, withdrawal.currency, withdrawal.fee) == (-6667, "usd", 1500)


def test_another_currency_has_another_fee(shop: Shop) -> None:
    charge = shop.paid_charge(1500, "eur", "pm_card_createDispute")

    [withdrawal] = shop.v1.disputes.list({"charge": charge.id}).data[0].balance_transactions

    assert (withdrawal.currency, withdrawal.fee) == ("eur", 2000)


def test_disputes_are_listed_by_what_they_are_about(shop: Shop) -> None:
    first, second = disputed(shop), disputed(shop)

    by_intent = shop.v1.disputes.list({"payment_intent": str(first.payment_intent)}).data

    assert [one.id for one in by_intent] == [first.id]
    assert [one.id for one in shop.v1.disputes.list().data] == [second.id, first.id]
    with pytest.raises(stripe.InvalidRequestError, match="No such dispute") as refused:
        shop.v1.disputes.retrieve("du_none")
    assert refused.value.param == "dispute"


def test_a_bank_can_be_told_to_dispute_and_to_decide(shop: Shop) -> None:
    charge = shop.paid_charge(1500)

    opened = shop.simulator.door(
        "disputes", {"charge": charge.id, "reason": "subscription_canceled", "amount": 500}
    )
    decided = shop.simulator.door(f"disputes/{opened['id']}", {"won": True})

    assert (opened["status"], opened["amount"], opened["reason"]) == (
        "needs_response",
        500,
        "subscription_canceled",
    )
    assert decided["status"] == "won"
    assert funds(shop) == 1426 - 1500
    assert "charge.updated" in shop.event_types()[-6:]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": 1501}, "can be of 1 to 1500"),
        ({"amount": 0}, "can be of"),
        ({"reason": "no"}, "Invalid reason"),
    ],
)
def test_no_bank_disputes_what_was_never_paid(shop: Shop, fields: Json, words: str) -> None:
    charge = shop.paid_charge(1500)

    with pytest.raises(DoorRefused, match=words):
        shop.simulator.door("disputes", {"charge": charge.id, **fields})

    assert shop.v1.disputes.list().data == []
