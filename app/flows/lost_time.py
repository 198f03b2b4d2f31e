"""Passes over what the clock brought about in the time that a restored database knows nothing of."""

from datetime import datetime

from app.flows.gifts.send import send_gifts, tell_endings
from app.flows.notices import give_notice
from app.flows.parts import Parts
from app.flows.remind import remind
from app.flows.unfinished import mail_unfinished


def queue_what_was_due(parts: Parts, *, muted_at: datetime) -> None:
    """Queue each mail that was due on a day before a restore, as if it had been queued then.

    It may have been sent after the backup was made, so whoever unmutes drops it with all that waits since
    before. Were it not queued now, the first worker would send it once more. Done again, it changes nothing.
    """
    give_notice(parts, now=muted_at)
    while mail_unfinished(parts, now=muted_at):
        pass
    remind(parts, now=muted_at)
    send_gifts(parts, now=muted_at)
    tell_endings(parts, now=muted_at)
