"""Stripe's events become what a person would say happened."""

from datetime import UTC, datetime, timedelta

import pytest

from app.inbox.models import InboxEvent
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.web.staff.happenings import BOOKKEEPING, TELLING, happenings, in_words

NOON = datetime(2026, 11, 15, 12, 0, 10, tzinfo=UTC)


def event(kind: str, *, seconds: int = 0) -> InboxEvent:
    return InboxEvent(type=kind, object_id="in_1", occurred_at=NOON + timedelta(seconds=seconds))


def test_every_event_we_ask_for_has_words_of_its_own() -> None:
    assert set(FOLLOWED_EVENTS) <= set(TELLING) | set(BOOKKEEPING)
    assert not set(TELLING) & set(BOOKKEEPING)


def test_the_events_of_a_minute_are_one_happening_told_by_what_matters() -> None:
    newest_first = [
        event("charge.updated", seconds=49),
        event("payment_intent.succeeded", seconds=3),
        event("invoice.paid", seconds=3),
        event("customer.subscription.created", seconds=1),
        event("invoice.payment_failed", seconds=-3600),
    ]

    first, second = happenings(newest_first)

    assert first.words == ["Subscription begun", "Payment succeeded"]
    assert first.events == newest_first[:4]
    assert first.at == newest_first[0].occurred_at
    assert second.words == ["Payment failed"]


def test_bookkeeping_is_told_where_nothing_else_happened() -> None:
    [only] = happenings(
        [event("invoice.updated", seconds=2), event("invoice.created"), event("invoice.updated")]
    )

    assert only.words == ["Invoice changed", "Invoice made"]


def test_the_same_thing_told_by_two_events_is_said_once() -> None:
    [only] = happenings([event("payment_intent.payment_failed", seconds=1), event("invoice.payment_failed")])

    assert only.words == ["Payment failed"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("charge.dispute.rumoured", "Charge dispute rumoured"), ("v2.core.event", "V2 core event")],
)
def test_an_event_we_do_not_follow_is_told_by_its_name(kind: str, words: str) -> None:
    assert in_words(kind) == words
    assert happenings([event(kind)])[0].words == [words]
