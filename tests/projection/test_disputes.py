"""What pictures of disputes leave in our rows: in the books, and with the receipt."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Payment
from app.billing.statuses import DisputeStatus
from app.inbox.models import InboxEvent, ObjectType
from app.ledger.models import Entry, EntryKind
from app.projection.context import Context
from app.projection.dispute import project_dispute
from app.receipts.models import NoteKind, ReceiptNote
from tests.projection.rows import add_member, all_of, only, values
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, FIVE, NOTHING, NOW

RETURNED = pictures.withdrawal(
    id="txn_reversal", category="dispute_reversal", gross=FIVE, fee=NOTHING, created_at=BEGUN + 5 * DAY
)


def noted(session: Session) -> list[tuple[NoteKind, date]]:
    found = all_of(session, ReceiptNote)
    return sorted(((note.kind, note.noted_on) for note in found), key=lambda told: told[1])


def report_closed(session: Session, at: datetime) -> None:
    """Have Stripe report that a dispute is decided."""
    fields: dict[str, Any] = {"type": "charge.dispute.closed", "livemode": False}
    about = {"object_type": ObjectType.dispute, "object_id": "dp_1"}
    session.add(
        InboxEvent(stripe_event_id="evt_1", **fields, **about, occurred_at=at, received_at=at),
    )
    session.flush()


def test_a_dispute_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    add_member(session, setting)
    shown = pictures.dispute(balances=(pictures.withdrawal(), RETURNED), status="won")
    assert project_dispute(session, shown, setting) == []

    assert values(only(session, Dispute)) == {
        "stripe_dispute_id": "dp_1",
        "stripe_charge_id": "ch_1",
        "stripe_payment_intent_id": "pi_1",
        "status": DisputeStatus.won,
        "reason": "fraudulent",
        "amount_minor": 500,
        "currency": "eur",
        "evidence_due_at": BEGUN + 8 * DAY,
        "withdrawn_at": BEGUN + DAY,
        "returned_at": BEGUN + 5 * DAY,
        "lost_at": None,
        "created_at": BEGUN + DAY,
        "synced_at": NOW,
    }


def test_a_dispute_is_booked_to_its_member_out_and_in(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    project_dispute(session, pictures.dispute(balances=(pictures.withdrawal(), RETURNED)), setting)

    entries = all_of(session, Entry)
    assert [(entry.kind, entry.given_minor) for entry in entries[1:]] == [
        (EntryKind.dispute, -500),
        (EntryKind.dispute_reversal, 500),
    ]
    assert {entry.member_id for entry in entries} == {member.id}
    assert {entry.payment_id for entry in entries} == {only(session, Payment).id}


def test_the_receipt_tells_a_dispute_as_it_goes(session: Session, setting: Context) -> None:
    add_member(session, setting)
    project_dispute(session, pictures.dispute(), setting)
    opened = noted(session)
    project_dispute(session, pictures.dispute(balances=(pictures.withdrawal(), RETURNED)), setting)

    assert opened == [(NoteKind.disputed, date(2026, 11, 4))]
    assert noted(session) == [*opened, (NoteKind.dispute_won, date(2026, 11, 8))]
    told = {
        (note.stripe_object_id, note.amount_minor, note.created_at) for note in all_of(session, ReceiptNote)
    }
    assert told == {("dp_1", 500, NOW)}


def test_a_bank_that_only_asks_leaves_the_receipt_alone(session: Session, setting: Context) -> None:
    add_member(session, setting)
    project_dispute(session, pictures.dispute(status="warning_needs_response", balances=()), setting)

    assert (only(session, Dispute).withdrawn_at, noted(session)) == (None, [])


@pytest.mark.parametrize(
    ("reported_at", "due_at", "looked_at", "day"),
    [
        (BEGUN + 4 * DAY, BEGUN + 8 * DAY, BEGUN + 9 * DAY, date(2026, 11, 7)),
        (None, BEGUN + 8 * DAY, BEGUN + 9 * DAY, date(2026, 11, 11)),
        (None, BEGUN + 8 * DAY, BEGUN + 6 * DAY, date(2026, 11, 9)),
        (None, None, BEGUN + 9 * DAY, date(2026, 11, 4)),
    ],
)
def test_a_dispute_is_lost_when_stripe_says_so_else_when_the_answer_was_due(
    session: Session,
    setting: Context,
    reported_at: datetime | None,
    due_at: datetime | None,
    looked_at: datetime,
    day: date,
) -> None:
    add_member(session, setting)
    if reported_at:
        report_closed(session, reported_at)
    lost = pictures.dispute(status="lost", evidence_due_at=due_at)
    project_dispute(session, lost, replace(setting, now=looked_at))

    assert (NoteKind.dispute_lost, day) in noted(session)


def test_the_day_a_dispute_was_lost_is_kept_when_the_event_that_told_it_is_not(
    session: Session, setting: Context
) -> None:
    report_closed(session, BEGUN + 4 * DAY)
    lost = pictures.dispute(status="lost")
    project_dispute(session, replace(lost, payment_intent_id=None), setting)
    session.execute(sa.delete(InboxEvent))
    add_member(session, setting)
    project_dispute(session, lost, setting)

    assert only(session, Dispute).lost_at == BEGUN + 4 * DAY
    assert (NoteKind.dispute_lost, date(2026, 11, 7)) in noted(session)


def test_a_dispute_that_is_open_again_is_not_lost(session: Session, setting: Context) -> None:
    add_member(session, setting)
    project_dispute(session, pictures.dispute(status="lost"), setting)
    project_dispute(session, pictures.dispute(status="won"), setting)

    assert only(session, Dispute).lost_at is None


@pytest.mark.parametrize("method", ["sepa_debit", "us_bank_account"])
def test_a_debit_that_is_returned_is_no_dispute_to_its_giver(
    session: Session, setting: Context, method: str
) -> None:
    add_member(session, setting, method=method)
    project_dispute(session, pictures.dispute(status="lost"), setting)

    assert noted(session) == [(NoteKind.debit_returned, date(2026, 11, 4))]


def test_a_dispute_of_no_payment_is_kept_and_booked_to_nobody(session: Session, setting: Context) -> None:
    project_dispute(session, pictures.dispute(payment_intent_id=None), setting)

    assert only(session, Dispute).stripe_payment_intent_id is None
    assert only(session, Entry).member_id is None
