"""`flask stripe …`: our side of the account at Stripe."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.access import parts_of
from app.cli.differences import lines_of
from app.flows.reconcile.command import reconcile
from app.flows.sync import SyncOutcome, sync_at_once
from app.inbox.events import find_object_type
from app.kernel.clock import utc_now
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable

group = AppGroup("stripe", help="Look after our side of the account at Stripe.")


@group.command("sync")
@click.argument("ids", nargs=-1, required=True)
def sync(ids: tuple[str, ...]) -> None:
    """Fetch the objects with these IDS from Stripe and apply them now.

    Example: flask stripe sync sub_1Qabc in_1Qdef
    """
    parts, failed = parts_of(current_app), 0
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
def reconcile_all(since_days: int, full: bool) -> None:
    """Compare our rows with what Stripe lists, mend every difference, and say what they were.

    Nobody gets mail about what is older than a week. Broken off, it goes on where it stopped. Exit status 0
    only where all is equal in the end.

    Example: flask stripe reconcile --full
    """
    parts = parts_of(current_app)
    try:
        outcome = reconcile(parts, full=full, since_days=since_days, say=click.echo)
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}. Run it again: it goes on where it stopped.") from None
    for line in lines_of(outcome):
        click.echo(line)
    if not outcome.all_equal:
        raise click.ClickException("Not all is equal.")
    click.echo("All is equal.")


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
