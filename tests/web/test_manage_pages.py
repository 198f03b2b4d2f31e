"""The pages behind the links in our mails: opening them does nothing, their buttons do, errors are kind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.billing.models import Invoice, Subscription
from app.flows.links import LINK_DAYS, LinkKind, sign_link
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.outbox.models import MailKind, QueuedMail
from tests.support.cast import ADA
from tests.support.letters import links_in
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.conftest import make_lonely_app
from tests.web.reader import path_of, read

KINDS = (LinkKind.mend, LinkKind.confirm, LinkKind.end)
"""About a support; the link about an address has tests of its own."""
Path = Callable[..., str]


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    """Ada's renewal has failed; the bank wants it confirmed where a test says so."""
    made = World(parts, stripe)
    made.give(ADA)
    return made


def fail_renewal(world: World, token: str = "tok_chargeCustomerFail") -> None:
    world.change_card(world.subscription_id(), token)
    world.advance(days=31.2)
    world.settle()


@pytest.fixture
def path(world: World) -> Path:
    """The path of a link about Ada's support, or its newest invoice."""

    def path_to(kind: LinkKind, *, days_ago: float = 0) -> str:
        row_id = world.one(Subscription).id
        if kind is LinkKind.confirm:
            row_id = max(world.rows(Invoice), key=lambda row: row.period_start).id
        with time_machine.travel(utc_now() - timedelta(days=days_ago)):
            return path_of(sign_link(world.parts, kind, row_id))

    return path_to


def writes(world: World) -> list[Any]:
    """Requests to Stripe that change something."""
    return [one for one in world.stripe.requests() if one["method"] != "GET"]


@pytest.mark.parametrize("kind", KINDS)
def test_opening_a_link_changes_nothing_and_asks_stripe_nothing(
    client: FlaskClient, world: World, path: Path, kind: LinkKind
) -> None:
    """Edge 22: mail scanners open links; GET shows a button, POST consumes."""
    fail_renewal(world)
    asked, mails = len(world.stripe.requests()), len(world.rows(QueuedMail))

    for _ in range(3):
        shown = client.get(path(kind))
        assert shown.status_code == 200
        assert client.head(path(kind)).status_code == 200
        assert read(shown).all("button")

    assert len(world.stripe.requests()) == asked
    assert len(world.rows(QueuedMail)) == mails
    assert world.pending() == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_page_is_private_sets_no_cookie_and_speaks_what_is_asked(
    client: FlaskClient, path: Path, kind: LinkKind, language: str
) -> None:
    shown = client.get(f"{path(kind)}?lang={language}")

    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Robots-Tag"] == "noindex"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in shown.headers
    assert f'lang="{language}"' in shown.text
    assert ADA.address not in shown.text
    assert str(ADA.name) not in shown.text


@pytest.mark.parametrize("kind", KINDS)
def test_an_old_link_opens_nothing_and_says_what_to_do(
    client: FlaskClient, world: World, path: Path, kind: LinkKind
) -> None:
    fail_renewal(world)
    old = path(kind, days_ago=LINK_DAYS + 0.1)

    for answer in (client.get(old), client.post(old, data={"what": "now"}), client.get(f"{old}?lang=ru")):
        assert answer.status_code == 410
        assert "€2" not in answer.text
        assert read(answer).all("button") or "mailto:" in answer.text
    assert "This link has run out" in read(client.get(old)).text


@pytest.mark.parametrize("kind", [LinkKind.mend, LinkKind.confirm])
def test_an_old_link_is_exchanged_by_mail_for_a_new_one(
    client: FlaskClient, world: World, path: Path, mails: MailCatcher, kind: LinkKind
) -> None:
    fail_renewal(world)
    world.send_mail()
    mails.clear()
    (form,) = read(client.get(path(kind, days_ago=LINK_DAYS + 1))).all("form")

    asked = [client.post(form["action"]) for _ in range(3)]
    world.send_mail()

    assert {answer.status_code for answer in asked} == {200}
    assert [mail["To"] for mail in mails.messages] == [f"{ADA.name} <{ADA.address}>"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "%D0%B6", "x" * 2000])
