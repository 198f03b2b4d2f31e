"""A migrated database and the newsroom's rules, and no Stripe: projections are given pictures by hand."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.db import create_db_engine, transaction
from app.members.models import Member
from app.projection.context import Context
from app.vault.sealing import Keyring
from app.vault.vault import Vault
from config.newsroom import load_newsroom
from tests.conftest import NEWSROOM
from tests.projection.looking import look
from tests.projection.rows import add_member, letters
from tests.support.pictures import NOW


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """One transaction on a fresh database."""
    engine = create_db_engine(database_url)
    with transaction(sessionmaker(engine, expire_on_commit=False)) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def setting() -> Context:
    """What projections are given: this moment, the newsroom's file, a keeper of names."""
    vault = Vault(Keyring(["test-vault-key-0123456789abcdefghijk"]))
    return Context(now=NOW, newsroom=load_newsroom(NEWSROOM), vault=vault)


@pytest.fixture
def member(session: Session, setting: Context) -> Member:
    """A member whose subscription was looked at once."""
    made = add_member(session, setting)
    look(session, setting, NOW)
    assert letters(session) == []
    return made
