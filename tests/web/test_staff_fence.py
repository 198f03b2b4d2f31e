"""What the desk's sign-in costs everybody else: nothing."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.desk import add_account, sign_in
from tests.web.statements import statements_of

OUTSIDE = [
    ("GET", "/support"),
    ("GET", "/healthz"),
    ("GET", "/support/thanks?session_id=cs_test_unknown"),
    ("POST", "/webhooks/stripe"),
]
VARIES_BY_ITS_OWN_COOKIE = {"/support"}
"""The form remembers a reader's currency (ADR 17), and says so to caches; it reads no session for it."""


@pytest.mark.parametrize(("method", "path"), OUTSIDE)
def test_no_page_outside_the_desk_reads_a_session_or_an_account(
    app: Flask, client: FlaskClient, method: str, path: str
) -> None:
    add_account(app)
    sign_in(client)
    cookie = client.get_cookie("desk", path="/staff")
    assert cookie

    with statements_of(app) as statements:
        answer = app.test_client().open(
            path, method=method, headers={"Cookie": f"desk={cookie.value}"}, data=b"{}"
        )

    assert not [statement for statement in statements if "staff_" in statement]
    assert "Set-Cookie" not in answer.headers
    assert ("Cookie" in answer.headers.get("Vary", "")) == (path in VARIES_BY_ITS_OWN_COOKIE)


def test_a_browser_does_not_send_the_desks_cookie_anywhere_else(app: Flask, client: FlaskClient) -> None:
    add_account(app)

    answer = sign_in(client)

    assert "Path=/staff" in answer.headers["Set-Cookie"]
    assert client.get_cookie("desk", path="/") is None


def test_a_page_of_the_desk_loads_its_account_once(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)

    with statements_of(app) as statements:
        client.get("/staff/money")

    assert len([statement for statement in statements if "staff_accounts" in statement]) == 1
