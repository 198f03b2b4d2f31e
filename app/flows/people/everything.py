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


@dataclass(frozen=True, kw_only=True)
class Mine:
    """The keys by which a member's rows are found."""

    member: Member
    subscriptions: list[str]
    payments: list[UUID]
    intents: list[str]
    customers: list[str]
    pledges: list[UUID]


Section = tuple[type[Base], Callable[[Mine], sa.ColumnElement[bool]]]

SECTIONS: dict[str, Section] = {
    "supports": (Subscription, lambda mine: Subscription.member_id == mine.member.id),
    "facts_of_support": (MembershipFact, lambda mine: MembershipFact.member_id == mine.member.id),
    "pledges": (Pledge, lambda mine: Pledge.id.in_(mine.pledges)),
    "words_you_sent": (Note, lambda mine: Note.member_id == mine.member.id),
    "payments": (Payment, lambda mine: Payment.id.in_(mine.payments)),
    "invoices": (Invoice, lambda mine: Invoice.stripe_subscription_id.in_(mine.subscriptions)),
    "refunds": (Refund, lambda mine: Refund.stripe_payment_intent_id.in_(mine.intents)),
    "disputes": (Dispute, lambda mine: Dispute.stripe_payment_intent_id.in_(mine.intents)),
    "receipts": (Receipt, lambda mine: Receipt.member_id == mine.member.id),
    "credit_notes": (CreditNote, lambda mine: CreditNote.member_id == mine.member.id),
    "remarks_on_receipts": (
        ReceiptNote,
        lambda mine: ReceiptNote.receipt_id.in_(
            sa.select(Receipt.id).where(Receipt.member_id == mine.member.id)
        ),
    ),
    "entries_in_the_books": (Entry, lambda mine: Entry.member_id == mine.member.id),
    "asked_of_stripe_for_you": (
        Ask,
        lambda mine: Ask.stripe_object_id.in_([*mine.subscriptions, *mine.intents, *mine.customers]),
    ),
    "customers_at_stripe": (Customer, lambda mine: Customer.member_id == mine.member.id),
    "changes_of_address": (AddressChange, lambda mine: AddressChange.member_id == mine.member.id),
    "browsers_signed_in": (ReaderSession, lambda mine: ReaderSession.member_id == mine.member.id),
    "wishes_to_sign_in": (SignInRequest, lambda mine: SignInRequest.member_id == mine.member.id),
    "mails_you_do_without": (MailRefusal, lambda mine: MailRefusal.member_id == mine.member.id),
    "mails_to_you": (QueuedMail, lambda mine: QueuedMail.member_id == mine.member.id),
}
"""Every table with rows about a member; a test holds it to the database."""


def collect(parts: Parts, member_id: UUID, *, now: datetime) -> Held:
    """Return all that is held about a member, unsealed for their own eyes."""
    with reading(parts.sessions) as session:
        mine = _keys_of(session, member_id)
        sections = {"you": [_about(session, parts, mine.member)]}
        for name, (model, is_mine) in SECTIONS.items():
            of_theirs = sa.select(model).where(is_mine(mine)).order_by(*sa.inspect(model).primary_key)
            sections[name] = [_told(session, parts, mine.member, row) for row in session.scalars(of_theirs)]
        return Held(sections=sections, on=local_date(now, parts.newsroom.zone))


def _keys_of(session: Session, member_id: UUID) -> Mine:
    member = session.get_one(Member, member_id)
    theirs = sa.select(Customer.stripe_customer_id).where(Customer.member_id == member_id)
    customers = list(session.scalars(theirs))
    of_member = sa.select(Subscription).where(Subscription.member_id == member_id)
    subscriptions = list(session.scalars(of_member))
    made = sa.or_(Payment.member_id == member_id, Payment.stripe_customer_id.in_(customers))
    payments = list(session.scalars(sa.select(Payment).where(made)))
    pledges = {one.pledge_id for one in subscriptions} | {one.pledge_id for one in payments}
    return Mine(
        member=member,
        subscriptions=[one.stripe_subscription_id for one in subscriptions],
        payments=[one.id for one in payments],
        intents=[one.stripe_payment_intent_id for one in payments],
        customers=customers,
        pledges=[pledge_id for pledge_id in pledges if pledge_id],
    )


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
