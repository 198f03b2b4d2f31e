"""Every way into the product notices a restored database, and an account that is not ours, by itself."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.asks.models import Ask, AskKind
from app.asks.rules import AskRefused
from app.billing.models import Customer, Payment
from app.factory import join_parts
from app.flows import muting
from app.flows.give import CheckoutReady
from app.flows.parts import Parts
from app.flows.reconcile.command import reconcile
from app.flows.sync import SyncOutcome, sync_if_wanted
from app.flows.thanks import look_at_checkout
from app.flows.watch import LOOK_AGAIN_SECONDS, EpochWatch
from app.inbox.models import ObjectType
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from app.reconciliation.deployment import NotSwept
from app.reconciliation.models import Deployment, Sweep
from app.stripe_gateway.errors import StripeMuted, StripeOtherAccount
from config.settings import Settings
from tests.support.asking import place
from tests.support.backup import Backup
from tests.support.cast import ADA, BEN
from tests.support.mail import MailCatcher
from tests.support.world import World

LOOKS = "/v1/products/{id}"


@pytest.fixture
def backup(world: World) -> Backup:
    """Of a deployment whose worker has started before."""
    muting.check_epoch(world.parts)
    return Backup(world.parts.sessions.kw["bind"])


@pytest.fixture
def fresh(settings: Settings) -> Iterator[Parts]:
    """The parts of a process that has just started, such as a web process or a command."""
    parts = join_parts(settings)
    yield parts
    parts.sessions.kw["bind"].dispose()


def restore(world: World, backup: Backup) -> None:
    """Count on in the present, as a worker does each hour, then go back."""
    muting.check_epoch(world.parts)
    backup.restore()


def looks(world: World) -> int:
    return sum(one["method"] == "GET" and one["route"] == LOOKS for one in world.stripe.requests())


def writes(world: World) -> int:
    return sum(one["method"] != "GET" for one in world.stripe.requests())


def another_account(world: World) -> None:
    """Go on as if the key opened an account that knows nothing of ours."""
    world.stripe.reset()


def test_a_web_process_writes_nothing_though_no_worker_has_started(
    world: World, backup: Backup, fresh: Parts
) -> None:
    backup.make()
    restore(world, backup)
    before = writes(world)

    assert not isinstance(World(fresh, world.stripe).send(world.form(ADA)), CheckoutReady)

    assert writes(world) == before
    assert world.one(Deployment).muted_at is not None


def test_a_partial_refund_asked_again_after_a_restore_is_not_paid_twice(
    world: World, backup: Backup, fresh: Parts
) -> None:
    world.give(ADA, Money(5000, "eur"), Interval.once)
    intent_id = world.one(Payment).stripe_payment_intent_id
    backup.make()
    world.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})
    restore(world, backup)

    with pytest.raises(AskRefused, match="muted"):
        place(World(fresh, world.stripe), AskKind.refund, intent_id, amount=Money(1000, "eur"))

    assert not world.rows(Ask)
    assert [one["amount"] for one in world.stripe.objects("refund")] == [1000]


def test_a_process_looks_at_stripe_once_and_then_remembers(world: World, fresh: Parts) -> None:
    other = World(fresh, world.stripe)

    other.open_session(other.form(ADA))
    other.open_session(other.form(BEN))

    assert looks(world) == 1


def test_a_process_looks_again_after_a_while(world: World, fresh: Parts) -> None:
    now = [0]
    watch = EpochWatch(fresh.sessions, fresh.gateway, clock_seconds=lambda: now[0])
    watch.check()
    now[0] += LOOK_AGAIN_SECONDS - 1
    watch.check()
    world.parts.gateway.keepsakes.raise_epoch(3)
    watch.check()
    now[0] += 1

    with pytest.raises(StripeMuted):
        watch.check()

    assert world.one(Deployment).muted_at is not None


def test_the_form_is_shown_without_a_look_at_stripe(world: World, client: FlaskClient) -> None:
    assert client.get("/support").status_code == 200

    assert world.stripe.requests() == []


def test_a_database_that_goes_back_under_a_running_process_is_noticed_without_asking(
    world: World, backup: Backup
) -> None:
    backup.make()
    restore(world, backup)
    before = looks(world)

    assert muting.is_muted(world.parts)

    assert looks(world) == before


def test_a_process_goes_on_by_itself_once_the_database_is_unmuted(
    world: World, backup: Backup, fresh: Parts
) -> None:
    backup.make()
    restore(world, backup)
    other = World(fresh, world.stripe)
    assert not isinstance(other.send(other.form(ADA)), CheckoutReady)

    reconcile(world.parts, full=True, since_days=30, say=lambda _line: None)
    muting.unmute(world.parts)

    assert isinstance(other.send(other.form(BEN)), CheckoutReady)


def test_a_key_without_a_right_to_products_still_takes_payments(world: World, settings: Settings) -> None:
    key = "rk_test_no_products"
    world.stripe.settings(api_keys={key: ["checkout_session_write"]})
    restricted = join_parts(Settings.model_validate(settings.model_dump() | {"stripe_secret_key": key}))

    assert isinstance(World(restricted, world.stripe).send(world.form(ADA)), CheckoutReady)


def test_the_page_of_thanks_gives_no_number_in_a_restored_database(
    world: World, backup: Backup, fresh: Parts
) -> None:
    session_id = world.open_session(world.form(ADA, interval=Interval.once))
    backup.make()
    world.pay(session_id, ADA)
    restore(world, backup)

    look_at_checkout(fresh, session_id)

    assert not world.rows(Receipt)


def test_a_comparison_of_a_restored_database_is_a_silent_one(
    world: World, backup: Backup, fresh: Parts
) -> None:
    backup.make()
    world.give(ADA)
    restore(world, backup)

    reconcile(fresh, full=True, since_days=30, say=lambda _line: None)

    assert len(world.rows(Receipt)) == 1
    assert not world.rows(QueuedMail)


def test_the_mail_whose_number_showed_that_the_database_is_old_stays_here(
    world: World, backup: Backup, fresh: Parts, mails: MailCatcher
) -> None:
    muting.check_epoch_if_due(fresh)
    world.give(ADA)
    world.give(BEN)
    backup.make()
    fresh.watch.check()
    restore(world, backup)
    other = World(fresh, world.stripe)

    other.wait_and(other.send_mail, hours=0.1)

    assert world.stripe.objects("payment_intent")[0]["metadata"]["receipt"]
    assert mails.messages == []
    assert muting.is_muted(fresh)
    assert [mail.sent_at for mail in world.rows(QueuedMail)] == [None, None]


def test_a_sweep_begun_before_the_mute_lets_nothing_be_unmuted(world: World) -> None:
    def mute_at_the_end(line: str) -> None:
        if "read so far" in line:
            muting.mute(world.parts)

    reconcile(world.parts, full=True, since_days=30, say=mute_at_the_end)

    with pytest.raises(NotSwept):
        muting.unmute(world.parts)


def test_unmuting_what_is_not_muted_hides_no_restore(world: World, backup: Backup, fresh: Parts) -> None:
    backup.make()
    restore(world, backup)

    with pytest.raises(NotSwept):
        muting.unmute(fresh)


def test_a_count_written_late_stays_below_no_higher_one(world: World, fresh: Parts) -> None:
    muting.check_epoch(world.parts)
    muting.check_epoch(fresh)

    world.parts.gateway.keepsakes.raise_epoch(1)

    assert muting.look(world.parts).epoch_at_stripe == 2


def test_a_worker_overtaken_while_it_writes_the_count_writes_the_newest_one(
    world: World, fresh: Parts
) -> None:
    muting.check_epoch(world.parts)
    overtaken: list[bool] = []

    def overtake(method: str) -> None:
        if method.lower() == "post" and not overtaken:
            overtaken.append(True)
            muting.check_epoch(fresh)

    world.parts.gateway._calls.gates.append(overtake)

    muting.check_epoch(world.parts)

    standing = muting.look(world.parts)
    assert overtaken
    assert (standing.epoch, standing.epoch_at_stripe) == (3, 3)


def test_a_key_of_another_account_makes_nobody_gone(world: World, backup: Backup, fresh: Parts) -> None:
    del backup
    world.give(ADA)
    another_account(world)

    for full in (True, False):
        with pytest.raises(StripeOtherAccount):
            reconcile(fresh, full=full, since_days=30, say=lambda _line: None)

    assert [row.deleted_at for row in world.rows(Customer)] == [None]
    assert not world.rows(Sweep)


def test_a_key_of_another_newsroom_changes_nothing_there_or_here(
    world: World, backup: Backup, fresh: Parts
) -> None:
    del backup
    world.give(ADA)
    another_account(world)
    world.stripe.advance(seconds=60)
    world.v1.products.create({"id": "small_favor_deployment", "name": "Theirs", "metadata": {"epoch": "1"}})
    before = writes(world)
    other = World(fresh, world.stripe)

    assert not isinstance(other.send(other.form(BEN)), CheckoutReady)
    customer = (ObjectType.customer, world.one(Customer).stripe_customer_id)
    synced = sync_if_wanted(fresh, customer)
    with pytest.raises(StripeOtherAccount):
        muting.check_epoch(fresh)

    assert synced is not None
    assert synced.outcome is SyncOutcome.postponed
    assert writes(world) == before
    assert world.one(Deployment).muted_at is None


def test_an_account_whose_mark_was_deleted_by_hand_is_taken_back_by_command(
    world: World, backup: Backup, fresh: Parts
) -> None:
    del backup
    world.v1.products.delete("small_favor_deployment")
    with pytest.raises(StripeOtherAccount):
        fresh.watch.check()

    assert not muting.take_account(fresh)

    assert isinstance(World(fresh, world.stripe).send(world.form(ADA)), CheckoutReady)
    assert muting.look(world.parts).epoch_at_stripe == 2
