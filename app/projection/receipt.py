"""What a payment's receipt will say, frozen on the day."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.giving.agreements import fees_within
from app.kernel.clock import local_date
from app.kernel.intervals import Interval
from app.members.models import Member
from app.projection.context import Context
from app.receipts.issuing import ReceiptFacts
from app.stripe_gateway.snapshots import PaymentSnapshot
from config.newsroom import Newsroom


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A payment that succeeded, and whose it is."""

    id: UUID
    snapshot: PaymentSnapshot
    interval: Interval
    member: Member
    campaign_id: UUID | None


def receipt_facts(session: Session, paid: Paid, context: Context) -> ReceiptFacts:
    """Return all that the receipt of a paid payment prints, but its number."""
    payment, newsroom = paid.snapshot, context.newsroom
    assert payment.paid_at is not None  # noqa: S101 (only paid ones come here)
    spoken = paid.member.language
    language = spoken if spoken in newsroom.languages else newsroom.default_language
    start, end = _period(payment, newsroom)
    return ReceiptFacts(
        payment_id=paid.id,
        member_id=paid.member.id,
        paid_on=local_date(payment.paid_at, newsroom.zone),
        language=language,
        amount=payment.amount,
        interval=paid.interval,
        period_start_on=start,
        period_end_on=end,
        legal_entity=newsroom.legal_entity.key,
        wording=_wording(newsroom, language) | _fees(session, payment),
        payment_method=_method(payment),
        sealed_name=_sealed_name(session, paid.member, context),
    )


def _period(payment: PaymentSnapshot, newsroom: Newsroom) -> tuple[date | None, date | None]:
    """Return the first and the last day paid for."""
    if payment.invoice is None:
        return None, None
    start = local_date(payment.invoice.period_start, newsroom.zone)
    after = local_date(payment.invoice.period_end, newsroom.zone)
    return start, max(start, after - timedelta(days=1))


def issuer(newsroom: Newsroom) -> dict[str, object]:
    """Return who gives a document out, as its wording keeps it."""
    entity = newsroom.legal_entity
    return {
        "newsroom_name": newsroom.name,
        "entity_name": entity.name,
        "entity_address": list(entity.address),
        "entity_registration": entity.registration,
    }


def _wording(newsroom: Newsroom, language: str) -> dict[str, object]:
    return {
        **issuer(newsroom),
        "tax_wording": newsroom.receipt.tax_wording[language],
        "goods_wording": newsroom.receipt.goods_wording[language],
    }


def _fees(session: Session, payment: PaymentSnapshot) -> dict[str, object]:
    """Return the part of the amount that covers the fees, as was agreed before it was charged."""
    invoice = payment.invoice
    fees = fees_within(
        session,
        payment.amount,
        stripe_subscription_id=invoice.subscription_id if invoice else None,
        pledge_id=payment.pledge_id or (invoice.pledge_id if invoice else None),
    )
    return {"fees_minor": fees.minor} if fees.minor else {}


def _method(payment: PaymentSnapshot) -> str | None:
    """Return `visa 4242`: brand or kind as Stripe spells it, and the last four digits."""
    return " ".join(filter(None, (payment.method, payment.last4))) or None


def _sealed_name(session: Session, member: Member, context: Context) -> bytes | None:
    if member.person_id is None:
        return None
    person = context.vault.find_person(session, member.person_id)
    if person is None or person.name is None:
        return None
    return context.vault.seal_for_person(session, member.person_id, person.name)