def test_a_link_that_is_not_ours_is_kindly_not_found(client: FlaskClient, kind: LinkKind, token: str) -> None:
    for answer in (client.get(f"/manage/{kind}/{token}"), client.post(f"/manage/{kind}/{token}")):
        assert answer.status_code in (400, 404)
    assert "There is nothing at this address" in read(client.get(f"/manage/{kind}/{token}")).text


def test_one_kind_of_link_does_not_open_the_others(client: FlaskClient, path: Path) -> None:
    token = path(LinkKind.mend).rpartition("/")[2]

    assert client.get(f"/manage/end/{token}").status_code == 404
    assert client.get(f"/manage/mend/{token}/done").status_code == 404
    assert client.post(f"/manage/end/{token}/again").status_code == 404


def test_the_open_payment_is_shown_with_its_reason(client: FlaskClient, world: World, path: Path) -> None:
    fail_renewal(world)

    page = read(client.get(path(LinkKind.mend)))

    assert "A payment is open" in page.text
    assert "Your bank declined the payment and did not say why" in page.text
    assert "generic_decline" not in page.text
    assert {button["value"] for button in page.all("button")} == {"card", "again"}


def test_the_button_leads_to_stripes_page_for_another_card(
    client: FlaskClient, world: World, path: Path
) -> None:
    fail_renewal(world)

    answer = client.post(path(LinkKind.mend), data={"way": "card"})

    assert answer.status_code == 303
    assert answer.location.startswith(f"{world.stripe.url}/p/session/")
    (session,) = world.stripe.objects("billing_portal.session")
    assert session["flow"]["type"] == "payment_method_update"
    assert "/done?" in session["flow"]["after_completion"]["redirect"]["return_url"]


def test_the_same_card_is_tried_again_once_for_each_showing_of_the_page(
    client: FlaskClient, world: World, path: Path
) -> None:
    fail_renewal(world)
    fields = read(client.get(path(LinkKind.mend))).fields | {"way": "again"}

    for _ in range(2):
        answer = client.post(path(LinkKind.mend), data=fields)
        assert answer.status_code == 303
        shown = client.get(path_of(answer.location))
        assert "That did not work" in read(shown).text

    assert len([one for one in world.stripe.objects("charge") if not one["paid"]]) == 2


def test_the_bank_is_asked_on_a_page_of_stripes(client: FlaskClient, world: World, path: Path) -> None:
    """Edge 10: a renewal needs 3-D Secure, and the member gets a link that works."""
    fail_renewal(world, "tok_authenticationRequired")
    assert "Your bank asks you to confirm" in read(client.get(path(LinkKind.confirm))).text

    answer = client.post(path(LinkKind.confirm))

    assert answer.status_code == 303
    (invoice,) = [one for one in world.stripe.objects("invoice") if one["status"] == "open"]
    assert answer.location == invoice["hosted_invoice_url"]


def test_a_payment_that_is_paid_already_is_said_to_be(client: FlaskClient, world: World, path: Path) -> None:
    fail_renewal(world, "tok_authenticationRequired")
    link = path(LinkKind.confirm)
    (invoice,) = [one for one in world.stripe.objects("invoice") if one["status"] == "open"]
    method = world.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    world.v1.payment_methods.attach(method.id, {"customer": invoice["customer"]})
    world.v1.invoices.pay(invoice["id"], {"payment_method": method.id})

    answer = client.post(link)

    assert answer.status_code == 200
    assert "Nothing is left to confirm" in read(answer).text
    assert read(answer).all("button") == []


