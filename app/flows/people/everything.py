"""Everything that is held about a member, table by table."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks.models import Ask
from app.billing.models import (
    Customer,
    Dispute,
    Invoice,
    Payment,
    Refund,
    Subscription,
)
from app.db import Base, reading
from app.flows.parts import Parts
from app.gifts.models import Gift, GiftPeriod
from app.giving.models import Note, Pledge
from app.kernel.clock import local_date
from app.ledger.models import Entry
from app.members.merging import list_ids
from app.members.models import AddressChange, Member, MembershipFact, Merge
from app.outbox.models import MailRefusal, QueuedMail
from app.receipts.models import CreditNote, Receipt, ReceiptNote
from app.signing_in.models import ReaderSession, SignInRequest

Row = dict[str, Any]
Ids = Collection[UUID]
"""Of all records that are one person."""

_OURS = frozenset(
    "lease_token lease_until opening_token opening_until resume_key form_nonce form_digest nonce "
    "address_digest key_hash code_hash link_hash".split()
)
"""Columns by which processes take turns and forms are told apart: they say nothing of anybody."""
_SEALED = "sealed_"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held about one member: a section for each kind of thing, by its name."""

    sections: Mapping[str, list[Row]]
    on: date
    """The day it was put together, where the newsroom is."""


def _customers_of(member_ids: Ids) -> sa.Select[str]:
    return sa.select(Customer.stripe_customer_id).where(Customer.member_id.in_(member_ids))


def _subscriptions_of(member_ids: Ids) -> sa.Select[str]:
    return sa.select(Subscription.stripe_subscription_id).where(Subscription.member_id.in_(member_ids))


def _made_by(member_ids: Ids) -> sa.ColumnElement[bool]:
    """Tell the payments of a member; those that failed or wait are known by the customer alone."""
    by_customer = Payment.stripe_customer_id.in_(_customers_of(member_ids))
    return sa.or_(Payment.member_id.in_(member_ids), by_customer)


def _intents_of(member_ids: Ids) -> sa.Select[str]:
    return sa.select(Payment.stripe_payment_intent_id).where(_made_by(member_ids))


def _pledges_of(member_ids: Ids) -> sa.CompoundSelect[UUID | None]:
    return sa.union(
        sa.select(Subscription.pledge_id).where(Subscription.member_id.in_(member_ids)),
        sa.select(Payment.pledge_id).where(_made_by(member_ids)),
    )


def _objects_of(member_ids: Ids) -> sa.CompoundSelect[str]:
    return sa.union(_customers_of(member_ids), _subscriptions_of(member_ids), _intents_of(member_ids))


Section = tuple[type[Base], Callable[[Ids], sa.ColumnElement[bool]]]

SECTIONS: dict[str, Section] = {
    "supports": (Subscription, Subscription.member_id.in_),
    "facts_of_support": (MembershipFact, MembershipFact.member_id.in_),
    "pledges": (Pledge, lambda member_ids: Pledge.id.in_(_pledges_of(member_ids))),
    "words_you_sent": (Note, Note.member_id.in_),
    "gifts_you_gave": (Gift, Gift.member_id.in_),
    "gifts_you_claimed": (GiftPeriod, GiftPeriod.member_id.in_),
    "payments": (Payment, _made_by),
    "invoices": (
        Invoice,
        lambda member_ids: Invoice.stripe_subscription_id.in_(_subscriptions_of(member_ids)),
    ),
    "refunds": (Refund, lambda member_ids: Refund.stripe_payment_intent_id.in_(_intents_of(member_ids))),
    "disputes": (Dispute, lambda member_ids: Dispute.stripe_payment_intent_id.in_(_intents_of(member_ids))),
    "receipts": (Receipt, Receipt.member_id.in_),
    "credit_notes": (CreditNote, CreditNote.member_id.in_),
    "remarks_on_receipts": (
        ReceiptNote,
        lambda member_ids: ReceiptNote.receipt_id.in_(
            sa.select(Receipt.id).where(Receipt.member_id.in_(member_ids))
        ),
    ),
    "entries_in_the_books": (Entry, Entry.member_id.in_),
    "asked_of_stripe_for_you": (Ask, lambda member_ids: Ask.stripe_object_id.in_(_objects_of(member_ids))),
    "customers_at_stripe": (Customer, Customer.member_id.in_),
    "changes_of_address": (AddressChange, AddressChange.member_id.in_),
    "browsers_signed_in": (ReaderSession, ReaderSession.member_id.in_),
    "wishes_to_sign_in": (SignInRequest, SignInRequest.member_id.in_),
    "mails_you_do_without": (MailRefusal, MailRefusal.member_id.in_),
    "mails_to_you": (QueuedMail, QueuedMail.member_id.in_),
    "records_made_one": (Merge, Merge.kept_id.in_),
}
"""Every table with rows about a member; a test holds it to the database."""


def collect(parts: Parts, member_id: UUID, *, now: datetime) -> Held:
    """Return all that is held about a member, unsealed for their own eyes.

    Where two records became one, each says who it is, and opens what was sealed for it.
    """
    with reading(parts.sessions) as session:
        members = [session.get_one(Member, one) for one in list_ids(session, member_id)]
        owners: dict[UUID | None, UUID | None] = {member.id: member.person_id for member in members}
        sections = {"you": [_about(session, parts, member) for member in members]}
        for name, (model, is_theirs) in SECTIONS.items():
            theirs = (
                sa.select(model)
                .where(is_theirs([member.id for member in members]))
                .order_by(*sa.inspect(model).primary_key)
            )
            sections[name] = [
                _told(session, parts, owners.get(getattr(row, "member_id", None)), row)
                for row in session.scalars(theirs)
            ]
        return Held(sections=sections, on=local_date(now, parts.newsroom.zone))


def _about(session: Session, parts: Parts, member: Member) -> Row:
    person = parts.vault.find_person(session, member.person_id) if member.person_id else None
    return {
        **_told(session, parts, member.person_id, member),
        "name": person.name if person else None,
        "address": person.address if person else None,
    }


def _told(session: Session, parts: Parts, person_id: UUID | None, row: Base) -> Row:
    """Return a row by its columns' names; what is sealed for the person stands there in clear."""
    told: Row = {}
    for column in sa.inspect(type(row)).columns:
        if column.name in _OURS:
            continue
        value = getattr(row, column.key)
        if column.name.startswith(_SEALED):
            clear = parts.vault.unseal_for_person(session, person_id, value)
            told[column.name.removeprefix(_SEALED)] = clear
        else:
            told[column.name] = value
    return told
