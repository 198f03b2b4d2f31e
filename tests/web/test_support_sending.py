"""The form sent: to Stripe's page for exactly what was agreed, or back with what to do."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import reading
from app.flows.parts import Parts
from app.giving.models import Pledge
from app.vault.models import Contact
from tests.support.simulator import SimulatorProcess
from tests.web.reader import ADA, fill, fresh_nonce, open_sessions, read, send


def stored_pledges(parts: Parts) -> list[Pledge]:
    with reading(parts.sessions) as session:
        found = list(session.scalars(sa.select(Pledge)))
        session.expunge_all()
    return found


def test_a_sent_form_opens_stripes_page_for_what_was_agreed(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    answer = send(client, "/support?campaign=spring", name="Ada Lovelace", amount_month="10")

    assert answer.status_code == 303
    (opened,) = open_sessions(stripe)
    assert answer.headers["Location"] == opened["url"]
    assert (opened["amount_total"], opened["currency"], opened["mode"]) == (1000, "eur", "subscription")
    (pledge,) = stored_pledges(parts)
    assert pledge.title == "Monthly support for The Harbour Courier"
    assert (pledge.amount_minor, pledge.currency, pledge.interval) == (1000, "eur", "month")
    assert (pledge.campaign_slug, pledge.language) == ("spring", "en")


@pytest.mark.parametrize(
    ("named", "kept"), [("open", "open"), ("main", "main"), ("made-up", None), ("", None)]
)
def test_a_pledge_bears_the_variant_of_the_appeal_that_led_to_it(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess, named: str, kept: str | None
) -> None:
    send(client, f"/support?campaign=spring&variant={named}")

    (pledge,) = stored_pledges(parts)
    assert (pledge.campaign_slug, pledge.appeal_variant) == ("spring", kept)
    assert len(open_sessions(stripe)) == 1


def test_the_variant_stays_when_language_and_currency_are_changed(client: FlaskClient) -> None:
    page = read(client.get("/support?variant=open"))
    sent = client.post("/support", data=page.fields | {"change_currency": "usd"})

    assert [link["href"] for link in page.all("a") if "variant=open" in link["href"]]
    assert read(sent).fields["variant"] == "open"


@pytest.mark.parametrize(
    ("typed", "minor", "currency", "mode"),
    [
        ({"interval": "once", "amount": "7.50", "currency": "eur"}, 750, "eur", "payment"),
        ({"interval": "once", "amount": "7,50", "currency": "EUR"}, 750, "eur", "payment"),
        ({"interval": "once", "amount": "19.99", "currency": "usd"}, 1999, "usd", "payment"),
        ({"interval": "year", "amount": "60", "currency": "gbp"}, 6000, "gbp", "subscription"),
        ({"interval": "month", "amount": "800", "currency": "jpy"}, 800, "jpy", "subscription"),
        ({"interval": "month", "amount": "1.500", "currency": "kwd"}, 1500, "kwd", "subscription"),
        (
            {"interval": "once", "amount": "other", "other_amount": "3", "currency": "eur"},
            300,
            "eur",
            "payment",
        ),
        ({"interval": "once", "other_amount": "3.01", "currency": "eur"}, 301, "eur", "payment"),
        ({"interval": "year", "amount_month": "5", "amount_year": "120"}, 12000, "eur", "subscription"),
        ({"interval": " once ", "amount": "1 000", "currency": "eur"}, 100000, "eur", "payment"),
    ],
)
def test_amounts_are_taken_in_every_currency_and_every_way_of_writing(
    client: FlaskClient, stripe: SimulatorProcess, typed: dict[str, str], minor: int, currency: str, mode: str
) -> None:
    form = {"nonce": fresh_nonce(client), "email": ADA, "currency": "eur"} | typed

    answer = client.post("/support", data=form)

    assert answer.status_code == 303, answer.text
    (opened,) = open_sessions(stripe)
    assert (opened["amount_total"], opened["currency"], opened["mode"]) == (minor, currency, mode)


def test_the_same_form_twice_opens_one_session(client: FlaskClient, stripe: SimulatorProcess) -> None:
    form = fill(client)

    first, second = client.post("/support", data=form), client.post("/support", data=form)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(open_sessions(stripe)) == 1


def names_kept(parts: Parts) -> list[str | None]:
    with reading(parts.sessions) as session:
        ids = session.scalars(sa.select(Contact.owner_id))
        contacts = [parts.vault.find_contact(session, pledge_id) for pledge_id in ids]
    return [contact.name for contact in contacts if contact]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t Lovelace\r\n", "Ada Lovelace"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("Ada\x00\x1b[31m", "Ada [31m"),
        ("   ", None),
        ("Сергей Иванович", "Сергей Иванович"),
        ("محمد‌رضا", "محمد‌رضا"),
        ("👩‍🚀 Zoë", "👩‍🚀 Zoë"),
        ("Ж" * 120, "Ж" * 120),
    ],
)
def test_a_name_is_kept_as_one_clean_line(
    client: FlaskClient, parts: Parts, typed: str, kept: str | None
) -> None:
    answer = send(client, name=typed)

    assert answer.status_code == 303
    assert names_kept(parts) == [kept]


def test_a_reader_of_russian_is_answered_in_russian(client: FlaskClient, parts: Parts) -> None:
    wrong: TestResponse = send(client, "/support?lang=ru", email="")
    right = send(client, "/support?lang=ru")

    assert "Введите адрес почты" in wrong.text
    assert right.status_code == 303
    (pledge,) = stored_pledges(parts)
    assert (pledge.language, pledge.title) == ("ru", "Ежемесячная поддержка The Harbour Courier")
