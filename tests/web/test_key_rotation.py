"""Keys rotate without a gap: what was signed by the old key is good for as long as that key is listed."""

import pytest
from pydantic import SecretStr

from app.access import parts_of
from app.factory import create_app
from app.flows.parts import Parts
from app.flows.receipts import receipt_link
from app.receipts.models import Receipt
from config.settings import Settings
from tests.support.cast import ADA
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

NEW = "a-new-secret-key-0123456789abcdefghijk"


@pytest.fixture
def link(parts: Parts, stripe: SimulatorProcess) -> str:
    """A link in a mail, signed by the old key."""
    world = World(parts, stripe)
    world.give(ADA)
    return receipt_link(parts, world.one(Receipt).id)


@pytest.mark.parametrize(("keys", "status"), [("new", 404), ("new,old", 200), ("old,new", 200)])
def test_edge_32_a_link_signed_by_the_old_key_opens_while_that_key_is_listed(
    settings: Settings, link: str, keys: str, status: int
) -> None:
    """Edge 32: keys and secrets rotate without a gap, fallbacks of the session key among them."""
    (old,) = settings.secret_key
    listed = [{"new": SecretStr(NEW), "old": old}[name] for name in keys.split(",")]
    app = create_app(settings.model_copy(update={"secret_key": listed}))

    answer = app.test_client().get(link)

    assert answer.status_code == status
    fallbacks = app.config["SECRET_KEY_FALLBACKS"]
    assert [app.config["SECRET_KEY"], *fallbacks] == [key.get_secret_value() for key in listed]
    parts_of(app).sessions.kw["bind"].dispose()
