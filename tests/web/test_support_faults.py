"""The form while Stripe or the database is away: the truth, nothing lost, nothing twice."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.access import parts_of
from app.factory import create_app
from tests.conftest import make_settings
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.web.reader import ADA, fill, open_sessions, path_of, read, send

SESSIONS = "/v1/checkout/sessions"
WAITING = "We are checking; you have not been charged twice."


def test_the_form_comes_back_whole_while_the_database_is_away(reader: FlaskClient) -> None:
    form = fill(reader, "/support?campaign=spring", name="Ada Lovelace", amount_month="10")

    answer = reader.post("/support", data=form)

    page = read(answer)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Nothing was charged." in page.text
    assert page.fields == form


def test_the_reader_waits_and_gets_through_by_itself_once_stripe_answers(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    stripe.faults("fail_before", route=SESSIONS, count=99)

    sent = send(client)

    assert sent.status_code == 303
    first = client.get(path_of(sent.headers["Location"]))
    assert WAITING in read(first).text
    # The count of the deployment, and the two tries of the form itself: the first look asks nothing.
    assert [one["route"] for one in stripe.requests()] == ["/v1/products/{id}", SESSIONS, SESSIONS]
    second = client.get(next_look(first.headers["Refresh"]))
    assert WAITING in read(second).text
    stripe.clear_faults()
    through = client.get(next_look(second.headers["Refresh"]))
    assert through.status_code == 303
    (opened,) = open_sessions(stripe)
    assert through.headers["Location"] == opened["url"]


def test_an_answer_lost_on_its_way_does_not_open_a_second_session(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    stripe.faults("lost_answer", route=SESSIONS, count=2)

    sent = send(client)
    stripe.clear_faults()
    key = path_of(sent.headers["Location"]).partition("?")[0]
    through = client.post(key)

    (opened,) = open_sessions(stripe)
    assert through.headers["Location"] == opened["url"]


def test_the_waiting_page_looks_less_and_less_often_and_then_stops(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    stripe.faults("fail_before", route=SESSIONS, count=999)
    address = path_of(send(client).headers["Location"])
    pauses = []

    while True:
        answer = client.get(address)
        if "Refresh" not in answer.headers:
            break
        pauses.append(int(answer.headers["Refresh"].partition(";")[0]))
        address = next_look(answer.headers["Refresh"])

    assert pauses == sorted(pauses)
    assert 3 < len(pauses) < 10
    assert "Try again now" in answer.text


@pytest.fixture
def refused_reader(database_url: str, stripe: SimulatorProcess, mails: MailCatcher) -> Iterator[FlaskClient]:
    """A reader of a newsroom whose key Stripe does not know."""
    app = create_app(
        make_settings(database_url, stripe_url=stripe.url, smtp_url=mails.url, stripe_secret_key="sk_test_x")
    )
    yield app.test_client()
    parts_of(app).sessions.kw["bind"].dispose()


def test_a_refusal_that_is_our_fault_is_called_so(refused_reader: FlaskClient) -> None:
    form = fill(refused_reader, name="Ada")

    answer = refused_reader.post("/support", data=form)

    page = read(answer)
    assert answer.status_code == 502
    assert "it is not your doing. Nothing was charged." in page.text
    assert (page.fields["email"], page.fields["name"]) == (ADA, "Ada")
    assert page.fields["nonce"] != form["nonce"]


def test_a_refusal_on_the_way_back_is_told_so(
    client: FlaskClient, refused_reader: FlaskClient, stripe: SimulatorProcess
) -> None:
    stripe.faults("fail_before", route=SESSIONS, count=2)
    link = path_of(send(client).headers["Location"]).partition("?")[0]

    answer = refused_reader.post(link)

    assert answer.status_code == 422
    assert "Nothing was charged." in read(answer).text


def next_look(refresh: str) -> str:
    """Return the address of a Refresh header."""
    return refresh.partition("url=")[2]
