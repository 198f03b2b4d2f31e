"""One sweep under way, as the process that is at it holds it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.reconciliation.models import SweepKind
from app.reconciliation.positions import Position


@dataclass(frozen=True, kw_only=True)
class Run:
    """A sweep, its place, when it was begun and when this process touched it last."""

    sweep_id: UUID
    kind: SweepKind
    position: Position
    began_at: datetime
    held_at: datetime

    def at(self, position: Position, *, now: datetime) -> "Run":
        """Return the same sweep at another place."""
        return replace(self, position=position, held_at=now)

    @property
    def everything_missing(self) -> bool:
        """Whether that an object is missing is no drift, but what is to be expected."""
        return self.kind is SweepKind.backfill
