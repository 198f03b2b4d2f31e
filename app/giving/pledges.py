"""Stores pledges and hands out the right to open their Checkout session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.giving.forms import PledgeForm
from app.giving.models import Campaign, Pledge
from app.kernel.errors import SmallFavorError
from app.kernel.ids import new_id, new_nonce

OPENING_LEASE_SECONDS = 20

CHECKOUT_STAYS_OPEN = timedelta(hours=24)
"""Stripe's own term for a session, which we leave as it is."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What Stripe's page says of a pledge, in the reader's language."""

    title: str
    agreed: str | None = None
    """Where the fees are covered: of what the sum is made."""


class PledgeUnknown(SmallFavorError):
    """No pledge has this id."""


class OpeningLost(SmallFavorError):
    """The right to open ran out and another request took it."""


def add_pledge(
    session: Session, form: PledgeForm, *, said: Said, digest: str, now: datetime
) -> tuple[Pledge, bool]:
    """Return the pledge of this form and whether it is new; the same form again gives the same one."""
    values = {
        "id": new_id(),
        "form_nonce": form.nonce,
        "form_digest": digest,
        "amount_minor": form.charged.minor,
        "fees_minor": (form.charged - form.amount).minor,
        "currency": form.amount.currency,
        "interval": form.interval,
        "campaign_slug": form.campaign,
        "appeal_variant": form.variant,
        "language": form.language,
        "created_at": now,
        "title": said.title,
        "agreed_words": said.agreed,
        "resume_key": new_nonce(),
        "attempt": 1,
    }
    is_new = insert_once(session, Pledge, values)
    same_form = sa.select(Pledge).where(Pledge.form_nonce == form.nonce, Pledge.form_digest == digest)
    return session.scalars(same_form).one(), is_new


def get_pledge(session: Session, pledge_id: UUID) -> Pledge:
    """Return a pledge. Raises: PledgeUnknown."""
    pledge = session.get(Pledge, pledge_id)
    if pledge is None:
        raise PledgeUnknown(str(pledge_id))
    return pledge


def find_pledge_by_resume_key(session: Session, resume_key: str) -> Pledge | None:
    """Return the pledge a resume link names."""
    return session.scalar(sa.select(Pledge).where(Pledge.resume_key == resume_key))


def find_pledge_by_checkout(session: Session, session_id: str) -> Pledge | None:
    """Return the pledge whose present Checkout session this is."""
    return session.scalar(sa.select(Pledge).where(Pledge.stripe_checkout_session_id == session_id))


def list_checkout_ids(session: Session, pledge_ids: Iterable[UUID]) -> list[str]:
    """Return the present Checkout sessions of these pledges, oldest pledge first."""
    statement = sa.select(Pledge.stripe_checkout_session_id).where(Pledge.id.in_(list(pledge_ids)))
    return [found for found in session.scalars(statement.order_by(Pledge.id)) if found]


def list_siblings(session: Session, pledge: Pledge) -> list[Pledge]:
    """Return the pledges sent from the same showing of the form with other words in it, oldest first."""
    others = sa.select(Pledge).where(Pledge.form_nonce == pledge.form_nonce, Pledge.id != pledge.id)
    return list(session.scalars(others.order_by(Pledge.created_at)))


def is_payable(pledge: Pledge, *, now: datetime) -> bool:
    """Whether the pledge has a Checkout page that still takes payment."""
    return bool(
        pledge.checkout_url
        and not pledge.completed_at
        and not pledge.expired_at
        and pledge.checkout_until
        and now < pledge.checkout_until
    )


def take_opening(session: Session, pledge_id: UUID, *, now: datetime) -> UUID | None:
    """Take the right to ask Stripe for the session; None where it is held, open or paid already."""
    token = new_id()
    free = sa.or_(Pledge.opening_until.is_(None), Pledge.opening_until < now)
    not_payable = sa.or_(
        Pledge.checkout_url.is_(None), Pledge.expired_at.is_not(None), Pledge.checkout_until <= now
    )
    taken = changed_rows(
        session,
        sa.update(Pledge)
        .where(Pledge.id == pledge_id, Pledge.completed_at.is_(None), free, not_payable)
        .values(opening_token=token, opening_until=now + timedelta(seconds=OPENING_LEASE_SECONDS)),
    )
    return token if taken else None


def get_held_pledge(session: Session, pledge_id: UUID, token: UUID) -> Pledge:
    """Return the pledge whose opening this token holds. Raises: OpeningLost."""
    held = sa.select(Pledge).where(Pledge.id == pledge_id, Pledge.opening_token == token)
    pledge = session.scalar(held)
    if pledge is None:
        raise OpeningLost(str(pledge_id))
    return pledge


def release_opening(session: Session, pledge_id: UUID, token: UUID) -> None:
    """Give back the right to open, unless another request has taken it over."""
    session.execute(
        sa.update(Pledge)
        .where(Pledge.id == pledge_id, Pledge.opening_token == token)
        .values(opening_token=None, opening_until=None)
    )


def begin_next_attempt(pledge: Pledge) -> None:
    """Forget a closed session, so that the next one gets a key of its own at Stripe."""
    pledge.attempt += 1
    pledge.stripe_checkout_session_id = None
    pledge.checkout_url = None
    pledge.checkout_until = None
    pledge.expired_at = None


def get_or_add_campaign(session: Session, slug: str, *, now: datetime) -> UUID:
    """Return the campaign of this name, made if money names it for the first time."""
    by_slug = sa.select(Campaign.id).where(Campaign.slug == slug)
    known = session.scalar(by_slug)
    if known is None:
        insert_once(session, Campaign, {"id": new_id(), "slug": slug, "created_at": now})
        known = session.scalars(by_slug).one()
    return known


def find_first_opening_at(session: Session) -> datetime | None:
    """Return when the first Checkout session that is known was opened, by Stripe's clock."""
    closes_at = session.scalar(sa.select(sa.func.min(Pledge.checkout_until)))
    return closes_at - CHECKOUT_STAYS_OPEN if closes_at else None
