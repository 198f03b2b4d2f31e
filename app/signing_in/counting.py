"""Estimates how often an address or a network has asked this hour, without keeping either.

A count-min sketch with conservative update (Estan and Varghese, 2002): each thing counted has four cells
among thousands, and its estimate is the least of them. It is never too low, and too high only where all
four are shared.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows
from app.signing_in.models import CountedBy, TryCounter

ROWS = 4
CELLS_A_ROW = 2048
_HOUR_SECONDS = 3600
_DIGITS_A_CELL = 8


def hour_of(now: datetime) -> int:
    """Return the number of the hour, since 1970; what is counted is hashed together with it."""
    return int(now.timestamp()) // _HOUR_SECONDS


def count(session: Session, counted_by: CountedBy, digest: str, *, now: datetime) -> int:
    """Count one more, and return how many that are this hour, as estimated.

    Args: digest: a keyed hash, in hexadecimal, of what is counted and `hour_of(now)`.
    """
    hour = hour_of(now)
    mine = sa.and_(TryCounter.counted_by == counted_by, TryCounter.cell.in_(_cells(digest)))
    cells = sa.select(TryCounter.asked, TryCounter.period).where(mine).order_by(TryCounter.cell)
    known = session.execute(cells.with_for_update()).all()
    estimate = min(cell.asked if cell.period == hour else 0 for cell in known) + 1
    higher = sa.and_(TryCounter.period == hour, TryCounter.asked > estimate)
    raised = sa.case((higher, TryCounter.asked), else_=estimate)
    session.execute(sa.update(TryCounter).where(mine).values(asked=raised, period=hour))
    return estimate


def forget_counts(session: Session, *, now: datetime) -> int:
    """Put the cells of former hours back to nothing; returns how many."""
    old = sa.and_(TryCounter.period < hour_of(now), TryCounter.asked > 0)
    return changed_rows(session, sa.update(TryCounter).where(old).values(asked=0, period=0))


def _cells(digest: str) -> list[int]:
    """Return a cell in each of the rows."""
    places = (int(digest[row * _DIGITS_A_CELL :][:_DIGITS_A_CELL], 16) for row in range(ROWS))
    return [row * CELLS_A_ROW + place % CELLS_A_ROW for row, place in enumerate(places)]