@pytest.mark.parametrize(
    ("button", "heading"), [("later", "Your support will end"), ("now", "Your support has ended")]
)
def test_two_clicks_end_a_support(
    client: FlaskClient, world: World, path: Path, button: str, heading: str
) -> None:
    """Edge 11: one click to end one, after the one in the mail."""
    fields = read(client.get(path(LinkKind.end))).fields | {"what": button}

    answer = client.post(path(LinkKind.end), data=fields)

    assert answer.status_code == 303
    assert heading in read(client.get(path_of(answer.location))).text
    (subscription,) = world.stripe.objects("subscription")
    assert (subscription["status"] == "canceled") is (button == "now")
    assert subscription["cancel_at_period_end"] is (button == "later")


@pytest.mark.usefixtures("world")
def test_an_end_taken_back_is_answered_by_thanks_and_not_by_the_question_again(
    client: FlaskClient, path: Path
) -> None:
    client.post(path(LinkKind.end), data=read(client.get(path(LinkKind.end))).fields | {"what": "later"})

    answer = client.post(
        path(LinkKind.end), data=read(client.get(path(LinkKind.end))).fields | {"what": "keep"}
    )

    told = read(client.get(path_of(answer.location)))
    assert "Your support goes on" in told.text
    assert "End your support?" not in told.text
    assert told.all("button") == []
    assert "End your support?" in read(client.get(path(LinkKind.end))).text


@pytest.mark.parametrize(
    "fields", [{}, {"what": "now"}, {"what": "more", "press": "A" * 22}, {"what": "now", "press": "short"}]
)
def test_a_garbled_button_ends_nothing(
    client: FlaskClient, world: World, path: Path, fields: dict[str, str]
) -> None:
    assert client.post(path(LinkKind.end), data=fields).status_code == 400

    assert [one["status"] for one in world.stripe.objects("subscription")] == ["active"]


@pytest.mark.parametrize("kind", [LinkKind.mend, LinkKind.confirm])
def test_while_stripe_is_away_the_answer_is_503_in_the_readers_language(
    client: FlaskClient, world: World, path: Path, kind: LinkKind
) -> None:
    fail_renewal(world)
    world.stripe.faults("fail_before", route="*", count=50)

    answer = client.post(f"{path(kind)}?lang=ru", data={"way": "card"})
    world.stripe.clear_faults()

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert 'lang="ru"' in answer.text


def test_a_link_has_stripe_asked_only_so_often(client: FlaskClient, world: World, path: Path) -> None:
    link = path(LinkKind.mend)

    answers = [client.post(link, data={"way": "card"}).status_code for _ in range(12)]

    assert answers == [303] * 10 + [429] * 2
    assert len(world.stripe.objects("billing_portal.session")) == 10


def test_a_support_that_has_ended_leads_to_the_form_as_it_was(
    client: FlaskClient, world: World, path: Path
) -> None:
    world.v1.subscriptions.cancel(world.subscription_id())
    world.settle()

    for kind in (LinkKind.mend, LinkKind.end):
        page = read(client.get(path(kind)))
        assert "has ended" in page.text
        assert page.all("button") == []
        assert any(
            "/support?interval=month&currency=eur&amount=2" in link.get("href", "") for link in page.all("a")
        )


def test_links_need_the_database_and_say_so_kindly(parts: Parts, path: Path) -> None:
    lonely = make_lonely_app().test_client()

    answer = lonely.get(path(LinkKind.mend))

    assert answer.status_code == 503
    assert parts


def test_a_mail_scanner_that_follows_every_link_of_every_mail_does_no_harm(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    """Edge 22, with the links as they stand in the mails."""
    fail_renewal(world)
    world.send_mail()
    before = len(writes(world))

    links = [link for mail in mails.messages for link in links_in(mail, "/manage/")]
    for link in links:
        client.head(path_of(link))
        assert client.get(path_of(link)).status_code == 200

    assert [link.split("/")[4] for link in links] == 2 * ["mend", "end"]
    assert len(writes(world)) == before
    assert [mail.kind for mail in world.rows(QueuedMail)] == [MailKind.receipt, MailKind.payment_failed]
