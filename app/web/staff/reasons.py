"""Why members ended their support, as they chose it from a list, counted."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from app.access import parts
from app.asks.models import EndReason
from app.asks.queries import count_reasons
from app.kernel.clock import utc_now

WORDS = {
    EndReason.money: "It is too much just now",
    EndReason.safety: "It does not feel safe any more",
    EndReason.content: "The reporting is no longer what they want to support",
    EndReason.reading_less: "They read it less",
    EndReason.elsewhere: "They give in another way, or elsewhere",
    EndReason.trouble: "Something about paying did not work",
    None: "Chose no reason",
}


@dataclass(frozen=True)
class ReasonLine:
    """One reason, and how often it was chosen."""

    words: str
    times: int


def list_reasons(session: Session, *, since: date) -> list[ReasonLine]:
    """Return why members asked for an end from a day on, the most frequent first."""
    begins = datetime.combine(since, time(), tzinfo=parts().newsroom.zone)
    counted = count_reasons(session, since=begins, until=utc_now())
    most_first = sorted(counted.items(), key=lambda item: (item[0] is None, -item[1]))
    return [ReasonLine(WORDS[reason], times) for reason, times in most_first]
