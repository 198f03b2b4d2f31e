"""Reads asks."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.asks.models import Ask, AskedBy, AskKind, AskMatter, EndReason
from app.kernel.money import Money


def get_ask(session: Session, ask_id: UUID) -> Ask:
    """Return an ask as it stands in the database now."""
    return session.get_one(Ask, ask_id, populate_existing=True)


def find_ask_by_nonce(session: Session, nonce: str) -> Ask | None:
    """Return the ask that was made under a nonce."""
    return session.scalar(sa.select(Ask).where(Ask.nonce == nonce))


def find_last_ask(session: Session, object_id: str, matter: AskMatter) -> Ask | None:
    """Return the newest ask of a matter about a Stripe object that was not refused."""
    about = sa.and_(Ask.stripe_object_id == object_id, Ask.matter == matter, Ask.refused_at.is_(None))
    return session.scalar(sa.select(Ask).where(about).order_by(Ask.id.desc()).limit(1))


def list_asks(session: Session, object_ids: Iterable[str], *, limit: int) -> list[Ask]:
    """Return the newest asks about these Stripe objects, newest first."""
    about = sa.select(Ask).where(Ask.stripe_object_id.in_(list(object_ids)))
    return list(session.scalars(about.order_by(Ask.id.desc()).limit(limit)))


def find_ask_of_refund(session: Session, refund_id: str) -> Ask | None:
    """Return the ask that a refund was made for; None for one made at Stripe."""
    return session.scalar(sa.select(Ask).where(Ask.stripe_result_id == refund_id))


def list_refunds_asked(session: Session, intent_id: str) -> list[Ask]:
    """Return the asks to refund a payment that were not refused."""
    about = sa.and_(Ask.stripe_object_id == intent_id, Ask.kind == AskKind.refund, Ask.refused_at.is_(None))
    return list(session.scalars(sa.select(Ask).where(about).order_by(Ask.id)))


def count_reasons(session: Session, *, since: datetime, until: datetime) -> dict[EndReason | None, int]:
    """Return how often members asked for an end in a time, by the reason they chose.

    An end that was taken back was asked for, too. Returns: None counts those who chose no reason.
    """
    asked = sa.select(Ask.reason, sa.func.count().label("times")).where(
        Ask.kind.in_((AskKind.cancel, AskKind.cancel_later)),
        Ask.asked_by == AskedBy.member,
        Ask.created_at >= since,
        Ask.created_at < until,
    )
    return {row.reason: row.times for row in session.execute(asked.group_by(Ask.reason))}


def cause_of_change(
    session: Session,
    subscription_id: str,
    kinds: Collection[AskKind],
    *,
    now: datetime,
    amount: Money | None = None,
) -> AskedBy | None:
    """Tell who asked for a change that Stripe shows, and remember that this ask explains it.

    An ask counts from its first try on: Stripe may show what it did before we know. It explains one
    change only, and none that came after a newer ask of its matter was done; so a change made at
    Stripe is not laid at the door of whoever asked for the like before.

    Args: kinds: the asks that lead to such a change; amount: what is charged now, where that changed.
    Returns: None where nobody asked through us.
    """
    ask = session.scalar(_unexplained(subscription_id, kinds, amount).order_by(Ask.id.desc()).limit(1))
    if ask is None:
        return None
    ask.explained_at = now
    return ask.asked_by


def _unexplained(subscription_id: str, kinds: Collection[AskKind], amount: Money | None) -> sa.Select[Ask]:
    newer = aliased(Ask)
    done_since = sa.exists(
        sa.select(newer.id).where(
            newer.stripe_object_id == Ask.stripe_object_id,
            newer.matter == Ask.matter,
            newer.id > Ask.id,
            newer.done_at.is_not(None),
        )
    )
    found = sa.select(Ask).where(
        Ask.stripe_object_id == subscription_id,
        Ask.kind.in_(list(kinds)),
        Ask.tries > 0,
        Ask.refused_at.is_(None),
        Ask.explained_at.is_(None),
        ~done_since,
    )
    if amount is None:
        return found
    return found.where(Ask.amount_minor == amount.minor, Ask.currency == amount.currency)
