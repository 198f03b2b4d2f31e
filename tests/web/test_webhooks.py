"""Stripe's events at the door: what is not one is a 400, what is one is stored and answered 204."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import stripe
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.access import parts_of
from app.db import reading
from app.factory import create_app
from app.inbox.models import InboxEvent, WantedObject
from config.settings import Settings
from tests.conftest import WEBHOOK_SECRET
from tests.support.processes import WebProcess, environment_of
from tests.support.visitor import Visitor

Json = dict[str, Any]
NEXT_SECRET = "whsec_test_the_one_to_come_9876"
EVENT: Json = {
    "id": "evt_123",
    "object": "event",
    "type": "payment_intent.succeeded",
    "livemode": False,
    "created": 1_790_000_000,
    "data": {"object": {"id": "pi_123", "object": "payment_intent"}},
}
NONSENSE = {
    "empty": b"",
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "a text": b'"evt_1"',
    "true": b"true",
    "not JSON": b"{",
    "not a number": b'{"created": NaN}',
    "an empty object": b"{}",
    "no data": json.dumps({k: v for k, v in EVENT.items() if k != "data"}).encode(),
    "no id": json.dumps({k: v for k, v in EVENT.items() if k != "id"}).encode(),
    "no type": json.dumps({k: v for k, v in EVENT.items() if k != "type"}).encode(),
    "no mode": json.dumps({k: v for k, v in EVENT.items() if k != "livemode"}).encode(),
    "an id of another thing": json.dumps({**EVENT, "id": "cus_1"}).encode(),
    "a long id": json.dumps({**EVENT, "id": "evt_" + "x" * 300}).encode(),
    "a null byte in the id": json.dumps({**EVENT, "id": "evt_\x00"}).encode(),
    "a lone surrogate in the id": json.dumps({**EVENT, "id": "evt_\ud800"}).encode(),
    "a lone surrogate in the type": json.dumps({**EVENT, "type": "a.\udfff"}).encode(),
    "an id that is a list": json.dumps({**EVENT, "id": ["evt_1"]}).encode(),
    "a type that is a number": json.dumps({**EVENT, "type": 1}).encode(),
    "created in words": json.dumps({**EVENT, "created": "now"}).encode(),
    "created at no time": json.dumps({**EVENT, "created": 10**30}).encode(),
    "created beyond the calendar": json.dumps({**EVENT, "created": 10**12}).encode(),
    "created without end": b'{"id":"evt_1","type":"a","livemode":false,"created":1e999,"data":{"object":{}}}',
    "an object that is a list": json.dumps({**EVENT, "data": {"object": []}}).encode(),
    "data that is null": json.dumps({**EVENT, "data": None}).encode(),
    "deeper than anybody reads": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "not UTF-8": b"\xff\xfe\x00",
    "a byte order mark": b"\xef\xbb\xbf{}",
}
HEADERS = {
    "none": "",
    "words": "hello",
    "no timestamp": "v1=abc",
    "no signature": "t={now}",
    "an empty timestamp": "t=,v1=abc",
    "a timestamp in words": "t=now,v1=abc",
    "a negative timestamp": "t=-1,v1=abc",
    "a timestamp with a fraction": "t={now}.5,v1=abc",
    "an endless timestamp": "t=" + "9" * 400 + ",v1=abc",
    "digits of another script": "t=١٢٣,v1=abc",
    "not ASCII": "t={now},v1=é",
    "another scheme": "t={now},v0=abc",
    "commas": ",,,,",
    "equals signs": "t={now}=1,v1==",
    "a signature that is not hex": "t={now},v1=zz",
}


def sign(payload: bytes, *, secret: str = WEBHOOK_SECRET, ahead_seconds: int = 0) -> str:
    """Sign any bytes as Stripe does; those that are no text get the signature of another text."""
    text = payload.decode("utf-8", "replace")
    return str(
        stripe.WebhookSignature.generate_signature_header(
            text, secret, timestamp=int(time.time()) + ahead_seconds
        )
    )


def body(**changed: object) -> bytes:
    return json.dumps({**EVENT, **changed}).encode()


def post(client: FlaskClient, payload: bytes, header: str | None = None) -> TestResponse:
    """Post as Stripe does; signed well unless a header is given."""
    signature = sign(payload) if header is None else header
    return client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": signature})


def kept(app: Flask) -> tuple[list[InboxEvent], list[WantedObject]]:
    """Return the events that are stored and the objects that are wanted."""
    with reading(parts_of(app).sessions) as session:
        events = session.scalars(sa.select(InboxEvent)).all()
        return list(events), list(session.scalars(sa.select(WantedObject)))


def test_an_event_is_stored_and_answered_without_a_word(app: Flask, client: FlaskClient) -> None:
    answer = post(client, body())

    assert (answer.status_code, answer.data) == (204, b"")
    (event,), (wanted,) = kept(app)
    assert event.stripe_event_id == "evt_123"
    assert wanted.object_id == "pi_123"


def test_the_same_event_again_is_answered_the_same_and_stored_once(app: Flask, client: FlaskClient) -> None:
    payload = body()

    assert {post(client, payload).status_code for _ in range(3)} == {204}

    events, (wanted,) = kept(app)
    assert len(events) == 1
    assert wanted.wanted == 1


@pytest.mark.parametrize("what", NONSENSE)
def test_signed_nonsense_is_refused_and_leaves_nothing(app: Flask, client: FlaskClient, what: str) -> None:
    answer = post(client, NONSENSE[what])

    assert answer.status_code == 400
    assert kept(app) == ([], [])


@pytest.mark.parametrize("what", HEADERS)
def test_a_malformed_signature_is_refused_and_leaves_nothing(
    app: Flask, client: FlaskClient, what: str
) -> None:
    header = HEADERS[what].replace("{now}", str(int(time.time())))

    answer = client.post(
        "/webhooks/stripe",
        data=body(),
        environ_overrides={"HTTP_STRIPE_SIGNATURE": header.encode().decode("latin-1")},
    )

    assert answer.status_code == 400
    assert kept(app) == ([], [])


def test_a_webhook_without_a_signature_is_refused(app: Flask, client: FlaskClient) -> None:
    assert client.post("/webhooks/stripe", data=body()).status_code == 400

    assert kept(app) == ([], [])


def test_a_forged_webhook_is_refused(app: Flask, client: FlaskClient) -> None:
    forged = sign(body(), secret="whsec_test_of_somebody_else")
    of_another_body = sign(body(id="evt_other"))

    assert post(client, body(), forged).status_code == 400
    assert post(client, body(), of_another_body).status_code == 400
    assert post(client, body() + b" ", sign(body())).status_code == 400
    assert kept(app) == ([], [])


@pytest.mark.parametrize("ahead_seconds", [-310, -(10**6), 310, 10**6])
def test_a_stale_or_future_dated_webhook_is_refused(
    app: Flask, client: FlaskClient, ahead_seconds: int
) -> None:
    assert post(client, body(), sign(body(), ahead_seconds=ahead_seconds)).status_code == 400

    assert kept(app) == ([], [])


@pytest.mark.parametrize("ahead_seconds", [-280, 280])
def test_a_clock_that_is_a_little_off_is_borne(client: FlaskClient, ahead_seconds: int) -> None:
    assert post(client, body(), sign(body(), ahead_seconds=ahead_seconds)).status_code == 204


@pytest.mark.parametrize("excess", [1, 1_000_000])
def test_an_oversized_webhook_is_refused_for_its_size(app: Flask, client: FlaskClient, excess: int) -> None:
    payload = body(padding="x" * (1_000_000 + excess - len(body(padding=""))))

    assert len(payload) == 1_000_000 + excess
    assert post(client, payload).status_code == 413
    assert kept(app) == ([], [])


def test_the_largest_webhook_allowed_is_taken(app: Flask, client: FlaskClient) -> None:
    payload = body(padding="x" * (1_000_000 - len(body(padding=""))))

    assert len(payload) == 1_000_000
    assert post(client, payload).status_code == 204
    assert len(kept(app)[0]) == 1


def test_an_unknown_type_with_unknown_fields_is_stored_and_harmless(app: Flask, client: FlaskClient) -> None:
    strange = body(type="v9.galaxy.exploded", shape="round", data={"object": {"no": "id"}, "extra": [None]})

    assert post(client, strange).status_code == 204

    (event,), wanted = kept(app)
    assert (event.type, event.object_id) == ("v9.galaxy.exploded", None)
    assert wanted == []


def test_an_event_of_the_other_mode_is_kept_and_wants_nothing(app: Flask, client: FlaskClient) -> None:
    assert post(client, body(livemode=True)).status_code == 204

    (event,), wanted = kept(app)
    assert event.livemode
    assert wanted == []


def test_a_test_event_at_a_live_endpoint_is_kept_and_wants_nothing(settings: Settings) -> None:
    live = settings.model_copy(
        update={"stripe_secret_key": type(settings.stripe_secret_key)("sk_live_x"), "stripe_api_base": None}
    )
    app = create_app(live)

    assert post(app.test_client(), body()).status_code == 204
    assert post(app.test_client(), body(id="evt_live", livemode=True)).status_code == 204

    events, (wanted,) = kept(app)
    assert {event.stripe_event_id: event.livemode for event in events} == {"evt_123": False, "evt_live": True}
    assert wanted.wanted == 1
    parts_of(app).sessions.kw["bind"].dispose()


def test_two_secrets_hold_at_once_while_one_replaces_the_other(settings: Settings) -> None:
    secret = type(settings.stripe_webhook_secret[0])
    both = [secret(NEXT_SECRET), secret(WEBHOOK_SECRET)]
    app = create_app(settings.model_copy(update={"stripe_webhook_secret": both}))
    client = app.test_client()

    answers = [
        post(client, body(id=f"evt_{number}"), sign(body(id=f"evt_{number}"), secret=which))
        for number, which in enumerate((WEBHOOK_SECRET, NEXT_SECRET, "whsec_test_neither"))
    ]

    assert [answer.status_code for answer in answers] == [204, 204, 400]
    assert len(kept(app)[0]) == 2
    parts_of(app).sessions.kw["bind"].dispose()


def test_two_signatures_in_one_header_are_one_good_one(client: FlaskClient) -> None:
    """Stripe signs with both secrets while one is being rolled."""
    stamp, good = sign(body()).split(",", 1)
    _, other = sign(body(), secret=NEXT_SECRET).split(",", 1)

    assert post(client, body(), f"{stamp},{other},{good}").status_code == 204


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_a_post_is_a_webhook(client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/webhooks/stripe").status_code == 405


def test_a_refusal_repeats_nothing_of_what_was_sent(client: FlaskClient) -> None:
    answer = post(client, b'{"id": "evt_secret_canary"', None)

    assert answer.status_code == 400
    assert b"canary" not in answer.data
    assert "Set-Cookie" not in answer.headers


@given(payload=st.binary(max_size=400), header=st.binary(max_size=120))
@example(payload=b"", header=b"t=1,v1=" + b"\xff" * 4)
def test_no_bytes_at_all_are_an_error_of_ours(client: FlaskClient, payload: bytes, header: bytes) -> None:
    answer = client.post(
        "/webhooks/stripe",
        data=payload,
        environ_overrides={"HTTP_STRIPE_SIGNATURE": header.decode("latin-1")},
    )

    assert answer.status_code == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    changed=st.dictionaries(st.sampled_from([*EVENT, "other"]), json_values, max_size=4),
    inner=st.dictionaries(st.sampled_from(["id", "object", "payment_intent", "invoice"]), json_values),
    event_type=st.sampled_from(["payment_intent.succeeded", "charge.updated", "invoice_payment.paid", ""]),
)
def test_no_signed_json_is_an_error_of_ours(
    client: FlaskClient, changed: Json, inner: Json, event_type: str
) -> None:
    payload = json.dumps({**EVENT, "type": event_type, "data": {"object": inner}, **changed}).encode()

    assert post(client, payload).status_code in (204, 400)


@given(payload=st.binary(max_size=300))
def test_no_signed_bytes_are_an_error_of_ours(client: FlaskClient, payload: bytes) -> None:
    assert post(client, payload).status_code == 400


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(environment_of(settings), tmp_path / "web.log")
    process.start()
    yield process
    process.stop()


def test_the_real_server_answers_the_same(web: WebProcess, app: Flask) -> None:
    visitor = Visitor(web.url)

    def send(payload: bytes, header: str) -> int:
        return visitor.ask("POST", "/webhooks/stripe", payload, {"Stripe-Signature": header}).status

    large = body(padding="x" * 1_000_000)
    assert send(body(), sign(body())) == 204
    assert send(body(), sign(body())) == 204
    assert send(large, sign(large)) == 413
    assert send(b"[]", sign(b"[]")) == 400
    assert send(body(), "t=1,v1=\u00e9") == 400
    assert send(body(), "") == 400
    assert len(kept(app)[0]) == 1
