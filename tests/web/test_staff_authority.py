"""Who gets what at the desk: every route, for everybody."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import parts_of
from app.db import Sessions, transaction
from app.kernel.clock import utc_now
from app.staff.accounts import disable_account, get_account
from app.web.staff.authority import ACCOUNT_PAGES, NEEDED, PERMISSIONS, Permission
from tests.support.desk import CLEO, DAN, add_account, sign_in
from tests.support.ledger_rows import Rows

Door = tuple[str, str]
PRIVATE = (
    "Given this month",
    "Money in",
    "supporter_since",
    "Payments and their receipts",
    "%PDF",
    "Books",
    "What it is made of",
    "Dedications and messages",
)


def desk_doors(app: Flask) -> Iterator[Door]:
    """Yield the method and address of every route under /staff but those of one's own account."""
    values = {
        "code": _member_code(app),
        "kind": "csv",
        "receipt_id": uuid4(),
        "credit_note_id": uuid4(),
        "note_id": uuid4(),
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff") or rule.endpoint in ACCOUNT_PAGES:
            continue
        given = {name: values.get(name, "x") for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield method, adapter.build(rule.endpoint, given, method=method)


def test_every_route_of_the_desk_says_what_it_needs(app: Flask) -> None:
    of_the_desk = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")}

    unlisted = of_the_desk - set(NEEDED) - set(ACCOUNT_PAGES)

    assert unlisted == {"security.two_factor_rescue", "security.tf_select"}
    assert set(NEEDED) <= of_the_desk


def test_an_administrator_may_do_everything() -> None:
    assert all(permissions == set(Permission) for permissions in PERMISSIONS.values())


def test_a_stranger_gets_nothing(app: Flask, client: FlaskClient) -> None:
    for door in desk_doors(app):
        _assert_nothing(client, door, statuses={302, 404})


def test_dan_who_has_no_role_gets_nothing(app: Flask, client: FlaskClient) -> None:
    add_account(app, DAN, roles=())
    sign_in(client, DAN)

    for door in desk_doors(app):
        _assert_nothing(client, door, statuses={403, 404})
    assert "no role" in client.get("/staff").text


def test_a_shut_account_gets_nothing(app: Flask, client: FlaskClient, sessions: Sessions) -> None:
    add_account(app)
    sign_in(client)
    with transaction(sessions) as session:
        disable_account(get_account(session, CLEO), now=utc_now())

    for door in desk_doors(app):
        _assert_nothing(client, door, statuses={302, 404})


def test_a_printed_password_opens_nothing_but_its_own_change(app: Flask, client: FlaskClient) -> None:
    add_account(app, password_chosen=False)
    sign_in(client)

    for door in desk_doors(app):
        _assert_nothing(client, door, statuses={302, 404})


def test_an_account_whose_second_factor_was_taken_away_gets_nothing(
    app: Flask, client: FlaskClient, sessions: Sessions
) -> None:
    add_account(app)
    sign_in(client)
    with transaction(sessions) as session:
        get_account(session, CLEO).second_factor = None

    for door in desk_doors(app):
        _assert_nothing(client, door, statuses={302, 404})
    assert client.get("/staff").location == "/staff/second-factor"


@pytest.mark.parametrize("path", ["/staff/members/{code}"])
def test_a_form_without_a_token_does_nothing(app: Flask, client: FlaskClient, path: str) -> None:
    add_account(app)
    sign_in(client)

    answer = client.post(path.format(code=_member_code(app)))

    assert answer.status_code == 400
    assert "ada@mail.example" not in answer.text
    assert "Try that again" in answer.text


def test_every_page_of_the_desk_is_never_stored_and_has_no_script_of_its_own(
    app: Flask, client: FlaskClient
) -> None:
    add_account(app)
    sign_in(client)
    own = ["/staff/password", "/staff/second-factor", "/staff/recovery-codes", "/staff/confirm"]

    for path in [*own, *(path for method, path in desk_doors(app) if method == "GET")]:
        answer = client.get(path)
        if answer.status_code == 404 and "receipts" not in path:
            continue
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        for forbidden in ("<style", " style=", "<script>", " onclick=", "javascript:"):
            assert forbidden not in answer.text, path


def _assert_nothing(client: FlaskClient, door: Door, *, statuses: set[int]) -> None:
    method, path = door
    answer = client.open(path, method=method)
    assert answer.status_code in statuses, door
    assert answer.status_code != 404 or path.rsplit("/", 1)[-1] in ("tf-rescue", "tf-select"), door
    for text in PRIVATE:
        assert text not in answer.text, door


def _member_code(app: Flask) -> str:
    parts = parts_of(app)
    with transaction(parts.sessions) as session:
        return Rows(session, parts).member("ada@mail.example", name="Ada").code
