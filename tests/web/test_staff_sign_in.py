"""Signing in to the desk: password and code for all, guessing slowed, nothing told to strangers."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.access import parts_of
from app.db import Sessions, reading, transaction
from app.factory import create_app
from app.kernel.clock import utc_now
from app.staff.accounts import disable_account, get_account, take_totp_counter
from app.staff.models import StaffAccount, StaffTries
from app.staff.tries import FIRST_WAIT_SECONDS, FREE_TRIES, LONGEST_WAIT_SECONDS, take_try
from config.settings import Settings
from tests.conftest import make_settings
from tests.support.desk import CLEO, DAN, PASSWORD, add_account, code_at, give_password, post, sign_in

NEW_PASSWORD = "eleven herrings in the harbour"
SIGN_IN = "/staff/sign-in"


def test_the_desk_leads_to_sign_in_and_then_to_where_one_was_going(app: Flask, client: FlaskClient) -> None:
    add_account(app)

    led = client.get("/staff/money?from=2026-01-01")
    code_page = post(client, SIGN_IN, {"email": CLEO, "password": PASSWORD}, page=led.location)
    arrived = post(client, code_page.location, {"code": code_at()})

    assert led.status_code == 302
    assert led.location.startswith(SIGN_IN)
    assert code_page.location.startswith("/staff/sign-in/code")
    assert arrived.location == "/staff/money?from=2026-01-01"


def test_nobody_is_led_to_another_site_after_sign_in(app: Flask, client: FlaskClient) -> None:
    add_account(app)

    page = post(client, SIGN_IN, {"email": CLEO, "password": PASSWORD, "next": "https://evil.example/"})
    arrived = post(client, page.location, {"code": code_at()})

    assert "evil.example" not in arrived.location


def test_a_password_alone_opens_nothing(app: Flask, client: FlaskClient) -> None:
    add_account(app)

    give_password(client)

    assert client.get("/staff").location.startswith(SIGN_IN)


def test_password_and_code_open_the_desk(app: Flask, client: FlaskClient) -> None:
    add_account(app)

    answer = sign_in(client)

    assert answer.location == "/staff"
    assert client.get("/staff").status_code == 200


def test_a_code_opens_the_desk_once(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    code = code_at()
    give_password(client)
    post(client, "/staff/sign-in/code", {"code": code})

    other = app.test_client()
    give_password(other)
    again = post(other, "/staff/sign-in/code", {"code": code})

    assert again.status_code == 200
    assert "was used before" in again.text
    assert other.get("/staff").location.startswith(SIGN_IN)


def test_two_requests_cannot_claim_one_code(app: Flask, sessions: Sessions) -> None:
    account = add_account(app)

    def claim(_number: int) -> bool:
        with transaction(sessions) as session:
            return take_totp_counter(session, account.id, 5)

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(claim, range(16)))

    assert sum(claimed) == 1


def test_the_first_sign_in_leads_through_second_factor_and_own_password_before_anything(
    app: Flask, client: FlaskClient
) -> None:
    add_account(app, with_second_factor=False, password_chosen=False)

    led = give_password(client)
    assert led.location == "/staff/second-factor"
    assert client.get("/staff").location.startswith(SIGN_IN)

    picture = post(client, "/staff/second-factor", {"setup": "authenticator"})
    assert 'src="data:image/svg+xml' in picture.text
    secret = re.search(r'class="code key">([^<]+)<', picture.text)
    assert secret
    code = code_at(secret=secret.group(1).replace("-", ""))
    done = post(client, "/staff/sign-in/code", {"code": code})
    assert done.location == "/staff"

    assert client.get("/staff").location == "/staff/password"
    changed = post(
        client,
        "/staff/password",
        {"password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD},
    )
    assert changed.location == "/staff"
    assert client.get("/staff").status_code == 200


def test_an_unknown_address_a_wrong_password_and_a_shut_account_read_the_same(
    app: Flask, sessions: Sessions
) -> None:
    add_account(app)
    add_account(app, DAN)
    with transaction(sessions) as session:
        disable_account(get_account(session, DAN), now=utc_now())

    pages = [
        _without_token(give_password(app.test_client(), email, password).text).replace(email, "ADDRESS")
        for email, password in (
            ("nobody@harbour-courier.example", PASSWORD),
            (CLEO, "not the password at all"),
            (DAN, PASSWORD),
        )
    ]

    assert "do not match" in pages[0]
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize("email", [CLEO, "nobody@harbour-courier.example"])
def test_after_five_tries_nothing_is_looked_at_for_a_while(app: Flask, email: str) -> None:
    add_account(app)
    for _ in range(FREE_TRIES):
        assert "do not match" in give_password(app.test_client(), email, "wrong").text

    waiting = give_password(app.test_client(), email, PASSWORD)

    assert "Too many tries" in waiting.text
    assert "do not match" not in waiting.text


def test_waiting_is_kept_in_the_database_and_ends(app: Flask, settings: Settings) -> None:
    add_account(app)
    for _ in range(FREE_TRIES):
        give_password(app.test_client(), CLEO, "wrong")

    restarted = create_app(settings)
    assert "Too many tries" in give_password(restarted.test_client()).text
    with time_machine.travel(utc_now() + timedelta(seconds=FIRST_WAIT_SECONDS + 1)):
        assert "/staff/sign-in/code" in give_password(restarted.test_client()).location
    parts_of(restarted).sessions.kw["bind"].dispose()


def test_a_success_forgets_the_failures(app: Flask) -> None:
    add_account(app)
    for _ in range(2):
        for _ in range(FREE_TRIES - 1):
            give_password(app.test_client(), CLEO, "wrong")
        assert give_password(app.test_client()).status_code == 302


def test_a_hundred_guesses_at_once_are_still_five_guesses(sessions: Sessions) -> None:
    now = utc_now()

    def guess(_number: int) -> bool:
        with transaction(sessions) as session:
            return take_try(session, "k" * 64, now=now) is None

    with ThreadPoolExecutor(8) as pool:
        looked_at = list(pool.map(guess, range(100)))

    assert sum(looked_at) == FREE_TRIES


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further(sessions: Sessions) -> None:
    now, waits = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(12):
        with transaction(sessions) as session:
            assert take_try(session, "k" * 64, now=now) is None
        with transaction(sessions) as session:
            until = session.get_one(StaffTries, "k" * 64).retry_at
        waits.append((until - now).seconds)
        now = until

    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900, 900]
    assert waits[-1] == LONGEST_WAIT_SECONDS


def test_tries_are_forgotten_after_a_day(sessions: Sessions) -> None:
    now = utc_now()
    for _ in range(3):
        with transaction(sessions) as session:
            take_try(session, "a" * 64, now=now)

    with transaction(sessions) as session:
        take_try(session, "b" * 64, now=now + timedelta(days=2))

    with reading(sessions) as session:
        assert list(session.scalars(sa.select(StaffTries.key))) == ["b" * 64]


def test_codes_cannot_be_guessed_either(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    give_password(client)
    right = code_at()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(FREE_TRIES):
        assert "does not match" in post(client, "/staff/sign-in/code", {"code": wrong}).text

    waiting = post(client, "/staff/sign-in/code", {"code": right})

    assert "Too many tries" in waiting.text
    assert client.get("/staff").location.startswith(SIGN_IN)


def test_a_recovery_code_signs_in_once_and_is_kept_as_a_hash(
    app: Flask, client: FlaskClient, sessions: Sessions
) -> None:
    add_account(app)
    sign_in(client)
    made = post(client, "/staff/recovery-codes", {})
    codes = re.findall(r'<li class="code">([^<]+)</li>', made.text)
    assert len(codes) == 8

    first, second = app.test_client(), app.test_client()
    give_password(first)
    used = post(first, "/staff/sign-in/recovery-code", {"code": codes[3].lower()})
    give_password(second)
    again = post(second, "/staff/sign-in/recovery-code", {"code": codes[3]})

    assert used.location == "/staff"
    assert first.get("/staff").status_code == 200
    assert "it was used before" in again.text
    with reading(sessions) as session:
        kept = session.scalars(sa.select(StaffAccount.recovery_hashes)).one()
    assert kept
    assert len(kept.split()) == 7
    assert not any(code in kept for code in codes)


def test_signing_out_makes_a_copied_cookie_worthless(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)
    copied = client.get_cookie("desk", path="/staff")
    assert copied
    thief = app.test_client()
    thief.set_cookie("desk", copied.value, path="/staff")
    assert thief.get("/staff").status_code == 200

    left = post(client, "/staff/sign-out", {}, page="/staff")

    assert left.location == SIGN_IN
    assert client.get("/staff").status_code == 302
    assert thief.get("/staff").status_code == 302


def test_signing_out_wants_a_token(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)

    assert client.post("/staff/sign-out").status_code == 400
    assert client.get("/staff").status_code == 200


def test_a_shut_account_is_out_at_once(app: Flask, client: FlaskClient, sessions: Sessions) -> None:
    add_account(app)
    sign_in(client)

    with transaction(sessions) as session:
        disable_account(get_account(session, CLEO), now=utc_now())

    assert client.get("/staff").status_code == 302


def test_the_session_cookie_stays_at_the_desk_and_holds_no_fingerprint(
    app: Flask, client: FlaskClient
) -> None:
    add_account(app)

    answer = sign_in(client)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/staff" in cookie
    with client.session_transaction("/staff") as session:
        assert "_user_id" in session
        assert "_id" not in session


def test_the_session_cookie_is_secure_where_the_product_is(settings: Settings) -> None:
    secure = create_app(
        make_settings(
            settings.database_url,
            stripe_url=str(settings.stripe_api_base),
            smtp_url=settings.smtp_url.get_secret_value(),
            public_base_url="https://support.harbour-courier.example",
        )
    )
    add_account(secure)
    client = secure.test_client()
    page = client.get(SIGN_IN, base_url="https://support.harbour-courier.example")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token

    answer = client.post(
        SIGN_IN,
        base_url="https://support.harbour-courier.example",
        data={"email": CLEO, "password": PASSWORD, "csrf_token": token.group(1)},
    )

    assert "Secure" in page.headers["Set-Cookie"]
    assert answer.status_code == 302
    parts_of(secure).sessions.kw["bind"].dispose()


def test_no_address_or_browser_of_a_visitor_is_stored(app: Flask, sessions: Sessions) -> None:
    add_account(app)
    client = app.test_client()
    client.environ_base.update(
        REMOTE_ADDR="203.0.113.77",
        HTTP_USER_AGENT="Canarybrowser/7.7",
        HTTP_REFERER="https://canary.example/",
    )
    give_password(client, "stranger@canary.example", "canary password")
    sign_in(client)
    client.get("/staff")

    with reading(sessions) as session:
        stored = "".join(
            str(session.execute(sa.select(table)).all())
            for table in StaffAccount.metadata.sorted_tables
            if table.name.startswith("staff_")
        )
    assert CLEO in stored
    for canary in ("203.0.113.77", "Canarybrowser", "canary.example", "canary password"):
        assert canary not in stored


@pytest.mark.parametrize(
    "path", ["/staff/tf-rescue", "/staff/tf-select", "/login", "/logout", "/staff/register", "/staff/reset"]
)
def test_pages_of_flask_security_that_we_do_not_use_are_shut(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code in (404, 405)


def test_signing_in_by_json_gives_no_token(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    shown = re.search(r'name="csrf_token" value="([^"]+)"', client.get(SIGN_IN).text)
    assert shown
    headers = {"Accept": "application/json", "X-CSRFToken": shown.group(1)}
    credentials: dict[str, str] = {"email": CLEO, "password": PASSWORD}

    answers = [
        client.post(f"{path}?include_auth_token", json=data, headers=headers)
        for path, data in ((SIGN_IN, credentials), (f"{SIGN_IN}/code", {"code": code_at()}))
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert not any(answer.is_json or "authentication_token" in answer.text for answer in answers)


def test_a_second_factor_outlives_a_rotation_of_the_vault_key(app: Flask, settings: Settings) -> None:
    add_account(app)
    rotated = create_app(
        make_settings(
            settings.database_url,
            stripe_url=str(settings.stripe_api_base),
            smtp_url=settings.smtp_url.get_secret_value(),
            vault_key="another-vault-key-0123456789abcdefg,test-vault-key-0123456789abcdefghijk",
        )
    )

    client = rotated.test_client()

    assert sign_in(client).location == "/staff"
    parts_of(rotated).sessions.kw["bind"].dispose()


def test_a_changed_password_ends_the_other_sessions(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)
    other = app.test_client()
    with time_machine.travel(utc_now() + timedelta(seconds=60)):
        sign_in(other)

    post(
        client,
        "/staff/password",
        {"password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD},
    )

    assert client.get("/staff").status_code == 200
    assert other.get("/staff").status_code == 302


def _without_token(page: str) -> str:
    return re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", page)
