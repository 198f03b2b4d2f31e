"""Two pictures have one digest when they say the same, and another when any followed field differs."""

from dataclasses import dataclass, make_dataclass, replace

from app.kernel.clock import from_timestamp
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.digests import are_comparable, digest_of
from app.stripe_gateway.snapshots import CustomerSnapshot, MethodSnapshot, SubscriptionSnapshot

SUBSCRIPTION = SubscriptionSnapshot(
    id="sub_1",
    status="active",
    customer_id="cus_1",
    pledge_id=None,
    amount=Money(200, "eur"),
    interval=Interval.month,
    started_at=from_timestamp(1),
    current_period_start=None,
    current_period_end=None,
    anchor_at=None,
    cancel_at=None,
    canceled_at=None,
    ended_at=None,
    cancellation_reason=None,
    cancellation_feedback=None,
    trial_end=None,
    pause_behavior=None,
    paused_until=None,
    method=None,
    ask_id=None,
)
OTHERS = (
    replace(SUBSCRIPTION, status="past_due"),
    replace(SUBSCRIPTION, amount=Money(201, "eur")),
    replace(SUBSCRIPTION, interval=Interval.year),
    replace(SUBSCRIPTION, cancel_at=from_timestamp(2)),
    replace(SUBSCRIPTION, pause_behavior="void"),
)


def keyed(text: str) -> str:
    return f"hash of {text}"


def test_the_same_picture_has_the_same_digest() -> None:
    assert digest_of(SUBSCRIPTION, keyed) == digest_of(replace(SUBSCRIPTION), keyed)
    assert len(digest_of(SUBSCRIPTION, keyed)) == 32


def test_every_field_that_differs_gives_a_digest_of_its_own() -> None:
    digests = {digest_of(picture, keyed) for picture in (SUBSCRIPTION, *OTHERS)}

    assert len(digests) == len(OTHERS) + 1


@dataclass(frozen=True, kw_only=True)
class OfBefore:
    """What a subscription looked like to an older release."""

    id: str = "sub_1"
    method: MethodSnapshot | None = None


@dataclass(frozen=True, kw_only=True)
class MethodSeenCloser(MethodSnapshot):
    """A method of which one thing more is followed."""

    wallet: str | None = None


def test_pictures_of_one_shape_are_comparable_whatever_they_show() -> None:
    card = replace(SUBSCRIPTION, method=MethodSnapshot(kind="visa", last4=None, expires_on=None))

    assert all(
        are_comparable(digest_of(SUBSCRIPTION, keyed), digest_of(one, keyed)) for one in (card, *OTHERS)
    )


def test_one_field_more_makes_digests_of_another_shape_at_any_depth() -> None:
    flat = make_dataclass("OfBefore", [("id", str, "sub_1"), ("method", MethodSnapshot | None, None)])
    more = make_dataclass("OfBefore", [("id", str), ("method", MethodSnapshot | None), ("coupon", str)])
    deep = make_dataclass("OfBefore", [("id", str), ("method", MethodSeenCloser | None)])
    before = digest_of(OfBefore(), keyed)

    assert are_comparable(before, digest_of(flat(), keyed))
    assert not are_comparable(before, digest_of(more(id="sub_1", method=None, coupon=""), keyed))
    assert not are_comparable(before, digest_of(deep(id="sub_1", method=None), keyed))


def test_a_customers_address_counts_by_its_keyed_hash_alone() -> None:
    ada, ben = (CustomerSnapshot(id="cus_1", deleted=False, address=f"{who}@example.org") for who in "ab")

    assert digest_of(ada, keyed) != digest_of(ben, keyed)
    assert digest_of(ada, lambda _: "same") == digest_of(ben, lambda _: "same")
