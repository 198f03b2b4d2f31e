"""The deployment's one row: how old this database is beside Stripe's count, and whether it may speak."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import insert_once
from app.kernel.errors import SmallFavorError
from app.reconciliation.models import Deployment

ONLY_ONE = 1


class NotSwept(SmallFavorError):
    """No full sweep was finished since the database was muted."""


def get_deployment(session: Session) -> Deployment:
    """Return the row, made if there is none."""
    insert_once(session, Deployment, {"id": ONLY_ONE, "epoch": 0})
    return session.get_one(Deployment, ONLY_ONE)


def find_deployment(session: Session) -> Deployment | None:
    """Return the row, which the first worker makes."""
    return session.get(Deployment, ONLY_ONE)


def is_muted(session: Session) -> bool:
    """Whether nothing may be written to Stripe and no mail sent."""
    return session.scalar(sa.select(Deployment.muted_at).where(Deployment.id == ONLY_ONE)) is not None


def raise_epoch(session: Session, *, beyond: int = 0) -> int:
    """Raise the count, beyond another one too; returns it."""
    deployment = get_deployment(session)
    deployment.epoch = max(deployment.epoch, beyond) + 1
    session.flush()
    return deployment.epoch


def mute(session: Session, *, now: datetime) -> bool:
    """Mute the database; returns whether it was not muted before."""
    deployment = get_deployment(session)
    if deployment.muted_at is not None:
        return False
    deployment.muted_at, deployment.swept_at = now, None
    session.flush()
    return True


def mark_swept(session: Session, *, now: datetime) -> None:
    """Record that a full sweep has mended everything."""
    get_deployment(session).swept_at = now


def unmute(session: Session) -> datetime | None:
    """Let the database speak again; returns since when it was muted, None if it was not.

    Raises: NotSwept.
    """
    deployment = get_deployment(session)
    muted_at = deployment.muted_at
    if muted_at is None:
        return None
    if deployment.swept_at is None or deployment.swept_at < muted_at:
        raise NotSwept
    deployment.muted_at = None
    session.flush()
    return muted_at


def find_news_since(session: Session) -> datetime | None:
    """Return the instant before which nothing is mailed about; None until the first start."""
    return session.scalar(sa.select(Deployment.news_since).where(Deployment.id == ONLY_ONE))


def set_news_since(session: Session, since: datetime) -> None:
    """Remember since when what happens is news, unless that is known."""
    deployment = get_deployment(session)
    deployment.news_since = deployment.news_since or since
    session.flush()
