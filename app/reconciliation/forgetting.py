"""Forgets what old sweeps found, and the sweeps themselves."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import delete_oldest
from app.reconciliation.models import Drift, Sweep
from app.reconciliation.queries import list_last_sweeps


def forget_old_drifts(session: Session, *, before: datetime, limit: int) -> int:
    """Delete differences found before an instant, some at a time; returns how many.

    Those of a sweep that can be gone on with are kept: its end counts them.
    """
    open_ones = {last.newest.id for last in list_last_sweeps(session) if last.newest.finished_at is None}
    old = sa.and_(Drift.found_at < before, Drift.sweep_id.not_in(open_ones))
    return delete_oldest(session, Drift, old, by=Drift.found_at, limit=limit)


def forget_old_sweeps(session: Session, *, before: datetime, limit: int) -> int:
    """Delete sweeps that nobody touched since an instant, some at a time; returns how many.

    The last of each kind is kept, and the last that came to its end: whoever watches asks for both.
    """
    has_drifts = sa.exists().where(Drift.sweep_id == Sweep.id)
    old = sa.and_(Sweep.touched_at < before, Sweep.id.not_in(_last_ones(session)), ~has_drifts)
    return delete_oldest(session, Sweep, old, by=Sweep.touched_at, limit=limit)


def _last_ones(session: Session) -> set[UUID]:
    last = list_last_sweeps(session)
    return {one.newest.id for one in last} | {one.finished.id for one in last if one.finished}
