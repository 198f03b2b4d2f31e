"""The pages on which members change their support: shown first, pressed once, told as it turned out."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.asks.models import Ask, AskKind, EndReason
from app.billing.models import Subscription
from app.db import transaction
from app.flows.parts import Parts
from app.kernel.ids import new_nonce
from tests.support.asking import ask, charged, finish
from tests.support.cast import ADA, BEN
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import path_of, read
from tests.web.statements import statements_of

CHOICES = {
    "amount": {"amount": "5", "interval": "month"},
    "pause": {"months": "3"},
    "skip": {},
    "day": {"day": "28"},
}
MOST_QUERIES = 10
PAGES = pytest.mark.parametrize("what", CHOICES)
Path = Callable[[str], str]


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    """Ada gives monthly."""
    made = World(parts, stripe)
    made.give(ADA)
    return made


@pytest.fixture
def ada(client: FlaskClient, world: World) -> FlaskClient:
    """A browser in which Ada is signed in."""
    member_id = world.one(Subscription).member_id
    assert member_id
    sign_in(client, world.parts, member_id)
    return client


@pytest.fixture
def path(world: World) -> Path:
    return lambda what: f"/manage/support/{world.one(Subscription).id}/{what}"


def foretell(browser: FlaskClient, path: Path, what: str) -> TestResponse:
    return browser.get(path(what), query_string=CHOICES[what])


def press(browser: FlaskClient, path: Path, what: str, shown: TestResponse) -> TestResponse:
    """Press the button under what was shown."""
    return browser.post(path(what), data=read(shown).fields)


@PAGES
def test_choosing_changes_nothing_and_asks_stripe_nothing(
    ada: FlaskClient, world: World, path: Path, what: str
) -> None:
    asked = len(world.stripe.requests())

    for answer in (ada.get(path(what)), foretell(ada, path, what), ada.head(path(what))):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"

    assert len(world.stripe.requests()) == asked
    assert world.rows(Ask) == []
    assert "Nothing is charged now" in foretell(ada, path, what).text


@PAGES
def test_what_is_pressed_is_done_once_and_told(ada: FlaskClient, world: World, path: Path, what: str) -> None:
    shown = foretell(ada, path, what)

    answers = [press(ada, path, what, shown) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    assert len(world.rows(Ask)) == 1
    told = ada.get(answers[0].location)
    assert "It is changed" in read(told).text


@PAGES
def test_nobody_else_gets_to_see_a_support(client: FlaskClient, world: World, what: str) -> None:
    row = world.one(Subscription)
    world.give(BEN)
    other = world.one(Subscription, Subscription.id != row.id).member_id
    assert other
    token = sign_in(client, world.parts, other)

    for page in (what, "card", "end"):
        assert client.get(f"/manage/support/{row.id}/{page}").status_code == 404
    sent = {"press": new_nonce(), "seen": ""} | token
    assert client.post(f"/manage/support/{row.id}/{what}", data=sent).status_code == 404


def test_a_second_tab_is_told_that_it_shows_what_was_before(
    ada: FlaskClient, world: World, path: Path
) -> None:
    first, second = foretell(ada, path, "amount"), foretell(ada, path, "skip")
    press(ada, path, "amount", first)

    told = press(ada, path, "skip", second)

    assert told.status_code == 409
    assert "This has changed meanwhile" in read(told).text
    assert [row.kind for row in world.rows(Ask)] == [AskKind.change_amount]
    again = press(ada, path, "skip", told)
    assert again.status_code == 303


def test_what_stripe_has_not_answered_says_so_and_looks_again_by_itself(
    ada: FlaskClient, world: World, path: Path
) -> None:
    shown = foretell(ada, path, "amount")
    world.stripe.faults("fail_before", method="POST", route="/v1/subscriptions/*", count=20)

    answer = press(ada, path, "amount", shown)

    waiting = ada.get(answer.location)
    assert "Your wish is written down" in read(waiting).text
    assert waiting.headers["Refresh"].startswith("2; url=/manage/support/")
    world.stripe.clear_faults()
    finish(world)
    assert "It is changed" in read(ada.get(answer.location)).text


@pytest.mark.parametrize(
    ("what", "chosen", "said"),
    [
        ("amount", {"amount": "0.01", "interval": "month"}, "The least we can take monthly is"),
        ("amount", {"amount": "0.01", "interval": "year"}, "The least we can take yearly is"),
        ("amount", {"amount": "99999999", "interval": "month"}, "The most this page takes is"),
        ("amount", {"amount": "a lot", "interval": "month"}, "Type the amount as a number"),
        ("amount", {"amount": "5", "interval": "once"}, "not on offer"),
        ("amount", {"amount": "2", "interval": "month"}, "how it is already"),
        ("pause", {"months": "13"}, "not on offer"),
        ("day", {"day": "32"}, "not on offer"),
        ("resume", {}, "how it is already"),
    ],
)
def test_a_choice_that_cannot_be_had_is_told_beside_the_form(
    ada: FlaskClient, path: Path, what: str, chosen: dict[str, str], said: str
) -> None:
    shown = ada.get(path(what), query_string=chosen)

    assert shown.status_code == 200
    assert said in read(shown).text


def test_the_card_and_the_end_are_the_pages_that_mails_lead_to(ada: FlaskClient, path: Path) -> None:
    for what, leads_to in (("card", "/manage/mend/"), ("end", "/manage/end/")):
        answer = ada.get(path(what))

        assert answer.status_code == 302
        assert path_of(answer.location).startswith(leads_to)
        assert ada.get(path_of(answer.location)).status_code == 200


def test_support_ends_in_two_clicks_and_the_alternative_stands_in_nobodys_way(
    ada: FlaskClient, world: World, path: Path
) -> None:
    end = path_of(ada.get(path("end")).location)
    shown = ada.get(end)

    assert "If it is only too much just now" in read(shown).text
    answer = ada.post(end, data=read(shown).fields | {"what": "later", "reason": "money"})

    assert answer.status_code == 303
    assert world.one(Ask).reason is EndReason.money
    told = ada.get(end)
    assert "Your support will end" in read(told).text
    assert "If it is only too much" not in read(told).text
    world.settle()
    ada.post(end, data=read(told).fields | {"what": "keep"})
    world.settle()
    assert world.one(Subscription).cancel_at is None


def test_words_of_ones_own_are_not_taken_for_a_reason(ada: FlaskClient, world: World, path: Path) -> None:
    end = path_of(ada.get(path("end")).location)

    ada.post(end, data=read(ada.get(end)).fields | {"what": "later", "reason": "because of Ada Adler"})

    assert world.one(Ask).reason is None


def test_a_support_that_ends_offers_to_be_kept_before_it_is_changed(
    ada: FlaskClient, world: World, path: Path
) -> None:
    ask(world, AskKind.cancel_later, world.subscription_id())

    shown = read(ada.get(path("amount")))

    assert "Your support will end" in shown.text
    assert [one["href"] for one in shown.all("a") if one.get("class") == "go"] == [f"{path('end')}?lang=en"]


def test_a_payment_that_is_being_made_is_waited_for(ada: FlaskClient, world: World, path: Path) -> None:
    before = world.one(Subscription).started_at
    with transaction(world.parts.sessions) as session:
        session.execute(sa.update(Subscription).values(current_period_end=before))

    shown = ada.get(path("amount"), query_string=CHOICES["amount"])

    assert "A payment is being made" in read(shown).text
    assert "Refresh" in shown.headers


def test_charges_are_as_shown(ada: FlaskClient, world: World, path: Path) -> None:
    press(ada, path, "amount", foretell(ada, path, "amount"))
    world.advance(days=32)
    world.settle()

    assert charged(world) == [200, 500]


@PAGES
def test_a_page_asks_the_database_a_handful_of_times(
    app: Flask, ada: FlaskClient, path: Path, what: str
) -> None:
    with statements_of(app) as statements:
        foretell(ada, path, what)

    assert len([one for one in statements if one.startswith("SELECT")]) <= MOST_QUERIES, statements
