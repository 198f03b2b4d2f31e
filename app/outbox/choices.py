"""Which mails a member does without: a row for each topic they turned off."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.outbox.models import MailRefusal, MailTopic


def list_refused(session: Session, member_id: UUID) -> list[MailTopic]:
    """Return the topics a member has turned off."""
    statement = sa.select(MailRefusal.topic).where(MailRefusal.member_id == member_id)
    return list(session.scalars(statement.order_by(MailRefusal.topic)))


def is_refused(session: Session, member_id: UUID | None, topic: MailTopic) -> bool:
    """Tell whether a member does without mails on a topic."""
    return member_id is not None and session.get(MailRefusal, (member_id, topic)) is not None


def refuse(session: Session, member_id: UUID, topic: MailTopic, *, now: datetime) -> None:
    """Turn a topic off; doing it twice changes nothing."""
    insert_once(session, MailRefusal, {"member_id": member_id, "topic": topic, "refused_at": now})


def want_all(session: Session, member_id: UUID) -> None:
    """Forget what a member turned off."""
    session.execute(sa.delete(MailRefusal).where(MailRefusal.member_id == member_id))


def want(session: Session, member_id: UUID, topic: MailTopic) -> None:
    """Turn a topic on again."""
    mine = sa.and_(MailRefusal.member_id == member_id, MailRefusal.topic == topic)
    session.execute(sa.delete(MailRefusal).where(mine))
