"""Signing in without a password: what is mailed, what it opens, and what nobody learns."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access import parts_of
from app.db import Base, reading, transaction
from app.factory import create_app
from app.flows.housekeeping import keep_house
from app.flows.limits import MOST_FROM_A_NETWORK_AN_HOUR
from app.flows.mail_choices import save_choices
from app.flows.parts import Parts
from app.flows.people.erase import erase_by_code
from app.flows.sign_in import (
    MOST_MAILS_AN_HOUR,
    Asking,
    ask_to_sign_in,
    make_keys,
)
from app.kernel.clock import utc_now
from app.members.models import Member
from app.outbox.models import MailRefusal, QueuedMail
from app.signing_in.models import ReaderSession, SignInRequest, TryCounter
from app.signing_in.requests import MOST_TRIES
from app.web.reader.manage.even_time import BEAT
from config.settings import Settings
from tests.support.cast import ADA, BEN, CANARY, DAN
from tests.support.letters import link_in, said_in
from tests.support.mail import MailCatcher
from tests.support.records import add_member
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import path_of, read

Ask = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def _short_beat(app: Flask) -> None:
    """That answers wait for a beat is tried in tests of its own."""
    app.config[BEAT] = 0.001


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


@pytest.fixture
def ada(parts: Parts) -> UUID:
    return member_of(parts, ADA.address)


@pytest.fixture
def other(app: Flask) -> FlaskClient:
    """Another browser."""
    return app.test_client()


def member_of(parts: Parts, address: str) -> UUID:
    with transaction(parts.sessions) as session:
        person = ADA if address == ADA.address else BEN if address == BEN.address else CANARY
        return add_member(session, parts.vault.get_or_add_person(session, person, now=utc_now()))


def ask(client: FlaskClient, address: str = ADA.address, language: str = "en") -> TestResponse:
    return client.post("/manage/sign-in", data={"email": address, "lang": language})


def mailed(world: World, mails: MailCatcher) -> tuple[str, str]:
    """Send what waits, and return the path of the newest link and the code beside it."""
    world.send_mail()
    mail = mails.messages[-1]
    return path_of(link_in(mail, "/manage/sign-in/")), code_in(said_in(mail))


def code_in(words: str) -> str:
    return words.partition("Code: ")[2].partition(" ")[0]


def type_code(client: FlaskClient, code: str, address: str = ADA.address) -> TestResponse:
    return client.post("/manage/sign-in/code", data={"email": address, "code": code})


def is_in(client: FlaskClient) -> bool:
    return client.get("/manage").status_code == 200


@pytest.mark.usefixtures("ada")
def test_a_link_signs_in_once_by_its_button(client: FlaskClient, world: World, mails: MailCatcher) -> None:
    """Edge 22: mail scanners open links; GET shows a button, POST consumes."""
    assert ask(client).status_code == 303
    link, _ = mailed(world, mails)

    for _ in range(3):
        assert read(client.get(link)).all("button")
        assert client.head(link).status_code == 200
    assert not is_in(client)

    assert client.post(link).location == "/manage"
    assert is_in(client)
    assert client.post(link).status_code == 410
    assert client.get(link).status_code == 410


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("way", ["link", "code"])
def test_link_and_code_sign_in_in_another_browser_too(
    client: FlaskClient, other: FlaskClient, world: World, mails: MailCatcher, way: str
) -> None:
    ask(client)
    link, code = mailed(world, mails)

    answer = other.post(link) if way == "link" else type_code(other, code.lower().replace("-", " "))

    assert answer.status_code == 303
    assert is_in(other)
    assert not is_in(client)
    assert type_code(client, code).status_code == 422
    assert client.post(link).status_code == 410


@pytest.mark.usefixtures("ada")
def test_a_new_request_makes_the_older_link_and_code_void(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client)
    link, code = mailed(world, mails)
    ask(client)

    assert client.post(link).status_code == 410
    assert type_code(client, code).status_code == 422
    newer, _ = mailed(world, mails)
    assert client.post(newer).status_code == 303


@pytest.mark.usefixtures("ada")
def test_link_and_code_are_good_for_ten_minutes_from_sending(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client)
    with time_machine.travel(utc_now() + timedelta(minutes=30)):
        link, code = mailed(world, mails)
    with time_machine.travel(utc_now() + timedelta(minutes=39, seconds=50)):
        assert client.get(link).status_code == 200
    with time_machine.travel(utc_now() + timedelta(minutes=40, seconds=10)):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410
        assert type_code(client, code).status_code == 422


@pytest.mark.usefixtures("ada")
def test_the_fifth_wrong_code_makes_the_code_void_and_leaves_the_link(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client)
    link, code = mailed(world, mails)

    for _ in range(MOST_TRIES):
        assert type_code(client, "AAAA-AAAA").status_code == 422

    assert type_code(client, code).status_code == 422
    assert client.post(link).status_code == 303


@pytest.mark.usefixtures("ada")
def test_four_wrong_codes_are_forgiven(client: FlaskClient, world: World, mails: MailCatcher) -> None:
    ask(client)
    _, code = mailed(world, mails)
    for _ in range(MOST_TRIES - 1):
        type_code(client, "AAAA-AAAA")

    assert type_code(client, code).status_code == 303


@pytest.mark.usefixtures("ada")
def test_a_code_is_good_for_its_own_address_alone(
    client: FlaskClient, world: World, mails: MailCatcher, parts: Parts
) -> None:
    member_of(parts, BEN.address)
    ask(client)
    _, code = mailed(world, mails)

    assert type_code(client, code, BEN.address).status_code == 422
    assert type_code(client, code, DAN.address).status_code == 422
    assert type_code(client, code).status_code == 303


@pytest.mark.usefixtures("ada")
def test_an_address_gets_five_mails_an_hour_and_the_answer_never_says_so(
    client: FlaskClient, world: World
) -> None:
    """An answer that differed would tell a stranger that Ada had asked before."""
    answers = [ask(client) for _ in range(MOST_MAILS_AN_HOUR + 3)]

    assert len(world.rows(QueuedMail)) == MOST_MAILS_AN_HOUR
    assert len({(answer.status_code, answer.location, answer.data) for answer in answers}) == 1
    with time_machine.travel(utc_now() + timedelta(hours=1)):
        ask(client)
    assert len(world.rows(QueuedMail)) == MOST_MAILS_AN_HOUR + 1


def test_a_network_may_ask_so_often_an_hour_and_no_other_is_touched(settings: Settings) -> None:
    """TRUSTED_PROXIES says whose word on the network is taken."""
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    app.config[BEAT] = 0.001
    client = app.test_client()

    def asked_from(network: str) -> int:
        headers = {"X-Forwarded-For": f"198.51.100.7, {network}"}
        return client.post("/manage/sign-in", data={"email": DAN.address}, headers=headers).status_code

    try:
        one = [asked_from("192.0.2.1") for _ in range(MOST_FROM_A_NETWORK_AN_HOUR + 2)]
        same = [asked_from(f"2001:db8::{number:x}") for number in range(MOST_FROM_A_NETWORK_AN_HOUR + 1)]

        assert one == [303] * MOST_FROM_A_NETWORK_AN_HOUR + [429] * 2
        assert same[-2:] == [303, 429]
        assert asked_from("192.0.2.2") == 303
        assert asked_from("2001:db8:0:1::1") == 303
    finally:
        parts_of(app).sessions.kw["bind"].dispose()


def test_without_a_trusted_proxy_a_made_up_network_is_not_believed(client: FlaskClient) -> None:
    def asked(number: int) -> int:
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return client.post("/manage/sign-in", data={"email": DAN.address}, headers=headers).status_code

    assert [asked(number) for number in range(MOST_FROM_A_NETWORK_AN_HOUR + 1)][-1] == 429


def test_codes_are_counted_by_network_too(client: FlaskClient) -> None:
    answers = [type_code(client, "AAAA-AAAA", DAN.address) for _ in range(MOST_FROM_A_NETWORK_AN_HOUR + 1)]

    assert [answer.status_code for answer in answers[-2:]] == [422, 429]


@pytest.mark.parametrize("address", ["", "no address", "a@b", "x" * 300 + "@example.org", "a\0@example.org"])
def test_what_is_no_address_is_said_to_be_none(client: FlaskClient, address: str) -> None:
    answer = ask(client, address)

    assert answer.status_code == 422
    assert "No mail can reach this address" in read(answer).text


@pytest.mark.usefixtures("ada")
def test_nothing_secret_is_kept_in_clear(client: FlaskClient, world: World, mails: MailCatcher) -> None:
    ask(client)
    link, code = mailed(world, mails)
    token = link.rpartition("/")[2].partition("?")[0]
    kept = all_that_is_kept(world)

    assert token not in kept
    assert code not in kept
    client.post(link)
    cookie = client.get_cookie("reader", path="/manage")
    assert cookie
    assert cookie.value not in all_that_is_kept(world)


def all_that_is_kept(world: World) -> str:
    models: list[type[Base]] = [SignInRequest, ReaderSession, QueuedMail]
    return repr([vars(row) for model in models for row in world.rows(model)])


@pytest.mark.usefixtures("ada")
def test_nothing_of_it_is_logged(
    client: FlaskClient, world: World, mails: MailCatcher, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    ask(client)
    ask(client, DAN.address)
    type_code(client, "AAAA-AAAA")
    asked = capsys.readouterr()
    link, code = mailed(world, mails)
    capsys.readouterr()
    client.post(link)
    used = capsys.readouterr()

    assert asked.out + asked.err + used.out + used.err == ""
    assert code


@pytest.mark.usefixtures("ada")
def test_the_cookie_is_for_these_pages_of_this_host_until_the_browser_closes(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client)
    link, _ = mailed(world, mails)

    cookie = client.post(link).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/manage" in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_the_cookie_is_secure_where_the_product_is(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"public_base_url": "https://give.example.org"}))
    ours = parts_of(app)
    member_of(ours, ADA.address)
    ask_to_sign_in(ours, Asking(address=ADA.address, network=""), language="en", now=utc_now())
    with reading(ours.sessions) as session:
        request_id = session.scalars(sa.select(SignInRequest.id)).one()
    token = make_keys(ours, request_id, now=utc_now()).token

    cookie = app.test_client().post(f"/manage/sign-in/{token}").headers["Set-Cookie"]

    ours.sessions.kw["bind"].dispose()
    assert "Secure" in cookie


def test_a_session_ends_after_twelve_hours_and_after_an_idle_one(
    client: FlaskClient, parts: Parts, ada: UUID
) -> None:
    sign_in(client, parts, ada)
    began = utc_now()

    for minutes in range(0, 12 * 60, 55):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            assert is_in(client), minutes
    with time_machine.travel(began + timedelta(hours=12, seconds=1)):
        assert not is_in(client)
    sign_in(client, parts, ada)
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        assert not is_in(client)


def test_signing_out_deletes_the_row_and_makes_a_copied_cookie_worthless(
    client: FlaskClient, other: FlaskClient, parts: Parts, ada: UUID, world: World
) -> None:
    token = sign_in(client, parts, ada)
    copied = client.get_cookie("reader", path="/manage")
    assert copied

    assert client.post("/manage/sign-out", data=token).status_code == 303

    other.set_cookie("reader", copied.value, path="/manage")
    assert not is_in(other)
    assert client.get_cookie("reader", path="/manage") is None
    assert world.rows(ReaderSession) == []


@pytest.mark.parametrize(("where", "others"), [("here", True), ("everywhere", False)])
def test_signing_out_reaches_as_far_as_is_asked(
    client: FlaskClient, other: FlaskClient, parts: Parts, ada: UUID, where: str, others: bool
) -> None:
    sign_in(other, parts, ada)
    token = sign_in(client, parts, ada)

    client.post("/manage/sign-out", data=token | {"where": where})

    assert not is_in(client)
    assert is_in(other) is others


def test_signing_out_everywhere_makes_void_what_was_mailed(
    client: FlaskClient, parts: Parts, ada: UUID, world: World, mails: MailCatcher
) -> None:
    ask(client)
    link, _ = mailed(world, mails)
    token = sign_in(client, parts, ada)

    client.post("/manage/sign-out", data=token | {"where": "everywhere"})

    assert client.post(link).status_code == 410


def test_signing_out_everywhere_leaves_others_signed_in(
    client: FlaskClient, other: FlaskClient, parts: Parts, ada: UUID
) -> None:
    sign_in(other, parts, member_of(parts, BEN.address))
    token = sign_in(client, parts, ada)

    client.post("/manage/sign-out", data=token | {"where": "everywhere"})

    assert is_in(other)


@pytest.mark.parametrize("token", [{}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "ж"}])
def test_a_form_that_was_not_shown_to_this_session_is_refused(
    client: FlaskClient, parts: Parts, ada: UUID, token: dict[str, str]
) -> None:
    sign_in(client, parts, ada)

    assert client.post("/manage/sign-out", data=token).status_code == 400

    assert is_in(client)


def test_the_token_of_another_session_is_refused(
    client: FlaskClient, other: FlaskClient, parts: Parts, ada: UUID
) -> None:
    theirs = sign_in(other, parts, ada)
    sign_in(client, parts, ada)

    assert client.post("/manage/sign-out", data=theirs).status_code == 400


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("path", ["/manage/sign-in", "/manage/sign-in/code", "/manage/sign-in/x"])
def test_no_other_site_can_sign_a_reader_in(client: FlaskClient, path: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert client.post(path, data={"email": ADA.address}, headers=headers).status_code == 400


def test_an_erased_member_is_signed_in_nowhere(client: FlaskClient, parts: Parts, ada: UUID) -> None:
    sign_in(client, parts, ada)
    with transaction(parts.sessions) as session:
        code = session.get_one(Member, ada).code

    erase_by_code(parts, code, now=utc_now())

    assert not is_in(client)


def test_a_new_sign_in_ends_the_browsers_former_one(
    client: FlaskClient, parts: Parts, ada: UUID, world: World, mails: MailCatcher
) -> None:
    sign_in(client, parts, ada)
    ask(client)
    link, _ = mailed(world, mails)

    client.post(link)

    assert is_in(client)
    assert len(world.rows(ReaderSession)) == 1


def test_who_is_signed_in_is_led_past_the_door(client: FlaskClient, parts: Parts, ada: UUID) -> None:
    sign_in(client, parts, ada)

    assert client.get("/manage/sign-in").location == "/manage"


@pytest.mark.usefixtures("ada")
def test_a_mail_in_russian_leads_to_a_page_in_russian(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client, language="ru")
    world.send_mail()

    link = path_of(link_in(mails.messages[-1], "/manage/sign-in/"))

    assert mails.messages[-1]["Content-Language"] == "ru"
    assert 'lang="ru"' in client.get(link).text


@pytest.mark.usefixtures("ada")
def test_a_mail_that_waited_over_an_hour_is_not_sent(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    ask(client)

    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        world.send_mail()

    assert mails.messages == []


def test_counting_adds_no_row_and_changes_only_cells(client: FlaskClient, world: World) -> None:
    cells = len(world.rows(TryCounter))

    ask(client, DAN.address)

    touched = world.rows(TryCounter, TryCounter.asked > 0)
    assert len(world.rows(TryCounter)) == cells
    assert len(touched) == 8
    assert world.rows(SignInRequest) == []
    assert world.rows(QueuedMail) == []


@pytest.mark.parametrize(
    "path", ["/manage", "/manage/sign-in", "/manage/sign-in/code", "/manage/sign-in/x", "/manage/signed-out"]
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_private_and_speaks_what_is_asked(
    client: FlaskClient, parts: Parts, ada: UUID, path: str, language: str
) -> None:
    if path == "/manage":
        sign_in(client, parts, ada)

    shown = client.get(f"{path}?lang={language}")

    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Robots-Tag"] == "noindex"
    assert f'lang="{language}"' in shown.text
    assert "Set-Cookie" not in shown.headers


def test_what_tells_of_signing_in_is_soon_forgotten(
    client: FlaskClient, parts: Parts, ada: UUID, world: World, mails: MailCatcher
) -> None:
    ask(client)
    mailed(world, mails)
    sign_in(client, parts, ada)

    keep_house(parts)
    assert (
        len(world.rows(SignInRequest)) == len(world.rows(ReaderSession)) == len(world.rows(QueuedMail)) == 1
    )
    with time_machine.travel(utc_now() + timedelta(hours=3)):
        keep_house(parts)

    assert world.rows(SignInRequest) == []
    assert world.rows(ReaderSession) == []
    assert world.rows(QueuedMail) == []
    assert world.rows(TryCounter, TryCounter.asked > 0) == []


def test_erasing_forgets_what_was_mailed_and_chosen(
    client: FlaskClient, parts: Parts, ada: UUID, world: World
) -> None:
    ask(client)
    save_choices(parts, ada, wanted=[], language="en", now=utc_now())
    sign_in(client, parts, ada)

    erase_by_code(parts, world.one(Member).code, now=utc_now())

    assert world.rows(SignInRequest) == []
    assert world.rows(ReaderSession) == []
    assert world.rows(MailRefusal) == []


WISHED = "/manage/support/01a213c4-da6e-7087-a2f1-e18bc4c87c12/pause"


@pytest.mark.usefixtures("ada")
def test_who_had_to_sign_in_first_comes_to_the_page_they_wished_for_by_link_and_by_code(
    client: FlaskClient, other: FlaskClient, world: World, mails: MailCatcher
) -> None:
    door = client.get(f"{WISHED}?lang=en").location
    assert door == f"/manage/sign-in?lang=en&next={WISHED}"
    hidden = read(client.get(door)).fields
    sent = client.post("/manage/sign-in", data=hidden | {"email": ADA.address})
    link, code = mailed(world, mails)

    by_link = other.post(link.partition("?")[0], data=read(other.get(link)).fields)
    assert by_link.location == f"{WISHED}?lang=en"
    typed = read(client.get(sent.location)).fields | {"email": ADA.address}
    assert typed["next"] == WISHED
    assert client.post("/manage/sign-in/code", data=typed | {"code": "AAAA-AAAA"}).status_code == 422
    ask(client)
    _, code = mailed(world, mails)
    assert client.post("/manage/sign-in/code", data=typed | {"code": code}).location == f"{WISHED}?lang=en"


@pytest.mark.parametrize(
    "wished",
    [
        "https://elsewhere.example/manage/receipts",
        "//elsewhere.example/manage",
        "/manage//elsewhere.example",
        "/manage/../staff",
        "/manage/receipts?x=1",
        "/manage/receipts\n",
        "/managed/receipts",
        "/staff",
        "\\\\elsewhere.example",
        "/manage/sign-out",
        "/manage/sign-in/code",
        "/manage/" + 200 * "x",
    ],
)
@pytest.mark.usefixtures("ada")
def test_nobody_is_led_anywhere_but_to_the_pages_of_members(
    client: FlaskClient, world: World, mails: MailCatcher, wished: str
) -> None:
    sent = client.post("/manage/sign-in", data={"email": ADA.address, "next": wished})
    link, _ = mailed(world, mails)

    assert sent.location == "/manage/sign-in/code"
    assert "next=" not in link
    assert client.post(link, data={"next": wished}).location == "/manage"
