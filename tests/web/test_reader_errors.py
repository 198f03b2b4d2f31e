"""What goes wrong is answered in the reader's language, with the next step and without our insides."""

from collections.abc import Iterator
from typing import NoReturn

import pytest
import structlog
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import make_lonely_app
from tests.web.reader import read

CANARY = "canary-7f3a"


def breaking_app() -> Flask:
    """Return the product with a page for every way to fail."""
    app = make_lonely_app()

    def fail() -> str:
        raise RuntimeError(f"{CANARY} ada@example.org")

    def refuse(status: int) -> NoReturn:
        abort(status)

    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/refuse/<int:status>", "refuse", refuse)
    app.add_url_rule("/api/refuse/<int:status>", "refuse_machine", refuse)
    return app


@pytest.fixture(scope="module")
def broken() -> Flask:
    return breaking_app()


def refuse(app: Flask, status: int, language: str = "en") -> TestResponse:
    return app.test_client().get(f"/refuse/{status}?lang={language}")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_error_page_speaks_the_readers_language_and_shows_a_way_on(
    broken: Flask, status: int, language: str
) -> None:
    answer = refuse(broken, status, language)

    page = read(answer)
    assert answer.status_code == status
    assert page.all("html")[0]["lang"] == language
    links = [link.get("href", "") for link in page.all("a")]
    assert f"/support?lang={language}" in links
    assert "mailto:support@harbour-courier.example" in links
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_two_errors_say_the_same(broken: Flask) -> None:
    headings = {
        read(refuse(broken, status)).text.partition("·")[0] for status in (400, 404, 405, 413, 429, 500, 503)
    }

    assert len(headings) == 7


@pytest.mark.parametrize("status", [429, 503])
def test_who_should_come_again_is_told_when(broken: Flask, status: int) -> None:
    assert int(refuse(broken, status).headers["Retry-After"]) > 0


@pytest.fixture
def stderr(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What the product writes to standard error; afterwards its logs let go of the captured stream."""
    yield capfd
    structlog.reset_defaults()


def test_a_failure_of_ours_shows_and_logs_no_message(stderr: pytest.CaptureFixture[str]) -> None:
    answer = breaking_app().test_client().get("/fail")

    logged = stderr.readouterr()
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert CANARY not in logged.out + logged.err
    assert "RuntimeError" in logged.err
    assert "request failed" in logged.err


def test_a_page_while_the_database_is_away_asks_to_come_again(reader: FlaskClient) -> None:
    answer = reader.get("/support/thanks?session_id=cs_test_ada")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "your payment is safe" in read(answer).text


def test_a_way_of_asking_that_is_not_offered_names_those_that_are(reader: FlaskClient) -> None:
    answer = reader.put("/support")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_too_large_is_refused_in_words(reader: FlaskClient) -> None:
    answer = reader.post("/support", data={"name": "x" * 1_100_000})

    assert answer.status_code == 413
    assert "That was too much at once" in read(answer).text


@pytest.mark.parametrize("status", [400, 404, 405, 413, 429, 500, 503])
def test_machines_are_answered_in_json(broken: Flask, status: int) -> None:
    answer = broken.test_client().get(f"/api/refuse/{status}")

    assert answer.status_code == status
    assert isinstance(answer.get_json()["error"], str)


def test_a_webhook_address_that_does_not_exist_is_json(reader: FlaskClient) -> None:
    assert reader.post("/webhooks/nothing").get_json() == {"error": "not found"}


def test_the_language_links_of_a_page_not_found_stay_on_our_site(reader: FlaskClient) -> None:
    answer = reader.get(
        "/", query_string={"q": '"><script>'}, environ_overrides={"PATH_INFO": "//evil.example/x"}
    )
    page = read(answer)

    links = [link["href"] for link in page.all("a") if "lang=ru" in link.get("href", "")]
    assert links
    assert not any(link.startswith("//") for link in links)
    assert not page.all("script")
