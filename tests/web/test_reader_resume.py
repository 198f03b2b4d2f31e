"""The way back to an unfinished pledge."""

import pytest
from flask.testing import FlaskClient

from app.db import reading, transaction
from app.flows.parts import Parts
from app.giving.models import Pledge
from app.giving.pledges import find_pledge_by_resume_key
from tests.support.simulator import SimulatorProcess
from tests.web.reader import open_sessions, path_of, read, send


@pytest.fixture
def back_link(client: FlaskClient, stripe: SimulatorProcess) -> str:
    """The address to which Stripe's page sends a reader who turns back."""
    send(client, "/support?campaign=spring&lang=ru", amount_month="other", other_amount="7.50", name="Ada")
    return path_of(open_sessions(stripe)[0]["cancel_url"])


def pledge_of(parts: Parts, link: str) -> Pledge:
    with reading(parts.sessions) as session:
        pledge = find_pledge_by_resume_key(session, link.rpartition("/")[2])
        assert pledge
        session.expunge_all()
    return pledge


def test_turning_back_shows_the_choice_in_the_readers_language(client: FlaskClient, back_link: str) -> None:
    answer = client.get(back_link)

    page = read(answer)
    assert answer.status_code == 200
    assert page.all("html")[0]["lang"] == "ru"
    assert "7,50\u00a0€ ежемесячно" in answer.text
    assert "не платите картой" in page.text
    assert "Ada" not in answer.text
    assert "ada@" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    again = next(link["href"] for link in page.all("a") if "amount=7.50" in link.get("href", ""))
    assert read(client.get(again)).fields["campaign"] == "spring"


def test_opening_the_link_changes_nothing_and_asks_stripe_nothing(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess, back_link: str
) -> None:
    asked = len(stripe.requests())
    before = pledge_of(parts, back_link)

    for _ in range(3):
        client.get(back_link)
        client.head(back_link)

    after = pledge_of(parts, back_link)
    assert len(stripe.requests()) == asked
    assert (after.attempt, after.opening_until) == (before.attempt, before.opening_until)


def test_the_button_leads_to_the_same_open_page(
    client: FlaskClient, stripe: SimulatorProcess, back_link: str
) -> None:
    answer = client.post(back_link)

    (opened,) = open_sessions(stripe)
    assert (answer.status_code, answer.headers["Location"]) == (303, opened["url"])


def test_a_paid_pledge_leads_to_the_thanks(
    client: FlaskClient, stripe: SimulatorProcess, back_link: str
) -> None:
    session_id = open_sessions(stripe)[0]["id"]
    stripe.pay(session_id)
    client.get(f"/support/thanks?session_id={session_id}")

    shown, pressed = client.get(back_link), client.post(back_link)

    assert path_of(shown.headers["Location"]) == f"/support/thanks?session_id={session_id}"
    assert path_of(pressed.headers["Location"]) == f"/support/thanks?session_id={session_id}"


def test_a_pledge_whose_address_is_forgotten_leads_to_a_form_filled_in(
    client: FlaskClient, parts: Parts, back_link: str
) -> None:
    with transaction(parts.sessions) as session:
        pledge = find_pledge_by_resume_key(session, back_link.rpartition("/")[2])
        assert pledge
        parts.vault.forget_contact(session, pledge.id)

    answer = client.get(back_link)

    page = read(answer)
    assert "Срок действия ссылки истёк" in page.text
    form = next(link["href"] for link in page.all("a") if "amount=7.50" in link.get("href", ""))
    assert read(client.get(form)).fields["other_amount"] == "7.50"


@pytest.mark.parametrize("key", ["unknown-but-possible-key", "short", "%00" * 20, "x" * 500, "%F0%9F%98%80"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_link_is_kindly_not_found(client: FlaskClient, key: str, method: str) -> None:
    answer = client.open(f"/support/resume/{key}", method=method)

    assert answer.status_code == 404
    assert "There is nothing at this address" in read(answer).text


@pytest.mark.parametrize("look", ["0", "-1", "x", "99999999999999999999", "%D9%A3"])
def test_a_garbled_count_of_looks_does_no_harm(client: FlaskClient, back_link: str, look: str) -> None:
    assert client.get(f"{back_link}?checking={look}").status_code in (200, 303)
