"""What is old is forgotten bit by bit, and nothing shows of it: no date changes, no mail goes twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks.forgetting import forget_old_asks
from app.asks.models import Ask, AskKind
from app.billing.models import Dispute, Payment
from app.db import transaction
from app.flows.housekeeping import AT_ONCE, MOST_PIECES, forget_old
from app.flows.reconcile.command import Outcome, reconcile
from app.flows.reconcile.events import follow_events
from app.inbox.forgetting import forget_old_events
from app.inbox.intake import want
from app.inbox.models import InboxEvent, ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import MembershipFact
from app.outbox.forgetting import forget_mails_to_contacts, forget_matters
from app.outbox.models import MailKind, QueuedMail
from app.outbox.queue import Mail, enqueue
from app.receipts.models import ReceiptNote
from app.reconciliation.forgetting import forget_old_drifts, forget_old_sweeps
from app.reconciliation.models import Cursor, Drift, DriftKind, Sweep, SweepKind
from tests.support.asking import ask, place
from tests.support.cast import ADA, BEN, DAN, DISPUTED_AT_ONCE
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.world import World

A_DAY = timedelta(days=1)
QUARTER = 91 * A_DAY
RETRIED_OR_LISTED = 35 * A_DAY
"""Longer than Stripe delivers an event again, lists it, or lets anybody send it once more."""
LONG = 4 * 365 * A_DAY


def forget(world: World, *, later: timedelta) -> int:
    """Keep house as if so much later."""
    return forget_old(world.parts, now=utc_now() + later)


def compare(world: World) -> Outcome:
    return reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)


def replay(world: World) -> None:
    """Fetch and apply every object anew."""
    with transaction(world.parts.sessions) as session:
        for row in world.rows(WantedObject):
            want(session, (row.object_type, row.object_id), now=utc_now())
    world.come_through()


def lives(world: World) -> None:
    """Let Ada's support go up and end, Ben's bank win, Dan have half of his gift back."""
    world.give(ADA)
    world.stripe.advance(seconds=60)
    world.change_amount(world.subscription_id(), Money(900, "eur"))
    world.advance(days=32)
    world.settle()
    world.give(BEN, Money(2500, "eur"), Interval.once, card=DISPUTED_AT_ONCE)
    world.stripe.advance(seconds=60)
    world.stripe.door(f"disputes/{world.one(Dispute).stripe_dispute_id}", {"won": False})
    world.give(DAN, Money(3000, "eur"), Interval.once)
    paid = world.one(Payment, Payment.amount_minor == 3000).stripe_payment_intent_id
    ask(world, AskKind.refund, paid, amount=Money(1500, "eur"))
    ask(world, AskKind.cancel, world.subscription_id())
    world.settle()
    world.send_mail()


def told(world: World) -> list[list[tuple[Any, ...]]]:
    """Return every date that was read from the events, and every mail."""
    facts, notes = world.rows(MembershipFact), world.rows(ReceiptNote)
    return [
        [(one.kind, one.cause, one.occurred_at) for one in facts],
        [(one.kind, one.noted_on) for one in notes],
        [(one.status, one.lost_at) for one in world.rows(Dispute)],
        [(one.dedupe_key, one.sent_at) for one in world.rows(QueuedMail)],
    ]


def test_events_are_kept_for_a_quarter_of_a_year_and_no_longer(world: World) -> None:
    world.give(ADA)
    events = len(world.rows(InboxEvent))

    assert forget(world, later=89 * A_DAY) == 0
    assert forget(world, later=QUARTER) == events

    assert world.rows(InboxEvent) == []


def test_events_of_an_object_that_waits_are_kept_and_date_what_it_tells(world: World) -> None:
    world.give(ADA)
    world.stripe.advance(seconds=86_400)
    world.change_amount(world.subscription_id(), Money(900, "eur"))
    world.deliver()
    changed_at = max(one.occurred_at for one in world.rows(InboxEvent))

    forget(world, later=QUARTER)
    kept = {one.object_id for one in world.rows(InboxEvent)}
    world.work()

    assert kept == {world.subscription_id()}
    assert world.rows(MembershipFact)[-1].occurred_at == changed_at


def test_all_looked_at_anew_tells_the_same_without_the_events_and_mails_nobody(
    world: World, mails: MailCatcher
) -> None:
    lives(world)
    before, sent = told(world), len(mails.messages)

    assert forget(world, later=LONG) > 0
    assert world.rows(InboxEvent) == []
    replay(world)
    outcome = compare(world)

    assert (outcome.all_equal, outcome.differed) == (True, {})
    assert differences(world.parts.sessions, world.stripe) == []
    assert told(world) == before
    assert world.send_mail() == 0
    assert len(mails.messages) == sent


def test_what_is_delivered_or_listed_once_more_is_known_as_old(world: World) -> None:
    lives(world)
    follow_events(world.parts)
    with transaction(world.parts.sessions) as session:
        session.execute(sa.delete(Cursor))

    forget(world, later=RETRIED_OR_LISTED)

    assert not any(world.deliver_event(event) for event in list(world.delivered))
    followed = follow_events(world.parts)
    assert (followed.read > len(world.delivered) / 2, followed.new) == (True, 0)


def test_an_event_that_comes_once_more_after_all_changes_nothing(world: World) -> None:
    lives(world)
    before = told(world)
    forget(world, later=LONG)

    assert all(world.deliver_event(event) for event in list(world.delivered))
    world.come_through()

    assert told(world) == before
    assert world.send_mail() == 0


def test_asks_are_kept_for_three_years_and_refunds_with_their_money(world: World) -> None:
    lives(world)
    waiting = place(
        world, AskKind.refund, world.one(Payment, Payment.amount_minor == 3000).stripe_payment_intent_id
    )
    subscription_id = world.subscription_id()
    place(world, AskKind.take_back, subscription_id)

    forget(world, later=3 * 365 * A_DAY - A_DAY)
    assert len(world.rows(Ask)) == 4
    forget(world, later=LONG)

    left = [(one.kind, one.done_at is not None) for one in world.rows(Ask)]
    assert left == [(AskKind.refund, True), (AskKind.refund, False), (AskKind.take_back, False)]
    assert waiting.done_at is None


@pytest.mark.parametrize("over", ["done_at", "refused_at", "superseded_at"])
def test_an_ask_is_over_however_it_ended(world: World, over: str) -> None:
    now = utc_now()
    row = place(world, AskKind.cancel, "sub_of_long_ago")
    with transaction(world.parts.sessions) as session:
        values = {over: now} | ({"refused_code": "already_ended"} if over == "refused_at" else {})
        session.execute(sa.update(Ask).where(Ask.id == row.id).values(values))

    assert forget(world, later=LONG) == 1


def test_a_mail_keeps_its_key_and_loses_what_stood_in_it(world: World) -> None:
    lives(world)
    with transaction(world.parts.sessions) as session:
        waits = Mail(
            kind=MailKind.charge_coming,
            dedupe_key="waits",
            language="en",
            member_id=world.rows(MembershipFact)[0].member_id,
            matter={"amount_minor": 900},
        )
        enqueue(session, waits, now=utc_now())
    keys = {one.dedupe_key for one in world.rows(QueuedMail)}

    forget(world, later=89 * A_DAY)
    assert [one for one in world.rows(QueuedMail) if one.sent_at and one.matter]
    forget(world, later=QUARTER)

    assert [one.dedupe_key for one in world.rows(QueuedMail) if one.matter] == ["waits"]
    assert {one.dedupe_key for one in world.rows(QueuedMail)} == keys


def test_mails_to_those_who_are_no_members_go_once_they_are_over(world: World) -> None:
    with transaction(world.parts.sessions) as session:
        for key in ("sent", "dropped", "waits"):
            mail = Mail(kind=MailKind.reminder, dedupe_key=key, language="en", contact_id=new_id())
            enqueue(session, mail, now=utc_now())
        for key, column in (("sent", "sent_at"), ("dropped", "dropped_at")):
            over = sa.update(QueuedMail).where(QueuedMail.dedupe_key == key)
            session.execute(over.values({column: utc_now()}))

    assert forget(world, later=89 * A_DAY) == 0
    assert forget(world, later=QUARTER) == 2

    assert world.one(QueuedMail).dedupe_key == "waits"


def add_sweep(
    session: Session, kind: SweepKind, *, days_ago: int, finished: bool = True, drifts: int = 0
) -> Sweep:
    at = utc_now() - days_ago * A_DAY
    sweep = Sweep(
        id=new_id(),
        kind=kind,
        started_at=at,
        touched_at=at,
        finished_at=at if finished else None,
        drifted=drifts,
    )
    session.add(sweep)
    session.flush()
    for number in range(drifts):
        found = {"kind": DriftKind.differs, "object_type": "customer", "object_id": f"cus_{number}"}
        session.add(Drift(sweep_id=sweep.id, found_at=at, **found))
    return sweep


def test_sweeps_go_with_their_drifts_but_the_last_of_each_kind(world: World) -> None:
    with transaction(world.parts.sessions) as session:
        for days_ago in (300, 200, 10):
            add_sweep(session, SweepKind.recent, days_ago=days_ago, drifts=2)
        add_sweep(session, SweepKind.full, days_ago=400, drifts=1)
        add_sweep(session, SweepKind.full, days_ago=300)
        add_sweep(session, SweepKind.full, days_ago=250, finished=False, drifts=3)
        add_sweep(session, SweepKind.backfill, days_ago=900, drifts=4)
        add_sweep(session, SweepKind.events, days_ago=200, finished=False)
        add_sweep(session, SweepKind.events, days_ago=89)

    forget(world, later=timedelta(0))

    ages: dict[SweepKind, list[int]] = {kind: [] for kind in SweepKind}
    for sweep in world.rows(Sweep):
        ages[sweep.kind].append((utc_now() - sweep.started_at).days)
    assert {kind: sorted(days) for kind, days in ages.items()} == {
        SweepKind.recent: [10],
        SweepKind.full: [250, 300],
        SweepKind.backfill: [900],
        SweepKind.events: [89],
    }
    assert len(world.rows(Drift)) == 2 + 3


def test_a_sweep_whose_drifts_are_not_all_forgotten_yet_waits_for_them(world: World) -> None:
    with transaction(world.parts.sessions) as session:
        add_sweep(session, SweepKind.full, days_ago=200, drifts=3)
        add_sweep(session, SweepKind.full, days_ago=1)
        assert forget_old_drifts(session, before=utc_now(), limit=2) == 2
        assert forget_old_sweeps(session, before=utc_now(), limit=2) == 0
        assert forget_old_drifts(session, before=utc_now(), limit=2) == 1
        assert forget_old_sweeps(session, before=utc_now(), limit=2) == 1


def add_events(world: World, count: int, *, days_ago: int = 100) -> None:
    oldest = utc_now() - days_ago * A_DAY
    rows = [
        {
            "stripe_event_id": f"evt_{count - number:06d}",
            "type": "customer.updated",
            "livemode": False,
            "object_type": ObjectType.customer,
            "object_id": None if number % 2 else "cus_1",
            "occurred_at": oldest,
            "received_at": oldest + timedelta(seconds=number),
        }
        for number in range(count)
    ]
    with transaction(world.parts.sessions) as session:
        session.execute(sa.insert(InboxEvent), rows)


def test_the_oldest_go_first_and_no_more_than_asked_for(world: World) -> None:
    add_events(world, 5)

    with transaction(world.parts.sessions) as session:
        assert forget_old_events(session, before=utc_now(), limit=2) == 2

    assert [one.stripe_event_id for one in world.rows(InboxEvent)] == [
        "evt_000001",
        "evt_000002",
        "evt_000003",
    ]


def test_a_turn_forgets_in_pieces_and_leaves_the_rest_to_the_next(world: World) -> None:
    add_events(world, AT_ONCE * MOST_PIECES + 3)

    assert forget(world, later=timedelta(0)) == AT_ONCE * MOST_PIECES
    assert forget(world, later=timedelta(0)) == 3


INDEXES: dict[str, Callable[..., int]] = {
    "ix_inbox_events_received_at": forget_old_events,
    "ix_drifts_found_at": forget_old_drifts,
    "ix_asks_forgettable": forget_old_asks,
    "ix_outbox_mails_with_matter": forget_matters,
    "ix_outbox_mails_to_contacts": forget_mails_to_contacts,
}


@pytest.mark.parametrize("index", INDEXES)
def test_what_is_old_is_found_by_an_index(world: World, index: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    with transaction(world.parts.sessions) as session:
        connection = session.connection()
        sa.event.listen(connection, "before_cursor_execute", note)
        INDEXES[index](session, before=utc_now(), limit=5)
        sa.event.remove(connection, "before_cursor_execute", note)
        explain = "EXPLAIN"
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        else:
            explain = "EXPLAIN QUERY PLAN"
        plan = connection.exec_driver_sql(f"{explain} {asked[-1][0]}", asked[-1][1])
        assert index in "\n".join(str(line) for line in plan)
