"""The desk's page of health, the numbers for Prometheus, and a dead letter tried again."""

from datetime import timedelta

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from app.access import parts_of
from app.db import Sessions, transaction
from app.factory import create_app
from app.flows import muting
from app.flows.parts import Parts
from app.inbox.failing import DEAD_FROM_ATTEMPTS
from app.inbox.models import ObjectType, WantedObject
from app.kernel.clock import utc_now
from app.kernel.money import Money
from app.outbox.models import MailKind, QueuedMail
from app.reconciliation.balances import Balance, replace_balances
from app.reconciliation.models import DriftKind, SweepKind
from app.reconciliation.positions import Position
from app.reconciliation.sweeps import Found, begin_sweep, finish_sweep, record_drifts
from app.reconciliation.unposted import Unposted, remember_unposted
from app.stripe_gateway.errors import StripeOtherAccount
from config.settings import Settings
from tests.conftest import METRICS_TOKEN
from tests.support.desk import DAN, add_account, post, sign_in
from tests.support.simulator import SimulatorProcess
from tests.web.tables import Write

DEAD = "sub_1Dead"
SHOWN = {"Authorization": f"Bearer {METRICS_TOKEN}"}


def add_dead_letter(sessions: Sessions, attempts: int = DEAD_FROM_ATTEMPTS) -> None:
    now = utc_now()
    with transaction(sessions) as session:
        session.add(
            WantedObject(
                object_id=DEAD,
                object_type=ObjectType.subscription,
                wanted=3,
                done=2,
                attempts=attempts,
                last_error="UnsupportedShape",
                retry_at=now + timedelta(minutes=50),
                wanted_since=now - timedelta(hours=9),
            )
        )


def add_sweep(sessions: Sessions) -> None:
    now = utc_now()
    with transaction(sessions) as session:
        position = Position(present=now, silent_before=now)
        sweep = begin_sweep(session, SweepKind.full, position, now=now - timedelta(hours=2))
        found = Found(kind=DriftKind.missing, object_type="refund", object_id="re_1Lost")
        record_drifts(session, sweep.id, [found], now=now)
        finish_sweep(session, sweep.id, now=now - timedelta(hours=1))


def test_nothing_wrong_is_said_in_words(desk: FlaskClient) -> None:
    page = desk.get("/staff/health")

    assert page.status_code == 200
    assert "everything is up to date" in page.text
    assert "Muted" not in page.text


def test_the_page_shows_what_a_sweep_found_and_whether_the_books_agree(
    desk: FlaskClient, sessions: Sessions
) -> None:
    add_sweep(sessions)
    with transaction(sessions) as session:
        replace_balances(session, [Balance(currency="eur", ours_minor=1000, theirs_minor=950)], now=utc_now())

    page = desk.get("/staff/health").text

    assert "Everything, weekly" in page
    assert "re_1Lost" in page
    assert "had never been seen" in page
    assert "differ by €0.50" in page


def add_unposted(sessions: Sessions) -> None:
    """Two that wait for their entries since two hours ago, of one of them the amount is not known."""
    payment = Unposted(
        transaction_id="txn_1Waits",
        category="charge",
        net=Money(975, "eur"),
        bringer=("payment_intent", "pi_1Dead"),
    )
    unreadable = Unposted(transaction_id="txn_2Garbled", error="ValueError")
    with transaction(sessions) as session:
        remember_unposted(session, [payment, unreadable], now=utc_now() - timedelta(hours=2))


def test_what_is_not_in_the_books_is_shown_with_its_amount_and_age(
    desk: FlaskClient, client: FlaskClient, sessions: Sessions
) -> None:
    assert "Not in the books yet" not in desk.get("/staff/health").text
    add_unposted(sessions)

    page = desk.get("/staff/health").text
    numbers = client.get("/metrics", headers=SHOWN).text

    for shown in ("txn_1Waits", "€9.75", "pi_1Dead", "txn_2Garbled", "not readable", "ValueError"):
        assert shown in page
    assert "small_favor_unposted_transactions 2.0" in numbers
    assert 'small_favor_unposted_minor{currency="eur"} 975.0' in numbers
    assert number_of(numbers, "small_favor_oldest_unposted_seconds") == pytest.approx(7200, abs=60)
    assert "txn_" not in numbers


def test_a_muted_product_says_so_and_how_to_go_on(desk: FlaskClient, parts: Parts) -> None:
    muting.mute(parts)

    page = desk.get("/staff/health").text

    assert "Muted since" in page
    assert "flask safety unmute" in page


