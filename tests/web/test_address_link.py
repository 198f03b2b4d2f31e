"""The link mailed to a new address: opening it does nothing, the button does, once."""

import pytest
from flask.testing import FlaskClient

from app.flows.links import LinkKind, sign_link
from app.flows.parts import Parts
from app.flows.people.address import ask_for_address
from app.kernel.clock import utc_now
from app.members.models import AddressChange, Member
from tests.support.cast import ADA, BEN
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import path_of, read

NEW = "ada.new@example.net"


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    made = World(parts, stripe)
    made.give(ADA)
    return made


def path_for(world: World, address: str = NEW) -> str:
    ask_for_address(world.parts, world.rows(Member)[0].id, address, now=utc_now())
    newest = world.rows(AddressChange)[-1]
    return path_of(sign_link(world.parts, LinkKind.address, newest.id))


def address_of(world: World) -> str:
    return world.person_of(world.rows(Member)[0]).address


def test_edge_22_opening_the_link_changes_nothing(client: FlaskClient, world: World) -> None:
    path = path_for(world)

    for _ in range(3):
        shown = client.get(path)
        assert shown.status_code == 200
        assert NEW in shown.text
        assert client.head(path).status_code == 200
        assert read(shown).all("button")

    assert address_of(world) == ADA.address
    assert shown.headers["Cache-Control"] == "no-store"


def test_the_press_makes_it_theirs_and_a_second_says_the_same(client: FlaskClient, world: World) -> None:
    path = path_for(world)

    for _ in range(2):
        pressed = client.post(path)
        assert pressed.status_code == 200
        assert "This is your address now" in pressed.text

    assert address_of(world) == NEW
    assert not read(client.get(path)).all("button")


def test_an_address_of_somebody_else_is_told_what_to_do(client: FlaskClient, world: World) -> None:
    world.give(BEN)
    path = path_for(world, BEN.address)

    pressed = client.post(path)

    assert pressed.status_code == 409
    assert "This address is known already" in pressed.text
    assert address_of(world) == ADA.address


def test_an_older_link_says_what_can_be_done(client: FlaskClient, world: World) -> None:
    older = path_for(world)
    path_for(world, "third@example.net")

    pressed = client.post(older)

    assert pressed.status_code == 410
    assert "This link has run out" in pressed.text
    assert address_of(world) == ADA.address


def test_the_page_speaks_the_members_language(client: FlaskClient, world: World) -> None:
    shown = client.get(f"{path_for(world)}?lang=ru")

    assert "Использовать этот адрес" in shown.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_ours_is_not_found(client: FlaskClient, world: World, method: str) -> None:
    path = path_for(world)

    assert getattr(client, method)(path[:-3]).status_code == 404
