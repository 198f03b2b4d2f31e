"""What a member is told when a picture of their subscription shows something new."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.subscription import project_subscription
from tests.projection.looking import LATER, STAMP, look
from tests.projection.rows import add_member, add_pledge, letters
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, HOUR, NOW


@pytest.mark.parametrize(("minor", "raised"), [(600, True), (400, False)])
def test_another_amount_is_told_with_the_day_it_is_charged(
    session: Session, setting: Context, member: Member, minor: int, raised: bool
) -> None:
    look(session, setting, amount=Money(minor, "eur"))

    kind = "raised" if raised else "lowered"
    assert letters(session) == [
        {
            "kind": MailKind.support_changed,
            "key": f"{kind}-sub_1-{STAMP}",
            "to": member.id,
            "about": "sub_1",
            "receipt": None,
            "language": "en",
            "queued_at": LATER,
            "matter": {
                "happened_at": LATER.isoformat(),
                "cause": "stripe",
                "amount_minor": minor,
                "currency": "eur",
                "interval": Interval.month,
                "raised": raised,
                "next_charge_on": "2026-12-03",
            },
        }
    ]


def test_a_change_is_told_once_however_often_it_is_seen(
    session: Session, setting: Context, member: Member
) -> None:
    look(session, setting, amount=Money(600, "eur"))
    look(session, setting, LATER + HOUR, amount=Money(600, "eur"))

    assert [one["to"] for one in letters(session)] == [member.id]


@pytest.mark.usefixtures("member")
def test_what_happened_between_two_looks_is_told_one_by_one(session: Session, setting: Context) -> None:
    look(session, setting, amount=Money(600, "eur"), status="canceled", ended_at=LATER)

    assert [one["kind"] for one in letters(session)] == [MailKind.support_changed, MailKind.support_ended]


@pytest.mark.usefixtures("member")
def test_where_the_next_charge_is_not_known_no_day_is_named(session: Session, setting: Context) -> None:
    look(session, setting, amount=Money(600, "eur"), current_period_end=None)

    (mail,) = letters(session)
    assert "next_charge_on" not in mail["matter"]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("until", "told"), [(BEGUN + 9 * DAY, {"paused_until": "2026-11-12"}), (None, {})])
def test_a_pause_is_told_with_its_last_day_where_it_has_one(
    session: Session, setting: Context, until: datetime | None, told: dict[str, str]
) -> None:
    look(session, setting, pause_behavior="void", paused_until=until)

    (mail,) = letters(session)
    days = {name: value for name, value in mail["matter"].items() if name not in SAID_OF_ANY}
    assert (mail["kind"], days) == (MailKind.support_paused, told)


SAID_OF_ANY = ("happened_at", "cause", "amount_minor", "currency", "interval", "raised")


@pytest.mark.usefixtures("member")
def test_that_it_goes_on_is_told_with_the_next_charge(session: Session, setting: Context) -> None:
    look(session, setting, pause_behavior="void")
    look(session, setting, LATER + HOUR)

    resumed = letters(session)[-1]
    assert (resumed["kind"], resumed["about"]) == (MailKind.support_resumed, "sub_1")
    assert resumed["matter"]["next_charge_on"] == "2026-12-03"
    assert resumed["matter"]["amount_minor"] == 500


@pytest.mark.usefixtures("member")
def test_the_end_names_its_cause_and_neither_an_amount_nor_a_charge(
    session: Session, setting: Context
) -> None:
    look(session, setting, status="canceled", ended_at=LATER, cancellation_reason="payment_failed")

    (mail,) = letters(session)
    assert mail["kind"] is MailKind.support_ended
    assert mail["matter"] == {"happened_at": LATER.isoformat(), "cause": "dunning"}


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("status", ["past_due", "unpaid"])
def test_a_failed_charge_is_told_by_other_mails(session: Session, setting: Context, status: str) -> None:
    look(session, setting, status=status)

    assert letters(session) == []


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("silence_ends", "mails"), [(LATER + HOUR, 0), (LATER, 1)])
def test_of_what_is_older_than_a_sweeps_silence_nobody_is_told(
    session: Session, setting: Context, silence_ends: datetime, mails: int
) -> None:
    look(session, replace(setting, silent_before=silence_ends), amount=Money(600, "eur"))

    assert len(letters(session)) == mails


def test_letters_are_in_the_members_language_where_the_newsroom_speaks_it(
    session: Session, setting: Context
) -> None:
    pledge = add_pledge(session, language="ru")
    add_member(session, setting, pledge_id=pledge.id)
    look(session, setting, NOW)
    look(session, setting, amount=Money(600, "eur"))

    assert [one["language"] for one in letters(session)] == ["ru"]


def test_others_are_written_to_in_the_newsrooms_first_language(session: Session, setting: Context) -> None:
    pledge = add_pledge(session, language="fr")
    add_member(session, setting, pledge_id=pledge.id)
    look(session, setting, NOW)
    look(session, setting, amount=Money(600, "eur"))

    assert [one["language"] for one in letters(session)] == ["en"]


def second(session: Session, setting: Context, **changed: Any) -> None:
    """Have a second subscription of the same customer seen."""
    shown = pictures.subscription(
        **{"id": "sub_2", "started_at": BEGUN + HOUR, "amount": Money(900, "usd"), **changed}
    )
    project_subscription(session, shown, setting)


def test_a_second_subscription_is_told_once_with_both_side_by_side(
    session: Session, setting: Context, member: Member
) -> None:
    second(session, setting, interval=Interval.year)
    second(session, setting, interval=Interval.year)
    look(session, setting)

    assert letters(session) == [
        {
            "kind": MailKind.second_subscription,
            "key": "second-sub_1-sub_2",
            "to": member.id,
            "about": "sub_2",
            "receipt": None,
            "language": "en",
            "queued_at": NOW,
            "matter": {
                "older": {
                    "subscription": "sub_1",
                    "amount_minor": 500,
                    "currency": "eur",
                    "interval": Interval.month,
                },
                "newer": {
                    "subscription": "sub_2",
                    "amount_minor": 900,
                    "currency": "usd",
                    "interval": Interval.year,
                },
            },
        }
    ]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    "changed",
    [
        {"ended_at": BEGUN + HOUR, "status": "canceled"},
        {"status": "incomplete"},
        {"pause_behavior": "void"},
    ],
)
def test_a_second_one_that_will_not_be_charged_doubles_nothing(
    session: Session, setting: Context, changed: dict[str, Any]
) -> None:
    second(session, setting, **changed)

    assert MailKind.second_subscription not in [one["kind"] for one in letters(session)]


@pytest.mark.usefixtures("member")
def test_a_picture_of_one_tells_nothing_of_two_others(session: Session, setting: Context) -> None:
    quiet = replace(setting, silent_before=NOW + DAY)
    second(session, quiet)
    second(session, setting, id="sub_3", started_at=BEGUN + 2 * HOUR)

    assert sorted(one["key"] for one in letters(session)) == ["second-sub_1-sub_3", "second-sub_2-sub_3"]


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("silence_ends", "mails"), [(BEGUN + 2 * HOUR, 0), (BEGUN + HOUR, 1)])
def test_a_second_one_begun_before_a_sweeps_silence_is_told_to_nobody(
    session: Session, setting: Context, silence_ends: datetime, mails: int
) -> None:
    second(session, replace(setting, silent_before=silence_ends))

    assert len(letters(session)) == mails
