"""Readers' wishes for one mail with a link, should they not finish."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import upsert
from app.giving.models import ResumeWish


def wish_for_mail(session: Session, pledge_id: UUID, *, address_digest: str, due_at: datetime) -> None:
    """Keep the wish; it takes the place of an older one from the same mailbox."""
    values = {"pledge_id": pledge_id, "due_at": due_at}
    statement = upsert(session, ResumeWish).values(address_digest=address_digest, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["address_digest"], set_=values))


def take_due_wishes(session: Session, *, now: datetime, limit: int) -> Sequence[UUID]:
    """Take the wishes whose hour has come, oldest first: each is taken once, whoever asks.

    Returns: the ids of their pledges.
    """
    due = sa.select(ResumeWish.pledge_id).where(ResumeWish.due_at <= now)
    some = due.order_by(ResumeWish.due_at).limit(limit)
    taken = sa.delete(ResumeWish).where(ResumeWish.pledge_id.in_(some.scalar_subquery()))
    return list(session.scalars(taken.returning(ResumeWish.pledge_id)))
