"""Begins sweeps, keeps their place, and records what they find."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.kernel.errors import SmallFavorError
from app.kernel.ids import new_id
from app.reconciliation.models import Drift, DriftKind, Sweep, SweepKind
from app.reconciliation.positions import Position, dump_position


class SweepTaken(SmallFavorError):
    """Another process has gone on with the sweep meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One difference."""

    kind: DriftKind
    object_type: str
    object_id: str


def begin_sweep(session: Session, kind: SweepKind, position: Position, *, now: datetime) -> Sweep:
    """Begin a sweep."""
    place = dump_position(position)
    sweep = Sweep(id=new_id(), kind=kind, started_at=now, touched_at=now, position=place, seen=0, drifted=0)
    session.add(sweep)
    session.flush()
    return sweep


def find_unfinished(session: Session, kind: SweepKind) -> Sweep | None:
    """Return the newest sweep of a kind if it was broken off."""
    newest = sa.select(Sweep).where(Sweep.kind == kind).order_by(Sweep.started_at.desc(), Sweep.id.desc())
    sweep = session.scalar(newest.limit(1))
    return sweep if sweep and sweep.finished_at is None else None


def take_over(session: Session, sweep: Sweep, *, idle: timedelta, now: datetime) -> bool:
    """Go on with a sweep that nobody has touched for so long; False where somebody is at it."""
    idle_one = sa.and_(Sweep.id == sweep.id, Sweep.finished_at.is_(None), Sweep.touched_at <= now - idle)
    taken = changed_rows(session, sa.update(Sweep).where(idle_one).values(touched_at=now)) == 1
    if taken:
        session.refresh(sweep)
    return taken


def record_page(
    session: Session, sweep_id: UUID, position: Position, *, seen: int, held_at: datetime, now: datetime
) -> None:
    """Record what a page held, and go on behind it.

    Args: held_at: when the caller touched the sweep last.
    Raises: SweepTaken: another process goes on with it.
    """
    held = sa.and_(Sweep.id == sweep_id, Sweep.touched_at == held_at)
    values = {
        "position": dump_position(position),
        "seen": Sweep.seen + seen,
        "touched_at": now,
        "last_error": None,
    }
    if not changed_rows(session, sa.update(Sweep).where(held).values(values)):
        raise SweepTaken(str(sweep_id))


def record_drifts(session: Session, sweep_id: UUID, drifts: Iterable[Found], *, now: datetime) -> None:
    """Record differences."""
    rows = [
        {
            "id": new_id(),
            "sweep_id": sweep_id,
            "kind": found.kind,
            "object_type": found.object_type,
            "object_id": found.object_id,
            "found_at": now,
        }
        for found in drifts
    ]
    if rows:
        session.execute(sa.insert(Drift), rows)
        session.execute(
            sa.update(Sweep).where(Sweep.id == sweep_id).values(drifted=Sweep.drifted + len(rows))
        )


def record_error(session: Session, sweep_id: UUID, error: str) -> None:
    """Record why a sweep stopped before its end."""
    session.execute(sa.update(Sweep).where(Sweep.id == sweep_id).values(last_error=error))


def finish_sweep(session: Session, sweep_id: UUID, *, now: datetime) -> None:
    """Record that a sweep has seen everything it was to see."""
    session.execute(sa.update(Sweep).where(Sweep.id == sweep_id).values(finished_at=now, touched_at=now))


def count_drifts(session: Session, sweep_id: UUID) -> dict[tuple[str, DriftKind], int]:
    """Return how many differences of which kind a sweep found, by type of object."""
    counted = (
        sa.select(Drift.object_type, Drift.kind, sa.func.count())
        .where(Drift.sweep_id == sweep_id)
        .group_by(Drift.object_type, Drift.kind)
        .order_by(Drift.object_type, Drift.kind)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(counted)}
