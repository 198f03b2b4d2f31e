"""`flask stripe …`: our side of the account at Stripe."""

from collections.abc import Callable

import click
from flask import current_app
from flask.cli import AppGroup

from app.access import parts_of, settings_of
from app.cli.differences import lines_of
from app.flows.dead_letters import retry_now
from app.flows.parts import Parts
from app.flows.reconcile.backfill import backfill
from app.flows.reconcile.command import Outcome, reconcile
from app.flows.sync import SyncOutcome, sync_at_once
from app.inbox.events import find_object_type
from app.kernel.clock import utc_now
from app.reconciliation.sweeps import SweepTaken
from app.stripe_gateway.errors import StripeMuted, StripeOtherAccount, StripeRefused, StripeUnavailable

LIVE_PER_SECOND = 40
TEST_PER_SECOND = 15
"""Stripe allows 100 and 25; readers and workers need the rest."""

group = AppGroup("stripe", help="Look after our side of the account at Stripe.")


@group.command("sync")
@click.argument("ids", nargs=-1, required=True)
def sync(ids: tuple[str, ...]) -> None:
    """Fetch the objects with these IDS from Stripe and apply them now.

    Example: flask stripe sync sub_1Qabc in_1Qdef
    """
    parts, failed = _parts_of_our_account(), 0
    for object_id in ids:
        object_type = find_object_type(object_id)
        if object_type is None:
            click.echo(f"{object_id}: not an object we follow")
            failed += 1
            continue
        synced = sync_at_once(parts, (object_type, object_id), now=utc_now())
        outcome = synced.outcome.value if synced else "another worker has it"
        failed += outcome != SyncOutcome.applied
        click.echo(f"{object_id}: {outcome}")
    if failed:
        raise click.ClickException(f"{failed} of {len(ids)} were not applied.")


@group.command("reconcile")
@click.option("--since", "since_days", metavar="DAYS", default=30, show_default=True, help="How far back.")
@click.option("--full", is_flag=True, help="Compare everything, whatever its age.")
@click.option("--per-second", metavar="N", type=click.IntRange(1, 90), help="Most requests a second.")
def reconcile_all(since_days: int, full: bool, per_second: int | None) -> None:
    """Compare our rows with what Stripe lists, mend every difference, and say what they were.

    Nobody gets mail about what is older than a week. Broken off, it goes on where it stopped. Exit status 0
    only where all is equal in the end.

    Example: flask stripe reconcile --full
    """
    parts = _paced(per_second)
    _tell(lambda: reconcile(parts, full=full, since_days=since_days, say=click.echo))


@group.command("backfill")
@click.option("--per-second", metavar="N", type=click.IntRange(1, 90), help="Most requests a second.")
def backfill_all(per_second: int | None) -> None:
    """Build members, books and receipts from an account at Stripe that was there before us.

    Mails nobody. Broken off, it goes on where it stopped. What it cannot follow, such as a weekly price, is
    listed in the end and stops nothing.

    Example: flask stripe backfill
    """
    parts = _paced(per_second)
    _tell(lambda: backfill(parts, say=click.echo))


@group.command("retry")
@click.argument("ids", nargs=-1)
def retry(ids: tuple[str, ...]) -> None:
    """Try the objects with these IDS again at once; every dead letter where none is named.

    Example: flask stripe retry sub_1Qabc
    """
    parts = _parts_of_our_account()
    results = list(retry_now(parts, ids or None, now=utc_now()))
    for object_id, outcome in results:
        click.echo(f"{object_id}: {outcome.value if outcome else 'another worker has it'}")
    failed = sum(outcome is not SyncOutcome.applied for _, outcome in results)
    if failed:
        raise click.ClickException(f"{failed} of {len(results)} were not applied.")
    click.echo("Nothing waits to be tried again." if not results else "All were applied.")


def _parts_of_our_account() -> Parts:
    """Return the parts. Raises: ClickException: the account is another, or the database is muted."""
    parts = parts_of(current_app)
    try:
        parts.watch.check()
    except StripeMuted as muted:
        raise click.ClickException(f"Nothing was done: {muted}.") from None
    except StripeUnavailable as away:
        raise click.ClickException(f"Stripe: {away}.") from None
    return parts


def _paced(per_second: int | None) -> Parts:
    """Return the parts, their way to Stripe paced; a local Stripe has no limit unless one is given."""
    parts, settings = parts_of(current_app), settings_of(current_app)
    usual = LIVE_PER_SECOND if parts.livemode else TEST_PER_SECOND
    if per_second or settings.stripe_api_base is None:
        parts.gateway.pace(per_second or usual)
    return parts


def _tell(compare: Callable[[], Outcome]) -> None:
    """Say what a comparison came to, and end with status 1 unless all is equal, 3 where another is at it."""
    try:
        outcome = compare()
    except StripeOtherAccount as other:
        raise click.ClickException(f"Nothing was compared or changed: {other}.") from None
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}. Run it again: it goes on where it stopped.") from None
    except SweepTaken:
        raise _AnotherIsAtIt("Another process goes on with this comparison. Wait for it to end.") from None
    for line in lines_of(outcome):
        click.echo(line)
    if not outcome.all_equal:
        raise click.ClickException("Not all is equal.")
    click.echo("All is equal.")


class _AnotherIsAtIt(click.ClickException):
    """Nothing is wrong, and nothing is known of how it will end."""

    exit_code = 3


@group.command("webhook-create")
def webhook_create() -> None:
    """Create the webhook endpoint at Stripe, pinned to our API version, and print its secret.

    Where there is one for our address already, nothing is created: two would send every event twice.

    Example: flask stripe webhook-create
    """
    parts = parts_of(current_app)
    url = f"{parts.public_base_url}/webhooks/stripe"
    try:
        if parts.gateway.find_webhook_endpoint(url):
            raise click.ClickException(
                f"There is one for {url}. Stripe's dashboard has its secret; to begin anew, delete it there."
            )
        secret = parts.gateway.create_webhook_endpoint(url)
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe did not create it: {failure}") from None
    click.echo(f"Created for {url}.\nSTRIPE_WEBHOOK_SECRET={secret}")
