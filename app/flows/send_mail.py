"""From the outbox to the mail server: at least once, with an id that makes a second copy visible."""

import structlog

from app.db import reading, transaction
from app.flows.keep_numbers import keep_before_mailing
from app.flows.letters.common import NotNeeded
from app.flows.letters.desk import find_matter, write_letter
from app.flows.muting import is_muted
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.mailer.mailer import MailNotSent
from app.outbox import queue
from app.outbox.compose import Envelope, compose
from app.outbox.queue import MailLease
from app.stripe_gateway.errors import StripeMuted

log = structlog.get_logger()


def send_next(parts: Parts) -> bool:
    """Send the mail that has waited longest; False where nothing is due, or nothing may be sent."""
    if is_muted(parts):
        return False
    with transaction(parts.sessions) as session:
        lease = queue.take_next(session, now=utc_now())
    if lease is None:
        return False
    try:
        _send(parts, lease)
    except MailNotSent as failure:
        _record_failure(parts, lease, str(failure), permanent=failure.permanent)
    except Exception as fault:  # noqa: BLE001 (one poisoned mail never stops the others)
        _record_failure(parts, lease, type(fault).__name__, permanent=False)
    return True


def _send(parts: Parts, lease: MailLease) -> None:
    with reading(parts.sessions) as session:
        found = find_matter(session, parts, lease)
    if isinstance(found, NotNeeded):
        _record_failure(parts, lease, found.reason, permanent=True)
        return
    keep_before_mailing(parts, lease)
    envelope = Envelope(
        mail_id=lease.mail_id,
        mail_from=parts.mail_from,
        recipient=found.recipient,
        written_at=lease.created_at,
        language=lease.language,
    )
    letter = compose(write_letter(parts, lease, found), envelope, parts.newsroom)
    if is_muted(parts):  # keeping the number may have found out that this database was restored
        raise StripeMuted
    parts.mailer.send(letter)
    with transaction(parts.sessions) as session:
        queue.mark_sent(session, lease, now=utc_now())
    log.info("mail.sent", mail_id=str(lease.mail_id), kind=lease.kind.value)


def _record_failure(parts: Parts, lease: MailLease, error: str, *, permanent: bool) -> None:
    now = utc_now()
    record = queue.mark_dropped if permanent else queue.mark_failed
    with transaction(parts.sessions) as session:
        record(session, lease, error=error, now=now)
    log.warning(
        "mail.failed", mail_id=str(lease.mail_id), kind=lease.kind.value, error=error, permanent=permanent
    )
