"""The deployment's one row: how old this database is beside Stripe's count, and whether it may speak."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.kernel.errors import SmallFavorError
from app.reconciliation.models import Deployment

ONLY_ONE = 1
_THE_ROW = Deployment.id == ONLY_ONE


class NotSwept(SmallFavorError):
    """No full sweep was finished since the database was muted."""


def get_deployment(session: Session) -> Deployment:
    """Return the row as it stands in the database now, made if there is none."""
    insert_once(session, Deployment, {"id": ONLY_ONE, "epoch": 0})
    return session.get_one(Deployment, ONLY_ONE, populate_existing=True)


def find_deployment(session: Session) -> Deployment | None:
    """Return the row, which the first worker makes."""
    return session.get(Deployment, ONLY_ONE)


def is_muted(session: Session) -> bool:
    """Whether nothing may be written to Stripe and no mail sent."""
    return session.scalar(sa.select(Deployment.muted_at).where(_THE_ROW)) is not None


def count_on(session: Session, *, from_epoch: int) -> int | None:
    """Raise the count by one, for this caller alone; returns it.

    Args: from_epoch: what Stripe has; a lower count of ours stays as it is.
    Returns: None where the database is muted, or behind.
    """
    get_deployment(session)
    speaks = sa.and_(_THE_ROW, Deployment.muted_at.is_(None), Deployment.epoch >= from_epoch)
    raised = sa.update(Deployment).where(speaks).values(epoch=Deployment.epoch + 1)
    return session.scalar(
        raised.returning(Deployment.epoch), execution_options={"synchronize_session": False}
    )


def is_another(ours: Deployment | None, kept_since: datetime | None) -> bool:
    """Whether an account is another one than we knew, by when its count was begun; None where it has none."""
    return ours is not None and ours.kept_since is not None and ours.kept_since != kept_since


def recognize(session: Session, kept_since: datetime) -> None:
    """Remember the account, unless one is known."""
    unknown = sa.and_(_THE_ROW, Deployment.kept_since.is_(None))
    changed_rows(session, sa.update(Deployment).where(unknown).values(kept_since=kept_since))


def forget_account(session: Session) -> None:
    """Forget which account is ours; the next look takes the one it finds."""
    changed_rows(session, sa.update(Deployment).where(_THE_ROW).values(kept_since=None))


def mute(session: Session, *, now: datetime) -> bool:
    """Mute the database; returns whether it was not muted before."""
    get_deployment(session)
    speaks = sa.and_(_THE_ROW, Deployment.muted_at.is_(None))
    return changed_rows(session, sa.update(Deployment).where(speaks).values(muted_at=now, swept_at=None)) == 1


def mark_swept(session: Session, *, began_at: datetime, now: datetime) -> None:
    """Record that a full sweep came to its end; one begun before the mute does not count."""
    get_deployment(session)
    since = sa.or_(Deployment.muted_at.is_(None), Deployment.muted_at <= began_at)
    changed_rows(session, sa.update(Deployment).where(_THE_ROW, since).values(swept_at=now))


def get_mute(session: Session) -> datetime:
    """Return since when the database is mute, that a full sweep has mended. Raises: NotSwept."""
    ours = session.get(Deployment, ONLY_ONE, populate_existing=True)
    if ours is None or ours.muted_at is None or ours.swept_at is None or ours.swept_at < ours.muted_at:
        raise NotSwept
    return ours.muted_at


def unmute(session: Session, *, beyond: int) -> tuple[datetime, int]:
    """Let the database speak again, its count beyond Stripe's; returns since when it was mute, and its count.

    Raises: NotSwept.
    """
    muted_at, deployment = get_mute(session), get_deployment(session)
    deployment.muted_at, deployment.epoch = None, max(deployment.epoch, beyond) + 1
    session.flush()
    return muted_at, deployment.epoch


def find_news_since(session: Session) -> datetime | None:
    """Return the instant before which nothing is mailed about; None until the first start."""
    return session.scalar(sa.select(Deployment.news_since).where(Deployment.id == ONLY_ONE))


def set_news_since(session: Session, since: datetime) -> None:
    """Remember since when what happens is news, unless that is known."""
    deployment = get_deployment(session)
    deployment.news_since = deployment.news_since or since
    session.flush()
