"""What pictures of refunds leave in our rows: in the books, and what answers them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Dispute, Refund
from app.billing.statuses import RefundStatus
from app.giving.models import Campaign
from app.inbox.models import ObjectType
from app.kernel.money import Money
from app.ledger.models import Entry, EntryKind
from app.outbox.models import MailKind
from app.projection.context import Context, NeedsFirst
from app.projection.dispute import project_dispute
from app.projection.payment import project_payment
from app.projection.refund import project_refund
from app.receipts.models import CreditNote, NoteKind, Receipt, ReceiptNote
from tests.projection.rows import add_member, add_pledge, all_of, letters, only, values
from tests.support import pictures
from tests.support.cast import ADA
from tests.support.pictures import BEGUN, DAY, FIVE, HOUR, NOTHING, NOW

CAME_BACK = pictures.balance(
    id="txn_failure",
    category="refund_failure",
    source_id="re_1",
    gross=FIVE,
    fee=NOTHING,
    created_at=BEGUN + DAY,
)


def test_a_refund_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    add_member(session, setting)
    wanted = project_refund(session, pictures.refund(note_number="HC-CN-2026-000001"), setting)

    assert wanted == []
    assert values(only(session, Refund)) == {
        "stripe_refund_id": "re_1",
        "stripe_payment_intent_id": "pi_1",
        "status": RefundStatus.succeeded,
        "reason": "requested_by_customer",
        "amount_minor": 500,
        "currency": "eur",
        "stripe_balance_transaction_id": "txn_refund",
        "kept_note_number": "HC-CN-2026-000001",
        "created_at": BEGUN + HOUR,
        "synced_at": NOW,
    }


def test_a_refund_is_answered_by_a_credit_note_that_prints_what_went_back(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    project_refund(session, pictures.refund(amount=Money(200, "eur")), setting)

    receipt, note = only(session, Receipt), only(session, CreditNote)
    assert values(note, "wording") == {
        "legal_entity": "HC",
        "year": 2026,
        "serial": 1,
        "number": "HC-CN-2026-000001",
        "receipt_id": receipt.id,
        "member_id": member.id,
        "stripe_refund_id": "re_1",
        "refunded_on": date(2026, 11, 3),
        "language": "en",
        "amount_minor": 200,
        "currency": "eur",
        "sealed_name": receipt.sealed_name,
        "created_at": NOW,
    }
    assert json.loads(note.wording) == {
        "newsroom_name": "The Harbour Courier",
        "entity_name": "Harbour Courier Foundation gGmbH",
        "entity_address": ["Speicherstadt 12", "20457 Hamburg", "Germany"],
        "entity_registration": "Hamburg HRB 123456",
    }


def test_a_credit_note_names_its_receiver_by_the_same_seal_and_its_campaign_in_the_books(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session, campaign_slug="autumn")
    setting.vault.keep_contact(session, pledge.id, ADA, now=NOW)
    add_member(session, setting, pledge_id=pledge.id)
    project_refund(session, pictures.refund(), setting)

    sealed = only(session, Receipt).sealed_name
    assert sealed
    assert only(session, CreditNote).sealed_name == sealed
    assert {entry.campaign_id for entry in all_of(session, Entry)} == {only(session, Campaign).id}


def test_a_credit_note_is_mailed_once_with_the_receipt_it_answers(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    for _ in range(2):
        project_refund(session, pictures.refund(), setting)

    note = only(session, CreditNote)
    (mail,) = letters(session, MailKind.credit_note)
    assert (mail["key"], mail["about"], mail["to"]) == (f"credit-note-{note.id}", str(note.id), member.id)
    assert (mail["language"], mail["queued_at"], mail["receipt"]) == ("en", NOW, note.receipt_id)


@pytest.mark.parametrize(("silence_ends", "mails"), [(BEGUN + DAY, 0), (BEGUN + HOUR, 1)])
def test_a_refund_before_a_sweeps_silence_is_answered_and_mailed_to_nobody(
    session: Session, setting: Context, silence_ends: datetime, mails: int
) -> None:
    add_member(session, setting)
    project_refund(session, pictures.refund(), replace(setting, silent_before=silence_ends))

    assert len(all_of(session, CreditNote)) == 1
    assert len(letters(session, MailKind.credit_note)) == mails


def test_money_of_a_closed_entity_is_given_back_in_that_entitys_name(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    entity = setting.newsroom.legal_entity.model_copy(update={"key": "NEW", "name": "New Courier e.V."})
    today = replace(setting, newsroom=setting.newsroom.model_copy(update={"legal_entity": entity}))
    project_refund(session, pictures.refund(), today)

    note = only(session, CreditNote)
    wording = json.loads(note.wording)
    assert (note.legal_entity, wording["entity_name"]) == ("HC", "Harbour Courier Foundation gGmbH")
    assert set(wording) == {"newsroom_name", "entity_name", "entity_address", "entity_registration"}


def test_a_refund_is_named_as_the_entity_is_named_on_its_day(session: Session, setting: Context) -> None:
    add_member(session, setting)
    entity = setting.newsroom.legal_entity.model_copy(update={"name": "Harbour Courier gAG"})
    today = replace(setting, newsroom=setting.newsroom.model_copy(update={"legal_entity": entity}))
    project_refund(session, pictures.refund(), today)

    assert json.loads(only(session, CreditNote).wording)["entity_name"] == "Harbour Courier gAG"


def test_a_refund_takes_back_the_number_stripe_keeps_and_others_fill_the_holes(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    project_refund(session, pictures.refund(note_number="HC-CN-2026-000003"), setting)
    lost = pictures.refund(id="re_2", balance=pictures.balance(id="txn_2", category="refund", gross=-FIVE))
    project_refund(session, lost, replace(setting, restoring=True))

    numbers = {note.stripe_refund_id: note.number for note in all_of(session, CreditNote)}
    assert numbers == {"re_1": "HC-CN-2026-000003", "re_2": "HC-CN-2026-000001"}


def test_a_refund_whose_money_has_not_left_is_not_answered_yet(session: Session, setting: Context) -> None:
    add_member(session, setting)
    project_refund(session, pictures.refund(status="pending", balance=None), setting)

    assert only(session, Refund).stripe_balance_transaction_id is None
    assert all_of(session, CreditNote) == []
    assert [entry.kind for entry in all_of(session, Entry)] == [EntryKind.payment]


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_comes_back_is_booked_both_ways_and_its_payment_is_wanted(
    session: Session, setting: Context, status: str
) -> None:
    member = add_member(session, setting)
    wanted = project_refund(session, pictures.refund(status=status, failure_balance=CAME_BACK), setting)

    booked = {entry.kind: entry for entry in all_of(session, Entry)}
    assert wanted == [(ObjectType.payment_intent, "pi_1")]
    assert set(booked) == {EntryKind.payment, EntryKind.refund, EntryKind.refund_failure}
    assert {entry.member_id for entry in booked.values()} == {member.id}
    assert booked[EntryKind.refund].given_minor == -500
    assert booked[EntryKind.refund_failure].given_minor == 500


def test_the_receipt_says_of_a_refund_that_failed_when_it_did(session: Session, setting: Context) -> None:
    add_member(session, setting)
    for _ in range(2):
        project_refund(session, pictures.refund(status="failed", failure_balance=CAME_BACK), setting)

    assert values(only(session, ReceiptNote)) == {
        "receipt_id": only(session, Receipt).id,
        "kind": NoteKind.refund_failed,
        "stripe_object_id": "re_1",
        "noted_on": date(2026, 11, 4),
        "amount_minor": 500,
        "currency": "eur",
        "created_at": NOW,
    }


def test_a_refund_at_night_is_of_the_newsrooms_day(session: Session, setting: Context) -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    add_member(session, setting)
    gone = pictures.balance(id="txn_refund", category="refund", gross=-FIVE, fee=NOTHING, created_at=late)
    project_refund(session, pictures.refund(balance=gone), setting)

    assert only(session, CreditNote).number == "HC-CN-2027-000001"


def test_a_refund_of_no_payment_is_kept_and_booked_to_nobody(session: Session, setting: Context) -> None:
    wanted = project_refund(session, pictures.refund(payment_intent_id=None, status="failed"), setting)

    entry = only(session, Entry)
    assert (wanted, entry.payment_id, entry.member_id, entry.campaign_id) == ([], None, None, None)
    assert (entry.given_minor, entry.given_currency) == (-500, "eur")
    assert all_of(session, CreditNote) == []


@pytest.mark.parametrize("seen_before", [False, True])
def test_money_that_goes_back_waits_for_the_payment_it_is_of(
    session: Session, setting: Context, seen_before: bool
) -> None:
    if seen_before:
        project_payment(session, pictures.payment(status="processing", paid_at=None), setting)

    with pytest.raises(NeedsFirst) as refund_waits:
        project_refund(session, pictures.refund(), setting)
    with pytest.raises(NeedsFirst) as dispute_waits:
        project_dispute(session, pictures.dispute(), setting)

    first = (ObjectType.payment_intent, "pi_1")
    assert refund_waits.value.wanted == dispute_waits.value.wanted == first
    assert not all_of(session, Refund)
    assert not all_of(session, Dispute)


def test_a_refund_of_a_converted_gift_is_remembered_as_the_reader_saw_it(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    gone = pictures.balance(id="txn_refund", category="refund", gross=Money(-540, "usd"), fee=Money(0, "usd"))
    back = replace(gone, id="txn_back", category="refund_failure", gross=Money(540, "usd"))
    project_refund(session, pictures.refund(status="failed", balance=gone, failure_balance=back), setting)

    memos = [(one.currency, one.given_minor, one.given_currency) for one in all_of(session, Entry)]
    assert memos[1:] == [("usd", -500, "eur"), ("usd", 500, "eur")]
