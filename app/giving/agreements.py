"""Whether the fees of a subscription are covered: as its pledge says, or the last change agreed to since."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.giving.models import FeeAgreement, Pledge
from app.kernel.money import Money


def keep_agreement(
    session: Session, stripe_subscription_id: str, *, total: Money, fees: Money, now: datetime
) -> None:
    """Keep what was agreed with a change: all that will be charged, and the part of it that covers fees.

    A change that no longer covers them is kept as well, with no fees. Raises: CurrencyMismatch.
    """
    gift = total - fees
    agreement = FeeAgreement(
        stripe_subscription_id=stripe_subscription_id,
        amount_minor=total.minor,
        fees_minor=(total - gift).minor,
        currency=total.currency,
        agreed_at=now,
    )
    session.add(agreement)
    session.flush()


def fees_within(
    session: Session, charged: Money, *, stripe_subscription_id: str | None, pledge_id: UUID | None
) -> Money:
    """Return the part of what a subscription or a pledge is charged that covers the fees; zero where none.

    The newest agreement on just this amount holds. One on another amount does not: it was never carried out,
    or the amount was changed at Stripe, where nobody agrees to anything.
    """
    agreed = _agreed_later(session, charged, stripe_subscription_id) if stripe_subscription_id else None
    if agreed is None and pledge_id:
        agreed = _agreed_at_first(session, charged, pledge_id)
    return Money(agreed or 0, charged.currency)


def covers_fees(
    session: Session, charged: Money, *, stripe_subscription_id: str, pledge_id: UUID | None
) -> bool:
    """Whether the giver of a subscription charged so agreed to cover the fees."""
    fees = fees_within(session, charged, stripe_subscription_id=stripe_subscription_id, pledge_id=pledge_id)
    return fees.minor > 0


def _agreed_later(session: Session, charged: Money, stripe_subscription_id: str) -> int | None:
    newest_first = FeeAgreement.agreed_at.desc(), FeeAgreement.id.desc()
    return session.scalar(
        sa.select(FeeAgreement.fees_minor)
        .where(
            FeeAgreement.stripe_subscription_id == stripe_subscription_id,
            FeeAgreement.amount_minor == charged.minor,
            FeeAgreement.currency == charged.currency,
        )
        .order_by(*newest_first)
        .limit(1)
    )


def _agreed_at_first(session: Session, charged: Money, pledge_id: UUID) -> int | None:
    return session.scalar(
        sa.select(Pledge.fees_minor).where(
            Pledge.id == pledge_id,
            Pledge.amount_minor == charged.minor,
            Pledge.currency == charged.currency,
        )
    )
