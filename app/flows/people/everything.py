"""Everything that is held about a member, table by table."""

from collections.abc import Callable, Mapping
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
from app.giving.models import Note, Pledge
from app.kernel.clock import local_date
from app.ledger.models import Entry
from app.members.models import AddressChange, Member, MembershipFact
from app.outbox.models import MailRefusal, QueuedMail
from app.receipts.models import CreditNote, Receipt, ReceiptNote
from app.signing_in.models import ReaderSession, SignInRequest

Row = dict[str, Any]

_OURS = frozenset(
    "lease_token lease_until opening_token opening_until resume_key form_nonce form_digest nonce "
    "address_digest key_hash".split()
)
"""Columns by which processes take turns and forms are told apart: they say nothing of anybody."""
_SEALED = "sealed_"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held about one member: a section for each kind of thing, by its name."""

    sections: Mapping[str, list[Row]]
    on: date
    """The day it was put together, where the newsroom is."""


def _customers_of(member_id: UUID) -> sa.Select[str]:
    return sa.select(Customer.stripe_customer_id).where(Customer.member_id == member_id)


def _subscriptions_of(member_id: UUID) -> sa.Select[str]:
    return sa.select(Subscription.stripe_subscription_id).where(Subscription.member_id == member_id)


def _made_by(member_id: UUID) -> sa.ColumnElement[bool]:
    """Tell the payments of a member; those that failed or wait are known by the customer alone."""
    by_customer = Payment.stripe_customer_id.in_(_customers_of(member_id))
    return sa.or_(Payment.member_id == member_id, by_customer)


def _intents_of(member_id: UUID) -> sa.Select[str]:
    return sa.select(Payment.stripe_payment_intent_id).where(_made_by(member_id))


def _pledges_of(member_id: UUID) -> sa.CompoundSelect[UUID | None]:
    return sa.union(
        sa.select(Subscription.pledge_id).where(Subscription.member_id == member_id),
        sa.select(Payment.pledge_id).where(_made_by(member_id)),
    )


def _objects_of(member_id: UUID) -> sa.CompoundSelect[str]:
    return sa.union(_customers_of(member_id), _subscriptions_of(member_id), _intents_of(member_id))


Section = tuple[type[Base], Callable[[UUID], sa.ColumnElement[bool]]]

SECTIONS: dict[str, Section] = {
    "supports": (Subscription, lambda member_id: Subscription.member_id == member_id),
    "facts_of_support": (MembershipFact, lambda member_id: MembershipFact.member_id == member_id),
    "pledges": (Pledge, lambda member_id: Pledge.id.in_(_pledges_of(member_id))),
    "words_you_sent": (Note, lambda member_id: Note.member_id == member_id),
    "payments": (Payment, _made_by),
    "invoices": (Invoice, lambda member_id: Invoice.stripe_subscription_id.in_(_subscriptions_of(member_id))),
    "refunds": (Refund, lambda member_id: Refund.stripe_payment_intent_id.in_(_intents_of(member_id))),
    "disputes": (Dispute, lambda member_id: Dispute.stripe_payment_intent_id.in_(_intents_of(member_id))),
    "receipts": (Receipt, lambda member_id: Receipt.member_id == member_id),
    "credit_notes": (CreditNote, lambda member_id: CreditNote.member_id == member_id),
    "remarks_on_receipts": (
        ReceiptNote,
        lambda member_id: ReceiptNote.receipt_id.in_(
            sa.select(Receipt.id).where(Receipt.member_id == member_id)
        ),
    ),
    "entries_in_the_books": (Entry, lambda member_id: Entry.member_id == member_id),
    "asked_of_stripe_for_you": (Ask, lambda member_id: Ask.stripe_object_id.in_(_objects_of(member_id))),
    "customers_at_stripe": (Customer, lambda member_id: Customer.member_id == member_id),
    "changes_of_address": (AddressChange, lambda member_id: AddressChange.member_id == member_id),
    "browsers_signed_in": (ReaderSession, lambda member_id: ReaderSession.member_id == member_id),
    "wishes_to_sign_in": (SignInRequest, lambda member_id: SignInRequest.member_id == member_id),
    "mails_you_do_without": (MailRefusal, lambda member_id: MailRefusal.member_id == member_id),
    "mails_to_you": (QueuedMail, lambda member_id: QueuedMail.member_id == member_id),
}
"""Every table with rows about a member; a test holds it to the database."""


def collect(parts: Parts, member_id: UUID, *, now: datetime) -> Held:
    """Return all that is held about a member, unsealed for their own eyes."""
    with reading(parts.sessions) as session:
        member = session.get_one(Member, member_id)
        sections = {"you": [_about(session, parts, member)]}
        for name, (model, is_theirs) in SECTIONS.items():
            theirs = sa.select(model).where(is_theirs(member_id)).order_by(*sa.inspect(model).primary_key)
            sections[name] = [_told(session, parts, member, row) for row in session.scalars(theirs)]
        return Held(sections=sections, on=local_date(now, parts.newsroom.zone))


def _about(session: Session, parts: Parts, member: Member) -> Row:
    person = parts.vault.find_person(session, member.person_id) if member.person_id else None
    return {
        **_told(session, parts, member, member),
        "name": person.name if person else None,
        "address": person.address if person else None,
    }


def _told(session: Session, parts: Parts, member: Member, row: Base) -> Row:
    """Return a row by its columns' names; what is sealed for the person stands there in clear."""
    told: Row = {}
    for column in sa.inspect(type(row)).columns:
        if column.name in _OURS:
            continue
        value = getattr(row, column.key)
        if column.name.startswith(_SEALED):
            clear = parts.vault.unseal_for_person(session, member.person_id, value)
            told[column.name.removeprefix(_SEALED)] = clear
        else:
            told[column.name] = value
    return told
