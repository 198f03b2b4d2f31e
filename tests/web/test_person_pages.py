"""What a signed-in member may do about who they are: statements, another address, data, being forgotten."""

import io
import json
import zipfile

import pytest
from flask.testing import FlaskClient

from app.asks.models import Ask
from app.flows.parts import Parts
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import AddressChange, Member
from app.outbox.models import MailKind, QueuedMail
from app.vault.models import Person
from tests.support.cast import ADA, BEN
from tests.support.pdf import text_of
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import read

PAGES = ("/manage/statements", "/manage/address", "/manage/data", "/manage/erase")
Fields = dict[str, str]


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    made = World(parts, stripe)
    made.give(ADA)
    return made


@pytest.fixture
def ada(client: FlaskClient, world: World) -> Fields:
    """Sign Ada in; what her forms carry."""
    return sign_in(client, world.parts, world.rows(Member)[0].id)


signed_in = pytest.mark.usefixtures("ada")


@pytest.mark.parametrize("path", [*PAGES, "/manage/statements/2026"])
def test_who_is_not_signed_in_is_led_to_where_one_does(client: FlaskClient, path: str) -> None:
    led = client.get(path)

    assert led.status_code == 303
    assert "/manage/sign-in" in led.headers["Location"]


@signed_in
@pytest.mark.parametrize("path", ["/manage/address", "/manage/data", "/manage/erase"])
def test_a_form_of_another_site_does_nothing(client: FlaskClient, world: World, path: str) -> None:
    sent = client.post(path, data={"email": "x@example.org", "sure": "yes"})

    assert sent.status_code == 400
    assert world.rows(AddressChange) == []
    assert world.one(Member).person_id


@signed_in
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_kept_by_no_cache_and_speaks_both_languages(client: FlaskClient, path: str) -> None:
    english, russian = client.get(path), client.get(f"{path}?lang=ru")

    assert english.status_code == russian.status_code == 200
    assert english.headers["Cache-Control"] == "no-store"
    assert not set("абвгдеёжзиклмно") & set(read(english).text.replace("Русский", ""))
    assert "поддержк" in read(russian).text


@signed_in
def test_the_statement_of_this_year_is_listed_and_handed_out(client: FlaskClient, world: World) -> None:
    year = local_date(utc_now(), world.parts.newsroom.zone).year
    assert "€2" in client.get("/manage/statements").text

    drawn = client.get(f"/manage/statements/{year}")

    assert drawn.content_type == "application/pdf"
    assert "Ada Adler" in text_of(drawn.data)
    assert client.get(f"/manage/statements/{year}?lang=ru").data != drawn.data


@signed_in
@pytest.mark.parametrize("year", [1900, 2019, 99999])
def test_there_is_no_statement_of_a_year_without_a_gift(client: FlaskClient, year: int) -> None:
    assert client.get(f"/manage/statements/{year}").status_code == 404


def test_edge_21_another_address_is_asked_for_and_confirmed_from_there(
    client: FlaskClient, world: World, ada: Fields
) -> None:
    sent = client.post("/manage/address", data={"email": " new@example.net ", **ada})

    assert sent.status_code == 303
    assert "Look into your new mailbox" in client.get(sent.headers["Location"]).text
    assert "new@example.net" not in sent.headers["Location"]
    assert world.person_of(world.one(Member)).address == ADA.address
    assert len(world.rows(QueuedMail, QueuedMail.kind == MailKind.address_confirm)) == 1


def test_it_says_the_same_of_an_address_that_somebody_has(
    client: FlaskClient, world: World, ada: Fields
) -> None:
    world.give(BEN)

    known = client.post("/manage/address", data={"email": BEN.address, **ada})
    unknown = client.post("/manage/address", data={"email": "nobody@example.net", **ada})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


@pytest.mark.parametrize("typed", ["", "ada", "ada@", "a b@example.org"])
def test_an_address_no_mail_reaches_comes_back_with_what_to_do(
    client: FlaskClient, world: World, ada: Fields, typed: str
) -> None:
    sent = client.post("/manage/address", data={"email": typed, **ada})

    assert sent.status_code == 422
    assert "Look for a slip" in sent.text
    assert world.rows(AddressChange) == []


def test_all_that_is_held_comes_as_one_file(client: FlaskClient, world: World, ada: Fields) -> None:
    world.give(BEN)

    sent = client.post("/manage/data", data=ada)

    assert sent.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        told = json.loads(archive.read("everything.json"))
    assert told["you"][0]["address"] == ADA.address
    assert BEN.address not in json.dumps(told)


def test_nobody_is_forgotten_by_a_slip(client: FlaskClient, world: World, ada: Fields) -> None:
    sent = client.post("/manage/erase", data=ada)

    assert sent.status_code == 422
    assert "Tick the box first" in sent.text
    assert world.one(Member).person_id


def test_edge_26_a_member_is_forgotten_and_signed_out_everywhere(
    client: FlaskClient, world: World, ada: Fields
) -> None:
    other_browser = client.application.test_client()
    sign_in(other_browser, world.parts, world.one(Member).id)

    sent = client.post("/manage/erase", data={"sure": "yes", **ada})

    assert "You are forgotten" in client.get(sent.headers["Location"]).text
    assert world.rows(Person) == []
    assert len(world.rows(Ask)) == 2
    for browser in (client, other_browser):
        assert browser.get("/manage/data").status_code == 303


@signed_in
def test_what_members_gave_in_other_currencies_stands_in_its_own(client: FlaskClient, world: World) -> None:
    world.give(ADA, Money(3000, "jpy"), Interval.once)

    page = client.get("/manage/statements").text

    assert "€2" in page
    assert "¥3,000" in page