def test_a_dead_letter_is_shown_and_its_button_makes_it_due(desk: FlaskClient, sessions: Sessions) -> None:
    add_dead_letter(sessions)
    assert DEAD in desk.get("/staff/health").text

    with structlog.testing.capture_logs() as logs:
        answer = post(desk, f"/staff/health/retry/{DEAD}", {}, page="/staff/health")

    assert answer.status_code == 302
    with transaction(sessions) as session:
        assert session.get_one(WantedObject, DEAD).retry_at <= utc_now()
    (line,) = [one for one in logs if one["event"] == "staff_retried"]
    assert (line["object_id"], line["waits"]) == (DEAD, True)
    assert line["staff_id"]


def test_an_object_that_failed_less_often_is_no_dead_letter(desk: FlaskClient, sessions: Sessions) -> None:
    add_dead_letter(sessions, attempts=DEAD_FROM_ATTEMPTS - 1)

    assert "Try again" not in desk.get("/staff/health").text


def test_endpoint_and_account_are_asked_for_at_most_once_a_minute(
    app: Flask, client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    stripe.webhook_endpoint(f"{parts.public_base_url}/webhooks/stripe")
    add_account(app)
    sign_in(client)
    before = len(stripe.requests())

    pages = [client.get("/staff/health").text for _ in range(3)]

    assert all("Enabled" in page for page in pages)
    asked = [one["route"] for one in stripe.requests()[before:]]
    assert asked == ["/v1/webhook_endpoints", "/v1/products/{id}"]


def test_the_page_stands_while_stripe_is_away(desk: FlaskClient, stripe: SimulatorProcess) -> None:
    stripe.faults("fail_before", route="*", count=20)

    assert "Not known" in desk.get("/staff/health").text


def test_who_has_no_role_sees_no_health(app: Flask, client: FlaskClient) -> None:
    add_account(app, DAN, roles=())
    sign_in(client, DAN)

    assert client.get("/staff/health").status_code == 403


def test_the_numbers_tell_what_waits_without_a_name_or_an_id(
    client: FlaskClient, sessions: Sessions, write: Write
) -> None:
    add_dead_letter(sessions)
    add_sweep(sessions)
    ada = write(lambda rows: rows.member("ada.canary@mail.example", joined_at=rows.now))
    with transaction(sessions) as session:
        session.add(a_mail(ada.id))
        replace_balances(session, [Balance(currency="eur", ours_minor=1000, theirs_minor=950)], now=utc_now())

    answer = client.get("/metrics", headers=SHOWN)

    assert answer.content_type.startswith("text/plain")
    assert "small_favor_dead_letters 1.0" in answer.text
    assert "small_favor_objects_waiting 1.0" in answer.text
    assert "small_favor_mails_waiting 1.0" in answer.text
    assert 'small_favor_balance_difference_minor{currency="eur"} 50.0' in answer.text
    assert 'small_favor_sweep_drifted{kind="full"} 1.0' in answer.text
    assert "small_favor_muted 0.0" in answer.text
    assert number_of(answer.text, "small_favor_oldest_object_seconds") == pytest.approx(9 * 3600, abs=60)
    assert number_of(answer.text, 'small_favor_sweep_seconds{kind="full"}') == pytest.approx(3600, abs=60)
    assert DEAD not in answer.text
    assert "canary" not in answer.text


def test_the_numbers_of_an_empty_product_are_zero(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers=SHOWN)

    assert answer.status_code == 200
    assert "small_favor_objects_waiting 0.0" in answer.text


@pytest.mark.parametrize(
    "shown", [{}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {METRICS_TOKEN}x"}]
)
def test_who_does_not_show_the_token_gets_no_numbers(client: FlaskClient, shown: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=shown)

    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}])
def test_where_no_token_is_set_nobody_gets_numbers(settings: Settings, shown: dict[str, str]) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": None}))

    answer = app.test_client().get("/metrics", headers=shown)

    assert answer.status_code == 404
    assert "small_favor" not in answer.text
    parts_of(app).sessions.kw["bind"].dispose()


def a_mail(member_id: object) -> QueuedMail:
    now = utc_now()
    return QueuedMail(
        dedupe_key="a",
        kind=MailKind.receipt,
        member_id=member_id,
        language="en",
        created_at=now,
        retry_at=now,
    )


def number_of(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


def test_a_key_of_another_account_is_said_on_top(
    desk: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    muting.check_epoch(parts)
    stripe.reset()

    page = desk.get("/staff/health")

    assert "The key at Stripe opens another account" in page.text


def test_a_key_of_another_account_is_a_metric_until_it_is_mended(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    muting.check_epoch(parts)
    before = client.get("/metrics", headers=SHOWN).text
    stripe.reset()
    with pytest.raises(StripeOtherAccount):
        parts.watch.check(anew=True)
    meanwhile = client.get("/metrics", headers=SHOWN).text
    muting.take_account(parts)

    after = client.get("/metrics", headers=SHOWN).text
    found = [number_of(text, "small_favor_other_account") for text in (before, meanwhile, after)]
    assert found == [0, 1, 0]
