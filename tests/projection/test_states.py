"""How a membership stands by one picture of its subscription alone."""

from typing import Any

import pytest

from app.members.models import MembershipState
from app.projection.membership import state_of
from tests.support import pictures
from tests.support.pictures import BEGUN

HELD: dict[str, Any] = {"pause_behavior": "void"}


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({}, MembershipState.active),
        ({"status": "trialing"}, MembershipState.active),
        ({"status": "past_due"}, MembershipState.past_due),
        ({"status": "past_due", **HELD}, MembershipState.past_due),
        ({"status": "unpaid"}, MembershipState.lapsed),
        ({"status": "paused"}, MembershipState.paused),
        (HELD, MembershipState.paused),
        ({"status": "past_due", "ended_at": BEGUN}, MembershipState.ended),
    ],
)
def test_a_membership_stands_as_its_subscription_does(shown: dict[str, Any], state: MembershipState) -> None:
    assert state_of(pictures.subscription(**shown)) is state
