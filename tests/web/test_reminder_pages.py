"""Remind me, page by page: the same answer for every address, and nothing done by opening a link."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.db import Sessions, reading
from app.flows.limits import MOST_FROM_A_NETWORK_AN_HOUR
from app.flows.parts import Parts
from app.flows.remind import reminder_link
from app.reminders.models import Reminder
from app.vault.models import Contact
from tests.web.reader import path_of, read

CHOSEN = "/reminders?amount=10&interval=year&currency=usd&campaign=spring"


def waiting(sessions: Sessions) -> list[Reminder]:
    with reading(sessions) as session:
        return list(session.scalars(sa.select(Reminder)))


def ask(client: FlaskClient, address: str = CHOSEN, email: str = "ada@example.org") -> str:
    return client.post("/reminders", data=read(client.get(address)).fields | {"email": email}).text


@pytest.fixture
def link(client: FlaskClient, parts: Parts, sessions: Sessions) -> str:
    """The path behind the link in Ada's mail."""
    ask(client)
    return path_of(reminder_link(parts, waiting(sessions)[0].id))


def test_what_was_chosen_under_the_article_is_kept(client: FlaskClient, sessions: Sessions) -> None:
    page = read(client.get("/reminders?amount=60&interval=year&currency=usd&campaign=spring"))
    assert "$60 every year" in page.text

    client.post("/reminders", data=page.fields | {"email": "ada@example.org"})

    (row,) = waiting(sessions)
    assert (row.amount_minor, row.currency, row.interval) == (6000, "usd", "year")
    assert (row.campaign_slug, row.language) == ("spring", "en")


@pytest.mark.parametrize("address", ["/reminders", "/reminders?amount=other", "/reminders?amount=-5"])
def test_without_an_amount_it_is_left_for_later(
    client: FlaskClient, sessions: Sessions, address: str
) -> None:
    ask(client, address)

    assert [(row.amount_minor, row.interval) for row in waiting(sessions)] == [(None, "month")]


def test_the_answer_is_the_same_for_an_address_that_is_known_waits_or_is_new(
    client: FlaskClient, sessions: Sessions, link: str
) -> None:
    again = ask(client)
    client.post(link)
    confirmed = ask(client)
    new = ask(client, email="ben@example.org")

    assert again == confirmed == new
    assert len(waiting(sessions)) == 2


@pytest.mark.parametrize(("typed", "said"), [("", "the reminder goes there"), ("ada", "No mail can reach")])
def test_an_address_of_no_use_comes_back_with_what_to_do(reader: FlaskClient, typed: str, said: str) -> None:
    answer = reader.post("/reminders", data=read(reader.get(CHOSEN)).fields | {"email": typed})

    page = read(answer)
    assert answer.status_code == 422
    assert said in page.text
    assert (page.fields["email"], page.fields["campaign"]) == (typed, "spring")


def test_opening_the_link_changes_nothing_and_the_button_confirms(
    client: FlaskClient, sessions: Sessions, link: str
) -> None:
    opened = read(client.get(link))
    assert "Shall we remind you next month?" in opened.text
    assert waiting(sessions)[0].confirmed_at is None

    pressed = read(client.post(link))

    assert "The reminder is set" in pressed.text
    assert waiting(sessions)[0].confirmed_at
    assert "ada" not in pressed.text


def test_the_way_out_is_a_page_with_a_button_and_mail_programs_may_post_at_once(
    client: FlaskClient, sessions: Sessions, link: str
) -> None:
    opened = read(client.get(f"{link}/stop"))
    assert "Delete the reminder?" in opened.text
    assert len(waiting(sessions)) == 1

    client.post(f"{link}/stop", data={"List-Unsubscribe": "One-Click"})

    assert waiting(sessions) == []
    with reading(sessions) as session:
        assert session.scalars(sa.select(Contact)).all() == []
    assert "There is no reminder here" in read(client.get(link)).text


def test_a_link_that_is_not_ours_leads_nowhere(client: FlaskClient, link: str) -> None:
    forged = re.sub(r"/reminders/.", "/reminders/x", link)

    for path in (forged, f"{forged}/stop"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


def test_the_page_speaks_the_language_of_the_reminder(
    client: FlaskClient, sessions: Sessions, parts: Parts
) -> None:
    ask(client, f"{CHOSEN}&lang=ru")

    link = path_of(reminder_link(parts, waiting(sessions)[0].id))

    assert "Напомнить вам через месяц?" in read(client.get(link)).text


def test_pages_of_reminders_set_no_cookie_and_are_kept_nowhere(client: FlaskClient, link: str) -> None:
    for path in (CHOSEN, link, f"{link}/stop"):
        headers = client.get(path).headers
        assert "Set-Cookie" not in headers
        assert headers["Cache-Control"] == "no-store"


def test_a_network_may_ask_so_often_an_hour_and_nothing_more_is_stored(
    client: FlaskClient, sessions: Sessions
) -> None:
    form = read(client.get(CHOSEN)).fields

    answers = [
        client.post("/reminders", data=form | {"email": f"reader{number}@example.org"}).status_code
        for number in range(MOST_FROM_A_NETWORK_AN_HOUR + 2)
    ]

    assert answers == [200] * MOST_FROM_A_NETWORK_AN_HOUR + [429] * 2
    assert len(waiting(sessions)) == MOST_FROM_A_NETWORK_AN_HOUR
