"""A gift beside all else that can happen to whoever gave or claimed it, compared with Stripe each time."""

from datetime import timedelta

from app.asks.models import AskedBy
from app.flows.gifts.send import look_after_gifts
from app.flows.people.erase import erase
from app.flows.people.merge import merge, unmerge
from app.flows.reconcile.command import reconcile
from app.kernel.clock import utc_now
from app.outbox.models import QueuedMail
from tests.support.asking import finish
from tests.support.cast import ADA, BEN, DAN
from tests.support.compare import differences
from tests.support.gifts import claim, give_gift, member_of
from tests.support.mail import MailCatcher
from tests.support.world import World


def assert_all_is_equal_and_nobody_told(world: World) -> None:
    world.settle()
    world.send_mail()
    mailed = len(world.rows(QueuedMail))

    outcome = reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)

    assert outcome.all_equal
    assert len(world.rows(QueuedMail)) == mailed
    assert differences(world.parts.sessions, world.stripe) == []


def test_a_gift_that_is_claimed_and_refunded_while_its_two_are_merged_and_parted_differs_in_nothing(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA, words="For your train rides.")
    claim(world, mails, code, BEN)
    assert_all_is_equal_and_nobody_told(world)
    ada, ben = member_of(world, ADA), member_of(world, BEN)

    merge(world.parts, ben.code, ada.code, merged_by=None, now=utc_now())
    assert_all_is_equal_and_nobody_told(world)
    unmerge(world.parts, ada.code, undone_by=None, now=utc_now())
    (intent,) = world.stripe.objects("payment_intent")
    world.v1.refunds.create({"payment_intent": intent["id"]})

    assert_all_is_equal_and_nobody_told(world)


def test_a_gift_outlives_who_gave_it_and_its_end_is_told_to_nobody_who_was_erased(
    world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, DAN)
    erase(world.parts, member_of(world, DAN).id, asked_by=AskedBy.member, now=utc_now())
    finish(world)
    assert_all_is_equal_and_nobody_told(world)
    claimed = claim(world, mails, code, BEN)
    erase(world.parts, member_of(world, BEN).id, asked_by=AskedBy.member, now=utc_now())
    finish(world)
    assert_all_is_equal_and_nobody_told(world)
    mails.clear()

    look_after_gifts(world.parts, now=claimed.until - timedelta(days=3))
    world.send_mail()

    assert mails.messages == []
