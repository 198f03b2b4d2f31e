"""Money that banks take back: in the books as Stripe booked it, on the receipt, on the record."""

import pytest

from app.billing.models import Dispute, Payment
from app.billing.statuses import DisputeStatus
from app.flows.draw import draw_receipt
from app.flows.sync import SyncOutcome, sync_at_once
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Account, Direction, Entry, EntryKind, Posting
from app.outbox.models import QueuedMail
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from tests.support.cast import ADA, ASKED_ABOUT, DISPUTED_AT_ONCE
from tests.support.compare import differences, stripe_balance
from tests.support.pdf import text_of
from tests.support.world import World

FEE = {"usd": 1500, "eur": 2000}


def held(world: World) -> dict[str, int]:
    with world.parts.sessions() as session:
        return stripe_balance(session)


def moved(world: World, account: Account) -> list[tuple[Direction, int]]:
    lines = world.rows(Posting, Posting.account == account)
    return [(line.direction, line.amount_minor) for line in lines]


def notes(world: World) -> list[NoteKind]:
    return [note.kind for note in world.rows(ReceiptNote)]


def disputed_gift(world: World, *, card: str = DISPUTED_AT_ONCE, currency: str = "eur") -> str:
    """Let Ada give, and her bank dispute it; returns the dispute."""
    world.give(ADA, Money(2500, currency), Interval.once, card=card)
    return world.one(Dispute).stripe_dispute_id


def decide(world: World, dispute_id: str, *, won: bool) -> None:
    """Have the bank decide, and let it come through."""
    world.stripe.advance(seconds=60)
    world.stripe.door(f"disputes/{dispute_id}", {"won": won})
    world.settle()


def agrees(world: World) -> bool:
    """Whether all rows agree, and the ledger with what Stripe says it holds."""
    assert held(world) == world.parts.gateway.fetch_balance()
    assert differences(world.parts.sessions, world.stripe) == []
    return True


@pytest.mark.parametrize("currency", ["eur", "usd"])
def test_a_dispute_takes_payment_and_fee_to_accounts_of_their_own(world: World, currency: str) -> None:
    disputed_gift(world, currency=currency)

    assert [entry.kind for entry in world.rows(Entry)] == [EntryKind.payment, EntryKind.dispute]
    assert moved(world, Account.disputes) == [(Direction.debit, 2500)]
    assert moved(world, Account.dispute_fees) == [(Direction.debit, FEE[currency])]
    assert world.one(Dispute).status is DisputeStatus.needs_response
    assert agrees(world)


def test_edge_16_a_disputed_payment_is_not_thanked_again_and_its_receipt_says_so(world: World) -> None:
    disputed_gift(world)

    receipt = world.one(Receipt)
    assert notes(world) == [NoteKind.disputed]
    assert "Taken back by the payer’s bank" in text_of(draw_receipt(world.parts, receipt.id).pdf)
    assert len(world.rows(QueuedMail)) == 1
    assert world.rows(CreditNote) == []
    assert agrees(world)


def test_edge_16_a_dispute_that_is_won_comes_back_and_the_books_show_the_fee(world: World) -> None:
    dispute_id = disputed_gift(world)

    decide(world, dispute_id, won=True)

    assert moved(world, Account.disputes) == [(Direction.debit, 2500), (Direction.credit, 2500)]
    assert moved(world, Account.dispute_fees) == [(Direction.debit, 2000)]
    assert notes(world) == [NoteKind.disputed, NoteKind.dispute_won]
    row = world.one(Dispute)
    assert row.status is DisputeStatus.won
    assert row.withdrawn_at
    assert row.returned_at
    assert row.withdrawn_at < row.returned_at
    assert agrees(world)


def test_a_dispute_that_is_lost_moves_nothing_more(world: World) -> None:
    dispute_id = disputed_gift(world)

    decide(world, dispute_id, won=False)

    assert moved(world, Account.disputes) == [(Direction.debit, 2500)]
    assert notes(world) == [NoteKind.disputed, NoteKind.dispute_lost]
    assert agrees(world)


def test_a_dispute_nobody_answers_is_lost_on_its_day(world: World) -> None:
    disputed_gift(world)

    world.advance(days=12)
    world.settle()

    assert world.one(Dispute).status is DisputeStatus.lost
    assert notes(world) == [NoteKind.disputed, NoteKind.dispute_lost]
    assert agrees(world)


def test_a_bank_that_only_asks_moves_no_money_and_leaves_the_receipt_alone(world: World) -> None:
    disputed_gift(world, card=ASKED_ABOUT)

    assert world.one(Dispute).status is DisputeStatus.warning_needs_response
    assert world.one(Dispute).withdrawn_at is None
    assert [entry.kind for entry in world.rows(Entry)] == [EntryKind.payment]
    assert notes(world) == []
    assert agrees(world)


def test_an_inquiry_that_becomes_a_chargeback_takes_the_money_then(world: World) -> None:
    dispute_id = disputed_gift(world, card=ASKED_ABOUT)

    world.v1.disputes.update(
        dispute_id, {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}, "submit": True}
    )
    world.advance(days=0.01)
    world.settle()

    assert world.one(Dispute).status is DisputeStatus.needs_response
    assert moved(world, Account.disputes) == [(Direction.debit, 2500)]
    assert notes(world) == [NoteKind.disputed]
    assert agrees(world)


def test_a_part_that_is_disputed_is_all_that_is_taken_back(world: World) -> None:
    world.give(ADA, Money(2500, "eur"), Interval.once)
    charge_id = world.one(Payment).stripe_charge_id
    world.stripe.door("disputes", {"charge": charge_id, "reason": "duplicate", "amount": 700})
    world.settle()

    assert moved(world, Account.disputes) == [(Direction.debit, 700)]
    assert world.one(ReceiptNote).amount_minor == 700
    assert agrees(world)


def test_a_dispute_of_a_converted_gift_is_booked_at_the_gifts_rate_and_remembered_as_given(
    world: World,
) -> None:
    world.stripe.settings(settlement_currency="eur")
    dispute_id = disputed_gift(world, currency="usd")
    decide(world, dispute_id, won=True)

    assert {entry.currency for entry in world.rows(Entry)} == {"eur"}
    memos = [(entry.given_minor, entry.given_currency) for entry in world.rows(Entry)]
    assert memos == [(2500, "usd"), (-2500, "usd"), (2500, "usd")]
    assert agrees(world)


def test_a_dispute_told_before_its_payment_waits_for_it(world: World) -> None:
    session_id = world.open_session(world.form(ADA, Money(2500, "eur"), Interval.once))
    world.pay(session_id, ADA, card=DISPUTED_AT_ONCE)
    world.collect()
    (dispute,) = world.stripe.objects("dispute")

    synced = sync_at_once(world.parts, (ObjectType.dispute, dispute["id"]), now=utc_now())

    assert synced
    assert synced.outcome is SyncOutcome.postponed
    assert world.rows(Dispute) == []
    world.settle()
    assert notes(world) == [NoteKind.disputed]
    assert agrees(world)


def test_a_dispute_can_be_synced_for_ever_with_the_same_result(world: World) -> None:
    dispute_id = disputed_gift(world)
    decide(world, dispute_id, won=True)
    before = (held(world), notes(world), len(world.rows(Entry)))

    for _ in range(3):
        sync_at_once(world.parts, (ObjectType.dispute, dispute_id), now=utc_now())

    assert (held(world), notes(world), len(world.rows(Entry))) == before
