"""What staff see of gift memberships on a member's record: how they stand, and never from whom to whom."""

import pytest
from flask.testing import FlaskClient

from app.flows.parts import Parts
from tests.support.cast import ADA, BEN
from tests.support.gifts import claim, give_gift, member_of
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.support.world import World


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


def test_a_record_says_what_was_given_and_claimed_and_not_from_whom_to_whom(
    desk: FlaskClient, world: World, mails: MailCatcher
) -> None:
    claim(world, mails, give_gift(world, ADA), BEN)
    ada, ben = member_of(world, ADA).code, member_of(world, BEN).code

    of_ada, of_ben = (desk.get(f"/staff/members/{code}").text for code in (ada, ben))

    assert "Gave 6 months" in of_ada
    assert "claimed on" in of_ada
    assert ben not in of_ada
    assert "Claimed a gift" in of_ben
    assert "a gift from somebody else" in of_ben
    assert "this member gave once" in of_ada
    assert "this member gave once" not in of_ben
    assert ada not in of_ben
