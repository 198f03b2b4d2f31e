"""`flask safety mute|unmute|status`: whether this database may speak, to Stripe and to members."""

import click
from flask import current_app

from app.access import parts_of
from app.cli.vault import group
from app.flows import muting
from app.flows.muting import StillUnsynced
from app.inbox.models import WantedObject
from app.reconciliation.deployment import NotSwept
from app.stripe_gateway.errors import StripeOtherAccount, StripeRefused, StripeUnavailable

NOTHING_STANDS = (
    "Run `flask stripe reconcile --full` first: no full comparison was finished since it was muted."
)
ALL_THE_SAME = (
    "Mend what keeps them away and run `flask stripe reconcile --full` again; or leave them behind with "
    "`flask safety unmute --even-though-unsynced`: workers go on trying them."
)

__all__ = ["group"]


@group.command("mute")
def mute() -> None:
    """Write nothing to Stripe and send no mail, until it is unmuted.

    Web, workers and commands do it by themselves where they find the database restored from a backup. Do it
    by hand before the first start after a restore: the youngest backups cannot be told from the present.

    Example: flask safety mute
    """
    click.echo("Muted." if muting.mute(parts_of(current_app)) else "It was muted already.")
    click.echo("Next: flask stripe reconcile --full, then flask safety unmute.")


@group.command("unmute")
@click.option(
    "--even-though-unsynced",
    is_flag=True,
    help="Leave behind what the last full comparison could not bring in; the log names each object.",
)
def unmute(even_though_unsynced: bool) -> None:
    """Write to Stripe and send mail again. Mails queued before it was muted are dropped.

    Refused until a full comparison has mended everything, and then it says what stands in the way.

    Example: flask safety unmute
    """
    try:
        dropped = muting.unmute(parts_of(current_app), even_though_unsynced=even_though_unsynced)
    except NotSwept:
        raise click.ClickException(NOTHING_STANDS) from None
    except StillUnsynced as still:
        raise click.ClickException(_in_the_way(still.objects)) from None
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}. Look at `flask safety status`.") from None
    if dropped is None:
        click.echo("It was not muted.")
        return
    click.echo(f"Unmuted. {dropped} mails queued before were dropped: they may have gone out already.")


def _in_the_way(objects: list[WantedObject]) -> str:
    lines = [
        f"  {one.object_type.value} {one.object_id}: {one.last_error or 'never tried'} ({one.attempts} tries)"
        for one in objects
    ]
    return "\n".join([f"{len(objects)} objects could not be brought in:", *lines, ALL_THE_SAME])


@group.command("take-account")
@click.confirmation_option(prompt="Take the account that STRIPE_SECRET_KEY opens for this database's own?")
def take_account() -> None:
    """Take the account that STRIPE_SECRET_KEY opens for this database's own, though it is another one.

    Only where the product `small_favor_deployment` was deleted at Stripe by hand, or the newsroom has moved
    to a new account: what that account does not know will be held to be gone.

    Example: flask safety take-account --yes
    """
    try:
        muted = muting.take_account(parts_of(current_app))
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}. Look at `flask safety status`.") from None
    click.echo("Taken." + (" It has seen a newer database, so this one is muted now." if muted else ""))


@group.command("status")
def status() -> None:
    """Tell whether it is muted, and how its count of starts stands beside Stripe's.

    Example: flask safety status
    """
    try:
        standing = muting.look(parts_of(current_app))
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}.") from None
    if standing.other_account:
        raise click.ClickException(f"{StripeOtherAccount.words}.")
    click.echo(f"Epoch {standing.epoch} here, {standing.epoch_at_stripe} at Stripe.")
    if standing.muted_at is None:
        click.echo("Not muted.")
        return
    click.echo(f"Muted since {standing.muted_at:%Y-%m-%d %H:%M} UTC.")
    click.echo("A full comparison is done." if standing.swept_at else "Run `flask stripe reconcile --full`.")
