"""Reads sweeps and what they found, for those who watch the product."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.reconciliation.models import Drift, Sweep, SweepKind


@dataclass(frozen=True, kw_only=True)
class LastSweep:
    """The newest sweep of a kind, and the newest that came to its end; often the same."""

    kind: SweepKind
    newest: Sweep
    finished: Sweep | None


def list_last_sweeps(session: Session) -> list[LastSweep]:
    """Return the newest sweep of each kind that there ever was."""
    found = []
    for kind in SweepKind:
        newest_first = sa.select(Sweep).where(Sweep.kind == kind).order_by(Sweep.started_at.desc()).limit(1)
        newest = session.scalar(newest_first)
        if newest:
            finished = session.scalar(newest_first.where(Sweep.finished_at.is_not(None)))
            found.append(LastSweep(kind=kind, newest=newest, finished=finished))
    return found


def list_drifts(session: Session, *, limit: int) -> list[Drift]:
    """Return the newest differences, newest first."""
    newest = sa.select(Drift).order_by(Drift.found_at.desc(), Drift.id.desc())
    return list(session.scalars(newest.limit(limit)))
