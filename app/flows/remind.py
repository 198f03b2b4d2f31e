"""Remind me: asked for on a form, confirmed by a link, sent once next month, and forgotten."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.limits import count_network
from app.flows.links import LinkUnknown
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue, find_mails
from app.reminders import waiting
from app.reminders.models import Reminder
from app.reminders.waiting import UNCONFIRMED_DAYS, Wish
from app.vault.vault import PersonInClear

log = structlog.get_logger()

LINK_DAYS = 60
"""Longer than any reminder waits."""
KEPT_AFTER_DUE_DAYS = 7
"""Time for the outbox to try; a contact that is left over is forgotten then."""
TURN = "reminders"
A_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class ReminderPicture:
    """A reminder as its page shows it: nothing of whom it is for."""

    wish: Wish
    due_on: date | None
    """None until it is confirmed."""


def ask_reminder(parts: Parts, address: str, wish: Wish, *, network: str, now: datetime) -> None:
    """Keep a wish for three days, and mail the link that confirms it: at most once a day for an address.

    Whether a reminder waits already shows in no answer. Raises: TooOftenAsked.
    """
    count_network(parts, network, purpose=TURN, now=now)
    hashes = parts.vault.address_digests(address)
    with transaction(parts.sessions) as session:
        reminder = waiting.take_wish(session, wish, hashes, now=now)
        if reminder.confirmed_at is None:
            person = PersonInClear(address=address, name=None)
            parts.vault.keep_contact(session, reminder.id, person, now=now, days=UNCONFIRMED_DAYS)
            key = f"{_confirm_key(reminder.id)}-{now.date().isoformat()}"
            enqueue(session, _mail(MailKind.reminder_confirm, reminder, key), now=now)


def look_at_reminder(parts: Parts, token: str) -> ReminderPicture | None:
    """Return the reminder behind a link, None once it is forgotten; changes nothing. Raises: LinkUnknown."""
    with reading(parts.sessions) as session:
        reminder = waiting.find_reminder(session, read_token(parts, token))
        return _picture(reminder, parts) if reminder else None


def confirm_reminder(parts: Parts, token: str, *, now: datetime) -> ReminderPicture | None:
    """Let a reminder be sent next month; pressed twice, it is confirmed once. Raises: LinkUnknown."""
    with transaction(parts.sessions) as session:
        reminder = waiting.find_reminder(session, read_token(parts, token))
        if reminder and reminder.confirmed_at is None:
            _confirm(session, parts, reminder, now=now)
        return _picture(reminder, parts) if reminder else None


def stop_reminder(parts: Parts, token: str) -> None:
    """Forget a reminder and its address; again and again the same. Raises: LinkUnknown."""
    reminder_id = read_token(parts, token)
    with transaction(parts.sessions) as session:
        _forget(session, parts, reminder_id)


def remind(parts: Parts, *, now: datetime) -> int:
    """Queue the reminders that are due, and forget those that are over; returns how many were queued."""
    forget_reminders(parts, now=now)
    queued = 0
    while batch := _queue_due(parts, now=now):
        queued += batch
    return queued


def forget_reminders(parts: Parts, *, now: datetime) -> int:
    """Forget the reminders that were sent, or never confirmed, and their addresses."""
    with transaction(parts.sessions) as session:
        over = [*waiting.list_never_confirmed(session, now=now), *_sent(session, now=now)]
        for reminder in over:
            _forget(session, parts, reminder.id)
    if over:
        log.info("reminders.forgotten", count=len(over))
    return len(over)


def reminder_link(parts: Parts, reminder_id: UUID, *, stop: bool = False) -> str:
    """Return the address of a reminder's page, or of the one that stops it."""
    token = _serializer(parts).dumps(reminder_id.hex)
    return f"{parts.public_base_url}/reminders/{token}{'/stop' if stop else ''}"


def read_token(parts: Parts, token: str) -> UUID:
    """Return the reminder that a link names. Raises: LinkUnknown."""
    try:
        return UUID(hex=_serializer(parts).loads(token, max_age=LINK_DAYS * 86_400))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown(TURN) from None


def _confirm(session: Session, parts: Parts, reminder: Reminder, *, now: datetime) -> None:
    person = parts.vault.find_contact(session, reminder.id)
    if person is None:
        return
    reminder.confirmed_at = now
    reminder.due_at = waiting.next_month(now, parts.newsroom.zone)
    days = (reminder.due_at - now).days + KEPT_AFTER_DUE_DAYS
    parts.vault.forget_contact(session, reminder.id)
    parts.vault.keep_contact(session, reminder.id, person, now=now, days=days)


def _picture(reminder: Reminder, parts: Parts) -> ReminderPicture:
    due = local_date(reminder.due_at, parts.newsroom.zone) if reminder.due_at else None
    return ReminderPicture(wish=waiting.wish_of(reminder), due_on=due)


def _queue_due(parts: Parts, *, now: datetime) -> int:
    with transaction(parts.sessions) as session:
        due = waiting.list_due(session, now=now, limit=A_BATCH)
        for reminder in due:
            enqueue(session, _mail(MailKind.reminder, reminder, _reminder_key(reminder.id)), now=now)
            reminder.queued_at = now
    return len(due)


def _sent(session: Session, *, now: datetime) -> list[Reminder]:
    """Return the reminders whose mail went out, was dropped, or is past all trying."""
    queued = waiting.list_queued(session)
    mails = find_mails(session, [_reminder_key(reminder.id) for reminder in queued])
    done = {mail.dedupe_key for mail in mails if mail.sent_at or mail.dropped_at}
    old = now - timedelta(days=waiting.SENT_KEPT_DAYS)
    return [one for one in queued if _reminder_key(one.id) in done or (one.queued_at and one.queued_at < old)]


def _forget(session: Session, parts: Parts, reminder_id: UUID) -> None:
    parts.vault.forget_contact(session, reminder_id)
    waiting.forget(session, reminder_id)


def _mail(kind: MailKind, reminder: Reminder, key: str) -> Mail:
    return Mail(kind=kind, dedupe_key=key, contact_id=reminder.id, language=reminder.language)


def _confirm_key(reminder_id: UUID) -> str:
    return f"reminder-confirm-{reminder_id.hex}"


def _reminder_key(reminder_id: UUID) -> str:
    return f"reminder-{reminder_id.hex}"


def _serializer(parts: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts.signers, salt="reminder link")
