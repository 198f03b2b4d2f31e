"""Which mails a member gets, and in which language: chosen on a page, or by the link in a reminder."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from app.billing.models import Subscription
from app.db import transaction
from app.flows.mail_choices import stop_link
from app.flows.parts import Parts
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.models import MailKind, MailRefusal, MailTopic, QueuedMail
from app.outbox.queue import Mail, enqueue
from tests.support.cast import ADA
from tests.support.letters import links_in
from tests.support.mail import MailCatcher
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import path_of, read

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
"""What mail programs post: https://www.rfc-editor.org/rfc/rfc8058#section-3.1."""


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess, mails: MailCatcher) -> World:
    """Ada gives yearly; her receipt has been read."""
    made = World(parts, stripe)
    made.give(ADA, Money(6000, "eur"), Interval.year)
    made.send_mail()
    mails.clear()
    return made


@pytest.fixture
def form(client: FlaskClient, world: World) -> dict[str, str]:
    """The hidden field of Ada's forms, who is signed in."""
    return sign_in(client, world.parts, world.one(Member).id)


def yearly_notice(world: World, number: int = 0) -> None:
    """Queue the notice before Ada's next charge."""
    row = world.one(Subscription)
    assert row.current_period_end
    mail = Mail(
        kind=MailKind.charge_coming,
        dedupe_key=f"notice-{number}",
        member_id=row.member_id,
        language="en",
        about_id=row.stripe_subscription_id,
        matter={"charge_at": row.current_period_end.isoformat()},
    )
    with transaction(world.parts.sessions) as session:
        enqueue(session, mail, now=row.synced_at - timedelta(minutes=1))


def sent(world: World, mails: MailCatcher) -> list[EmailMessage]:
    mails.clear()
    world.send_mail()
    return list(mails.messages)


def one_click(mail: EmailMessage) -> str:
    """Return the path that a mail program posts to."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return path_of(str(mail["List-Unsubscribe"]).strip("<>"))


def test_reminders_turned_off_are_not_sent_and_turned_on_again_they_are(
    client: FlaskClient, world: World, mails: MailCatcher, form: dict[str, str]
) -> None:
    client.post("/manage/mails", data=form | {"topic": "card_expiry", "language": "en"})
    yearly_notice(world, 1)
    assert sent(world, mails) == []
    assert (
        'id="topic-yearly_charge" name="topic" value="yearly_charge" aria' in client.get("/manage/mails").text
    )

    client.post("/manage/mails", data=form | {"topic": "yearly_charge", "language": "en"})
    yearly_notice(world, 2)

    assert len(sent(world, mails)) == 1


def test_unsubscribing_from_reminders_does_not_stop_receipts(
    client: FlaskClient, world: World, mails: MailCatcher, form: dict[str, str]
) -> None:
    """Edge 27: unsubscribing from news must not stop receipts."""
    client.post("/manage/mails", data=form | {"language": "en"})
    assert {row.topic for row in world.rows(MailRefusal)} == set(MailTopic)

    world.advance(days=366)
    world.settle()

    sent(world, mails)
    assert [row.kind for row in world.rows(QueuedMail) if row.sent_at].count(MailKind.receipt) == 2


def test_receipts_carry_no_way_to_unsubscribe(world: World, mails: MailCatcher) -> None:
    """Edge 27: receipts must not carry marketing."""
    world.advance(days=366)
    world.settle()

    receipts = [mail for mail in sent(world, mails) if mail.get_content_type() == "multipart/mixed"]

    assert receipts
    assert all(mail["List-Unsubscribe"] is None for mail in receipts)


def test_one_click_of_a_mail_program_turns_a_reminder_off(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    yearly_notice(world, 1)
    (mail,) = sent(world, mails)

    answer = client.post(one_click(mail), data=ONE_CLICK)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert [row.topic for row in world.rows(MailRefusal)] == [MailTopic.yearly_charge]
    yearly_notice(world, 2)
    assert sent(world, mails) == []


def test_opening_the_link_changes_nothing_and_its_button_can_be_taken_back(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    """Edge 22: mail scanners open links; GET shows a button, POST consumes."""
    yearly_notice(world, 1)
    (mail,) = sent(world, mails)
    link = path_of(links_in(mail, "/manage/mails/off/")[0])

    for _ in range(3):
        assert "Turn these mails off?" in read(client.get(link)).text
    assert world.rows(MailRefusal) == []
    assert "These mails are turned off" in read(client.post(link, data={"what": "off"})).text
    assert "These mails are turned off" in read(client.get(link)).text
    client.post(link, data={"what": "again"})

    assert world.rows(MailRefusal) == []


def test_the_link_works_for_ever_and_nobody_can_make_one(client: FlaskClient, world: World) -> None:
    member_id = world.one(Member).id
    link = path_of(stop_link(world.parts, member_id, MailTopic.card_expiry, language="en"))

    altered = link.replace("/off/", "/off/x")

    assert client.get(link).status_code == 200
    assert client.get(altered).status_code == 404
    assert client.post(altered, data=ONE_CLICK).status_code == 404
    assert world.rows(MailRefusal) == []


def test_the_notice_of_a_raised_amount_cannot_be_turned_off(
    client: FlaskClient, world: World, mails: MailCatcher, form: dict[str, str]
) -> None:
    client.post("/manage/mails", data=form | {"language": "en"})
    with transaction(world.parts.sessions) as session:
        session.get_one(Subscription, world.one(Subscription).id).interval = Interval.month
    yearly_notice(world)

    (mail,) = sent(world, mails)

    assert mail["List-Unsubscribe"] is None


def test_the_language_chosen_is_that_of_pages_and_of_mails_from_now_on(
    client: FlaskClient, world: World, mails: MailCatcher, form: dict[str, str]
) -> None:
    answer = client.post("/manage/mails", data=form | {"language": "ru"})

    assert 'lang="ru"' in client.get(path_of(answer.location)).text
    assert 'lang="ru"' in client.get("/manage").text
    assert world.one(Member).language == "ru"
    world.advance(days=366)
    world.settle()
    assert {mail["Content-Language"] for mail in sent(world, mails)} == {"ru"}


def test_a_language_that_the_newsroom_does_not_speak_is_left_aside(
    client: FlaskClient, world: World, form: dict[str, str]
) -> None:
    assert client.post("/manage/mails", data=form | {"language": "xx"}).status_code == 303

    assert world.one(Member).language == "en"


def test_what_always_comes_is_said_with_its_reason(
    client: FlaskClient, world: World, form: dict[str, str]
) -> None:
    assert form
    assert world

    shown = read(client.get("/manage/mails")).text

    assert "These cannot be turned off" in shown
    assert "receipts and credit notes, which you may need for your taxes" in shown
