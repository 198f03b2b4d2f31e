"""What a member is told when a picture of their subscription shows that it will end, or no longer will."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.inbox.models import InboxEvent
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.projection.context import Context
from app.projection.support_mail import END_TAKEN_BACK
from tests.projection.looking import LATER, look
from tests.projection.rows import letters
from tests.support.pictures import DAY, HOUR, MONTH_ON


def test_an_end_that_is_coming_is_told_with_its_day(
    session: Session, setting: Context, member: Member
) -> None:
    asked = LATER - timedelta(minutes=1)
    look(session, setting, cancel_at=MONTH_ON, canceled_at=asked)
    look(session, setting, LATER + HOUR, cancel_at=MONTH_ON, canceled_at=asked)

    assert letters(session) == [
        {
            "kind": MailKind.support_ending,
            "key": f"ending-sub_1-{MONTH_ON.timestamp():.0f}-{asked.timestamp():.0f}",
            "to": member.id,
            "about": "sub_1",
            "receipt": None,
            "language": "en",
            "queued_at": LATER,
            "matter": {"happened_at": asked.isoformat(), "ends_on": "2026-12-03"},
        }
    ]


@pytest.mark.usefixtures("member")
def test_an_end_of_which_nobody_knows_when_it_was_asked_for_is_dated_by_the_look(
    session: Session, setting: Context
) -> None:
    look(session, setting, cancel_at=MONTH_ON)

    (mail,) = letters(session)
    assert mail["matter"]["happened_at"] == LATER.isoformat()


@pytest.mark.usefixtures("member")
def test_an_end_put_off_is_told_anew(session: Session, setting: Context) -> None:
    look(session, setting, cancel_at=MONTH_ON, canceled_at=LATER)
    look(session, setting, cancel_at=MONTH_ON + DAY, canceled_at=LATER)

    assert [one["matter"]["ends_on"] for one in letters(session)] == ["2026-12-03", "2026-12-04"]


@pytest.mark.usefixtures("member")
def test_of_one_that_is_over_the_coming_end_is_no_news(session: Session, setting: Context) -> None:
    look(session, setting, status="canceled", ended_at=LATER, cancel_at=LATER)

    assert [one["kind"] for one in letters(session)] == [MailKind.support_ended]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("silence_ends", "mails"), [(LATER + HOUR, 0), (LATER, 1)])
def test_a_coming_end_asked_for_before_a_sweeps_silence_is_told_to_nobody(
    session: Session, setting: Context, silence_ends: datetime, mails: int
) -> None:
    quiet = replace(setting, silent_before=silence_ends)
    look(session, quiet, LATER + HOUR, cancel_at=MONTH_ON, canceled_at=LATER)

    assert len(letters(session)) == mails


@pytest.mark.usefixtures("member")
def test_an_end_that_was_known_before_is_no_news_even_where_its_mail_is_gone(
    session: Session, setting: Context
) -> None:
    look(session, setting, cancel_at=MONTH_ON)
    session.execute(sa.delete(QueuedMail))
    look(session, setting, LATER + HOUR, cancel_at=MONTH_ON)

    assert letters(session) == []


@pytest.mark.parametrize("asked_at", [LATER, None])
def test_that_the_end_was_taken_back_is_told_once(
    session: Session, setting: Context, member: Member, asked_at: datetime | None
) -> None:
    look(session, setting, cancel_at=MONTH_ON, canceled_at=asked_at)
    for hours in (1, 2):
        look(session, setting, LATER + hours * HOUR)

    told = letters(session)[1:]
    assert told == [
        {
            "kind": MailKind.support_resumed,
            "key": f"kept-sub_1-{MONTH_ON.timestamp():.0f}-{(asked_at or MONTH_ON).timestamp():.0f}",
            "to": member.id,
            "about": "sub_1",
            "receipt": None,
            "language": "en",
            "queued_at": LATER + HOUR,
            "matter": {"because": END_TAKEN_BACK},
        }
    ]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    ("reported_at", "silence_ends", "mails"),
    [
        (LATER + HOUR, LATER + HOUR, 1),
        (LATER + HOUR, LATER + 2 * HOUR, 0),
        (None, LATER + 3 * HOUR, 1),
        (None, LATER + 4 * HOUR, 0),
    ],
)
def test_an_end_taken_back_is_as_old_as_stripes_report_of_it(
    session: Session, setting: Context, reported_at: datetime | None, silence_ends: datetime, mails: int
) -> None:
    look(session, setting, cancel_at=MONTH_ON)
    session.execute(sa.delete(QueuedMail))
    if reported_at:
        about = {"type": "customer.subscription.updated", "livemode": False, "object_id": "sub_1"}
        session.add(
            InboxEvent(stripe_event_id="e", occurred_at=reported_at, received_at=reported_at, **about)
        )
    look(session, replace(setting, silent_before=silence_ends), LATER + 3 * HOUR)

    assert len(letters(session)) == mails


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    "changed", [{"cancel_at": MONTH_ON + DAY}, {"ended_at": MONTH_ON, "status": "canceled"}]
)
def test_an_end_that_moved_or_came_was_not_taken_back(
    session: Session, setting: Context, changed: dict[str, Any]
) -> None:
    look(session, setting, cancel_at=MONTH_ON)
    look(session, setting, LATER + HOUR, **changed)

    assert MailKind.support_resumed not in [one["kind"] for one in letters(session)]
