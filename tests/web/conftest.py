"""A stage for pages that must need nothing behind them."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from tests.conftest import NEWSROOM, make_settings

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
