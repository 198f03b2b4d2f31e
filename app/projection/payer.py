"""Who paid: the member, made by a first payment."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.billing.rows import find_member_of_customer, set_member_of_customer
from app.giving.models import Pledge
from app.members.members import get_or_add_member
from app.members.merging import hold
from app.members.models import Member
from app.projection.context import Context
from app.stripe_gateway.snapshots import PaymentSnapshot
from app.vault.vault import PersonInClear


def get_or_add_payer(
    session: Session, payment: PaymentSnapshot, pledge: Pledge | None, known: Payment | None, context: Context
) -> Member:
    """Return the member who made a paid payment.

    Asked in this order: our row of the payment, the customer, the address; so a replay never
    makes a second member.
    """
    assert payment.paid_at is not None  # noqa: S101 (only paid ones come here)
    member_id = known.member_id if known else None
    if member_id is None and payment.customer_id:
        member_id = find_member_of_customer(session, payment.customer_id)
    if member_id:
        return hold(session, member_id)
    found = get_or_add_member(
        session,
        _person_of(session, payment, pledge, context),
        language=pledge.language if pledge else context.newsroom.default_language,
        joined_at=payment.paid_at,
        now=context.now,
    )
    member = hold(session, found.id)
    if payment.customer_id:
        digest = _digest(payment, context)
        set_member_of_customer(session, payment.customer_id, member.id, address_digest=digest)
    return member


def _digest(payment: PaymentSnapshot, context: Context) -> str | None:
    """Return the digest of the address Stripe has: a change of it later on is a change made there."""
    address = payment.customer_address
    return context.vault.address_digests(address)[0] if address else None


def _person_of(
    session: Session, payment: PaymentSnapshot, pledge: Pledge | None, context: Context
) -> UUID | None:
    """Return who paid: the address Stripe took, with the name typed on our own form."""
    typed = context.vault.find_contact(session, pledge.id) if pledge else None
    address = payment.customer_address or (typed.address if typed else None)
    if not address:
        return None
    person = PersonInClear(address=address, name=typed.name if typed else None)
    return context.vault.get_or_add_person(session, person, now=context.now)
