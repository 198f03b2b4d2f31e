"""Forgets asks that are over and explain nothing any more."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks.models import Ask, AskKind
from app.db import delete_oldest


def forget_old_asks(session: Session, *, before: datetime, limit: int) -> int:
    """Delete asks made before an instant that are over, some at a time; returns how many.

    Refunds are kept with the money they gave back.
    """
    is_over = sa.or_(Ask.done_at.is_not(None), Ask.refused_at.is_not(None), Ask.superseded_at.is_not(None))
    old = sa.and_(Ask.created_at < before, Ask.kind != AskKind.refund, is_over)
    return delete_oldest(session, Ask, old, by=Ask.created_at, limit=limit)
