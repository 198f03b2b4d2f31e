"""`flask safety mute|unmute|status`: whether this database may speak, to Stripe and to members."""

import click
from flask import current_app

from app.access import parts_of
from app.cli.vault import group
from app.flows import muting
from app.reconciliation.deployment import NotSwept
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable

__all__ = ["group"]


@group.command("mute")
def mute() -> None:
    """Write nothing to Stripe and send no mail, until it is unmuted.

    A worker does it by itself where it finds that the database was restored from a backup. Do it by hand
    before the first start after a restore: the youngest backups cannot be told from the present.

    Example: flask safety mute
    """
    click.echo("Muted." if muting.mute(parts_of(current_app)) else "It was muted already.")
    click.echo("Next: flask stripe reconcile --full, then flask safety unmute.")


@group.command("unmute")
def unmute() -> None:
    """Write to Stripe and send mail again. Mails queued before it was muted are dropped.

    Refused until a full comparison has mended everything.

    Example: flask safety unmute
    """
    try:
        dropped = muting.unmute(parts_of(current_app))
    except NotSwept:
        raise click.ClickException("Run `flask stripe reconcile --full` first.") from None
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}. Look at `flask safety status`.") from None
    click.echo(f"Unmuted. {dropped} mails queued before were dropped: they may have gone out already.")


@group.command("status")
def status() -> None:
    """Tell whether it is muted, and how its count of starts stands beside Stripe's.

    Example: flask safety status
    """
    try:
        standing = muting.look(parts_of(current_app))
    except (StripeRefused, StripeUnavailable) as failure:
        raise click.ClickException(f"Stripe: {failure}.") from None
    click.echo(f"Epoch {standing.epoch} here, {standing.epoch_at_stripe} at Stripe.")
    if standing.muted_at is None:
        click.echo("Not muted.")
        return
    click.echo(f"Muted since {standing.muted_at:%Y-%m-%d %H:%M} UTC.")
    click.echo("A full comparison is done." if standing.swept_at else "Run `flask stripe reconcile --full`.")
