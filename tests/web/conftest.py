"""A stage for pages that must need nothing behind them, and a browser at the desk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app.access import parts_of
from app.db import Sessions, transaction
from app.factory import create_app
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from tests.conftest import NEWSROOM, make_settings
from tests.support.browser import chromium
from tests.support.databases import Databases
from tests.support.desk import add_account, sign_in
from tests.support.ledger_rows import Rows

NOWHERE = "http://127.0.0.1:1"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


def make_lonely_app(newsroom_file: Path = NEWSROOM) -> Flask:
    """Return the product with no database, no Stripe and no mail server to turn to."""
    return create_app(
        make_settings(
            NO_DATABASE, stripe_url=NOWHERE, smtp_url="smtp://127.0.0.1:1", newsroom_file=newsroom_file
        )
    )


@pytest.fixture(scope="session")
def lonely_app() -> Flask:
    return make_lonely_app()


@pytest.fixture
def reader(lonely_app: Flask) -> FlaskClient:
    """A reader of the product cut off from everything."""
    return lonely_app.test_client()


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Chromium, closed with the module: its loop must not outlive the browser's tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def product(databases: Databases) -> Iterator[Flask]:
    """The product on a database of its own, with no Stripe and no mail server to turn to."""
    url = databases.create("sqlite")
    app = create_app(make_settings(url, stripe_url=NOWHERE, smtp_url="smtp://127.0.0.1:1"))
    yield app
    parts_of(app).sessions.kw["bind"].dispose()
    databases.drop(url)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which Cleo is signed in."""
    add_account(app)
    sign_in(client)
    return client


@pytest.fixture
def write(parts: Parts, sessions: Sessions) -> Callable[[Callable[[Rows], Any]], Any]:
    """Write rows in one transaction, and return what is needed of them."""

    def written(story: Callable[[Rows], Any]) -> Any:
        with transaction(sessions) as session:
            return story(Rows(session, parts, now=utc_now()))

    return written
