"""Stripe is down, slow, overrun or breaks off: the reader waits, and comes through once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.giving.models import Pledge
from app.kernel.ids import new_nonce
from config.settings import Settings
from tests.conftest import make_settings
from tests.support.cast import ADA
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.processes import WebProcess, environment_of
from tests.support.simulator import SimulatorProcess
from tests.support.visitor import Answer, Visitor
from tests.support.world import World

SESSIONS = "/v1/checkout/sessions"
LONGER_THAN_THE_BUDGET_SECONDS = 12
MOST_LOOKS = 7
BEFORE = ("fail_before", "429", "409")
AFTER = ("lost_answer", "reset")


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(environment_of(settings), tmp_path / "web.log")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def visitor(web: WebProcess) -> Visitor:
    return Visitor(web.url)


def is_at(answer: Answer, stripe: SimulatorProcess) -> bool:
    """Whether the answer leads to a page at Stripe."""
    return answer.status == 303 and answer.location.startswith(f"{stripe.url}/c/pay/")


def wait_it_out(visitor: Visitor, answer: Answer, stripe: SimulatorProcess) -> Answer:
    """Do what a browser does with the waiting page, pauses and all, until it leads to Stripe."""
    for _ in range(MOST_LOOKS):
        if answer.is_waiting:
            answer = visitor.get(answer.location)
        if is_at(answer, stripe):
            return answer
        assert answer.next_look, "the page has stopped looking"
        time.sleep(answer.pause_seconds)
        answer = visitor.get(answer.next_look)
    raise AssertionError("it never led to Stripe")


def check_waiting_page(visitor: Visitor, answer: Answer) -> None:
    """The page says that we are checking and that nobody is charged twice, and looks again by itself."""
    assert answer.is_waiting
    page = visitor.get(answer.location)
    assert page.status == 200
    assert page.next_look
    assert "not been charged" in page.body


def check_one_gift(world: World, answer: Answer) -> None:
    """One session at Stripe; paid, it is one payment with all that belongs to it."""
    (session,) = world.stripe.objects("checkout.session")
    assert answer.location.endswith(session["id"])
    world.pay(session["id"], ADA)
    world.settle()
    assert len(world.stripe.objects("charge")) == 1
    assert differences(world.parts.sessions, world.stripe) == []


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER])
def test_trouble_that_lasts_a_while_leads_to_the_waiting_page_and_then_to_one_session(
    world: World, visitor: Visitor, kind: str
) -> None:
    world.stripe.faults(kind, method="POST", route=SESSIONS, count=2)

    answer = visitor.send_form(ADA, nonce=new_nonce())

    check_waiting_page(visitor, answer)
    check_one_gift(world, wait_it_out(visitor, answer, world.stripe))


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER])
def test_trouble_that_passes_at_once_ends_in_one_session_too(
    world: World, visitor: Visitor, kind: str
) -> None:
    world.stripe.faults(kind, method="POST", route=SESSIONS, count=1)

    answer = visitor.send_form(ADA, nonce=new_nonce())

    check_one_gift(world, wait_it_out(visitor, answer, world.stripe))


def test_an_error_that_stripe_will_repeat_for_a_day_does_not_hold_the_reader_for_a_day(
    world: World, visitor: Visitor
) -> None:
    """Stripe keeps its 500 under the idempotency key: only another key gets another answer."""
    world.stripe.faults("fail_after", method="POST", route=SESSIONS, count=1)

    answer = visitor.send_form(ADA, nonce=new_nonce())
    led = wait_it_out(visitor, answer, world.stripe)

    world.pay(led.location.rpartition("/")[2], ADA)
    world.settle()
    assert len(world.stripe.objects("charge")) == 1
    assert world.one(Pledge).completed_at
    unknown = [one for one in world.stripe.objects("checkout.session") if one["status"] == "open"]
    assert len(unknown) == 1, "the session of the spoiled answer: nobody was given its address"
    assert unknown[0]["url"] not in (answer.location, led.location)


def test_a_stripe_slower_than_our_budget_is_not_waited_for(world: World, visitor: Visitor) -> None:
    world.stripe.faults("hang", method="POST", route=SESSIONS, seconds=LONGER_THAN_THE_BUDGET_SECONDS)

    answer = visitor.send_form(ADA, nonce=new_nonce())

    check_waiting_page(visitor, answer)
    check_one_gift(world, wait_it_out(visitor, answer, world.stripe))


def test_the_same_form_sent_again_while_stripe_is_slow_waits_too(world: World, visitor: Visitor) -> None:
    nonce = new_nonce()
    world.stripe.faults("hang", method="POST", route=SESSIONS, seconds=LONGER_THAN_THE_BUDGET_SECONDS)

    first, second = (visitor.send_form(ADA, nonce=nonce) for _ in range(2))

    assert first.is_waiting
    assert second.is_waiting or is_at(second, world.stripe)
    check_one_gift(world, wait_it_out(visitor, second, world.stripe))


def test_thanks_while_stripe_is_away_say_that_the_payment_is_on_its_way(
    world: World, visitor: Visitor
) -> None:
    session_id = world.open_session(world.form(ADA))
    world.pay(session_id, ADA)
    world.stripe.faults("fail_before", method="GET", route=f"{SESSIONS}/*", count=2)

    page = visitor.get(f"/support/thanks?session_id={session_id}")

    assert page.status == 200
    assert page.next_look
    assert "HC-" in visitor.get(page.next_look).body


def test_a_stripe_that_is_down_is_waited_for_and_found_again(
    database_url: str, mails: MailCatcher, tmp_path: Path
) -> None:
    with SimulatorProcess().start(state=tmp_path / "stripe.db") as stripe:
        settings = make_settings(database_url, stripe_url=stripe.url, smtp_url=mails.url)
        web = WebProcess(environment_of(settings), tmp_path / "web.log")
        web.start()
        port = stripe.port
        stripe.kill()
        try:
            visitor = Visitor(web.url)
            answer = visitor.send_form(ADA, nonce=new_nonce())
            check_waiting_page(visitor, answer)
            again = visitor.get(visitor.get(answer.location).next_look)
            assert again.next_look, "still away"

            stripe.start(state=tmp_path / "stripe.db", port=port)
            wait_it_out(visitor, again, stripe)
        finally:
            web.kill()
        assert len(stripe.objects("checkout.session")) == 1
