"""Mail is queued once, sent by one worker at a time, and given up in the end."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.kernel.ids import new_id
from app.outbox import queue
from app.outbox.models import MailKind, QueuedMail
from app.outbox.queue import LEASE_SECONDS, MOST_ATTEMPTS, Mail, MailLease
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW, add_member

WORKERS = 6
A_SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=LEASE_SECONDS)


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


@pytest.fixture
def ada(sessions: Sessions) -> UUID:
    with transaction(sessions) as session:
        return add_member(session)


def enqueue(sessions: Sessions, member_id: UUID, key: str, at: timedelta = timedelta()) -> bool:
    with transaction(sessions) as session:
        mail = Mail(kind=MailKind.receipt, dedupe_key=key, member_id=member_id, language="en")
        return queue.enqueue(session, mail, now=NOW + at)


def take(sessions: Sessions, at: timedelta = timedelta()) -> MailLease | None:
    with transaction(sessions) as session:
        return queue.take_next(session, now=NOW + at)


def must_take(sessions: Sessions, at: timedelta = timedelta()) -> MailLease:
    lease = take(sessions, at)
    assert lease is not None
    return lease


def fail(sessions: Sessions, lease: MailLease, at: timedelta = timedelta()) -> bool:
    with transaction(sessions) as session:
        return queue.mark_failed(session, lease, error="SMTPServerDisconnected", now=NOW + at)


def sent(sessions: Sessions, lease: MailLease, at: timedelta = timedelta()) -> bool:
    with transaction(sessions) as session:
        return queue.mark_sent(session, lease, now=NOW + at)


def mails(sessions: Sessions) -> list[QueuedMail]:
    with reading(sessions) as session:
        return list(session.scalars(sa.select(QueuedMail).order_by(QueuedMail.id)))


def test_the_same_mail_is_queued_once_by_whomever(sessions: Sessions, ada: UUID) -> None:
    queued = all_at_once(8, lambda _: enqueue(sessions, ada, "receipt-1"))

    assert sorted(queued) == [False] * 7 + [True]
    assert len(mails(sessions)) == 1


def test_a_mail_is_queued_with_the_business_or_not_at_all(sessions: Sessions, ada: UUID) -> None:
    def enqueue_and_fail() -> None:
        with transaction(sessions) as session:
            mail = Mail(kind=MailKind.receipt, dedupe_key="receipt-1", member_id=ada, language="en")
            queue.enqueue(session, mail, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()

    assert mails(sessions) == []


def test_two_workers_never_hold_the_same_mail(sessions: Sessions, ada: UUID) -> None:
    for number in range(30):
        enqueue(sessions, ada, f"receipt-{number}")

    def work(_worker: int) -> list[UUID]:
        held = []
        while lease := take(sessions):
            held.append(lease.mail_id)
        return held

    held = [mail_id for taken in all_at_once(WORKERS, work) for mail_id in taken]

    assert sorted(held) == [mail.id for mail in mails(sessions)]


def test_a_mail_sent_is_never_taken_again(sessions: Sessions, ada: UUID) -> None:
    enqueue(sessions, ada, "receipt-1")

    assert sent(sessions, must_take(sessions))

    assert take(sessions, timedelta(days=30)) is None
    assert mails(sessions)[0].sent_at == NOW


def test_a_mail_whose_worker_died_is_sent_by_another_under_the_same_id(sessions: Sessions, ada: UUID) -> None:
    enqueue(sessions, ada, "receipt-1")
    first = must_take(sessions)

    assert take(sessions, LEASE) is None
    second = must_take(sessions, LEASE + A_SECOND)

    assert second.mail_id == first.mail_id
    assert second.token != first.token


def test_a_worker_that_comes_back_late_changes_nothing(sessions: Sessions, ada: UUID) -> None:
    enqueue(sessions, ada, "receipt-1")
    first = must_take(sessions)
    second = must_take(sessions, LEASE + A_SECOND)

    assert not fail(sessions, first, LEASE + A_SECOND)
    assert not sent(sessions, first, LEASE + A_SECOND)

    (mail,) = mails(sessions)
    assert (mail.lease_token, mail.attempts, mail.sent_at) == (second.token, 0, None)


def test_a_failure_waits_ever_longer(sessions: Sessions, ada: UUID) -> None:
    enqueue(sessions, ada, "receipt-1")
    at = timedelta()
    for waited in (30, 60, 120):
        fail(sessions, must_take(sessions, at), at)
        assert take(sessions, at + timedelta(seconds=waited - 1)) is None
        at += timedelta(seconds=waited)

    assert must_take(sessions, at).attempts == 3


def test_a_mail_nobody_takes_is_dropped_in_the_end_and_stays_to_be_seen(
    sessions: Sessions, ada: UUID
) -> None:
    enqueue(sessions, ada, "receipt-1")
    at, tries = timedelta(), 0
    while lease := take(sessions, at):
        fail(sessions, lease, at)
        tries += 1
        at += timedelta(hours=6)

    (mail,) = mails(sessions)
    assert tries == MOST_ATTEMPTS
    assert mail.dropped_at is not None
    assert (mail.sent_at, mail.last_error) == (None, "SMTPServerDisconnected")


def test_one_poisoned_mail_never_holds_up_the_others(sessions: Sessions, ada: UUID) -> None:
    for key in ("poison", "receipt-1", "receipt-2"):
        enqueue(sessions, ada, key)
    poison = mails(sessions)[0].id
    order = []
    while lease := take(sessions):
        order.append(lease.mail_id)
        if lease.mail_id == poison:
            fail(sessions, lease)
        else:
            sent(sessions, lease)

    assert len(order) == 3
    assert [mail.sent_at is not None for mail in mails(sessions)] == [False, True, True]


def test_the_mail_that_has_waited_longest_goes_first(sessions: Sessions, ada: UUID) -> None:
    enqueue(sessions, ada, "late", A_SECOND)
    enqueue(sessions, ada, "early")

    must_take(sessions, A_SECOND)

    held = {mail.dedupe_key for mail in mails(sessions) if mail.lease_token}
    assert held == {"early"}


def test_a_row_of_the_outbox_has_no_place_for_an_address() -> None:
    words = {column.name for column in QueuedMail.__table__.columns}

    assert not words & {"address", "email", "recipient", "to", "name", "subject", "body"}


@pytest.mark.parametrize("to_a_contact", [True, False])
def test_a_mail_goes_to_a_member_or_to_a_contact_and_never_to_both_or_neither(
    sessions: Sessions, ada: UUID, to_a_contact: bool
) -> None:
    member_id, contact_id = (ada, new_id()) if to_a_contact else (None, None)
    mail = Mail(
        kind=MailKind.receipt, dedupe_key="m", language="en", member_id=member_id, contact_id=contact_id
    )

    with pytest.raises(sa.exc.IntegrityError), transaction(sessions) as session:
        queue.enqueue(session, mail, now=NOW)
