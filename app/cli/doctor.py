"""`flask doctor`: checks what the product stands on, and says how to mend it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from app.access import parts_of
from app.db import reading
from app.flows.muting import look
from app.flows.parts import Parts
from app.flows.reconcile.events import CURSOR as EVENTS_CURSOR
from app.kernel.clock import utc_now
from app.mailer.mailer import MailNotSent
from app.migration_state import expected_revision
from app.reconciliation.cursors import find_cursor
from app.stripe_gateway.calls import API_VERSION
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable

MOST_MINUTES_UNREAD = 30
WORST_CLOCK_DIFFERENCE = timedelta(seconds=30)


@dataclass(frozen=True)
class Finding:
    """What one check found; `mend` says what to do, None where all is well."""

    what: str
    mend: str | None = None


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check settings, database, Stripe, endpoint, events, epoch, mail and clock; exit status 1 if one is ill.

    Example: flask doctor
    """
    ill = 0
    for finding in examine(parts_of(current_app)):
        click.echo(f"{'ill ' if finding.mend else 'well'}  {finding.what}")
        if finding.mend:
            click.echo(f"      {finding.mend}")
            ill += 1
    if ill:
        raise click.ClickException(f"{ill} to mend.")


def examine(parts: Parts) -> Iterator[Finding]:
    """Yield what each check finds, each independent of the others."""
    yield Finding("settings: complete, or this command would not have started")
    checks: tuple[Callable[[Parts], Finding], ...] = (
        _database,
        _stripe_and_clock,
        _webhook_endpoint,
        _events,
        _epoch,
        _mail,
    )
    for check in checks:
        yield check(parts)


def _database(parts: Parts) -> Finding:
    try:
        with reading(parts.sessions) as session:
            found = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.SQLAlchemyError as away:
        mend = "Check DATABASE_URL and that the server runs; on a new database run `flask db upgrade`."
        return Finding(f"database: {type(away).__name__}", mend)
    if found != expected_revision():
        return Finding(f"database: at migration {found}", "Run `flask db upgrade`.")
    return Finding(f"database: answers, at migration {found}")


def _stripe_and_clock(parts: Parts) -> Finding:
    try:
        theirs = parts.gateway.fetch_clock()
    except StripeRefused as refused:
        return Finding(f"Stripe: refused ({refused})", "Check STRIPE_SECRET_KEY, in Stripe's dashboard.")
    except StripeUnavailable as away:
        return Finding(f"Stripe: no answer ({away})", "Check the network, and STRIPE_API_BASE if it is set.")
    difference = abs(utc_now() - theirs)
    if difference > WORST_CLOCK_DIFFERENCE:
        seconds = round(difference.total_seconds())
        mend = "Set this machine's clock (NTP): webhooks are refused when clocks differ by 300 s."
        return Finding(f"clock: {seconds} s from Stripe's", mend)
    mode = "live" if parts.livemode else "test"
    return Finding(f"Stripe: answers in {mode} mode, clocks agree")


def _webhook_endpoint(parts: Parts) -> Finding:
    url = f"{parts.public_base_url}/webhooks/stripe"
    try:
        endpoint = parts.gateway.find_webhook_endpoint(url)
    except (StripeRefused, StripeUnavailable) as failure:
        return Finding(f"webhook endpoint: cannot be looked up ({failure})", "Mend Stripe's access first.")
    if endpoint is None:
        return Finding(f"webhook endpoint: none for {url}", "Run `flask stripe webhook-create`.")
    if not endpoint.enabled:
        return Finding("webhook endpoint: disabled", "Enable it in Stripe's dashboard, then `flask doctor`.")
    if endpoint.api_version != API_VERSION:
        mend = (
            f"Delete it in Stripe's dashboard and run `flask stripe webhook-create`: we read {API_VERSION}."
        )
        return Finding(f"webhook endpoint: sends version {endpoint.api_version}", mend)
    return Finding("webhook endpoint: enabled, at our API version")


def _events(parts: Parts) -> Finding:
    try:
        with reading(parts.sessions) as session:
            cursor = find_cursor(session, EVENTS_CURSOR)
    except sa.exc.SQLAlchemyError as away:
        return Finding(f"Stripe's events: not known ({type(away).__name__})", "Mend the database first.")
    if cursor is None:
        return Finding("Stripe's events: not read yet; a worker does it every five minutes")
    minutes = int((utc_now() - cursor.read_at).total_seconds()) // 60
    if minutes > MOST_MINUTES_UNREAD:
        mend = "Start `flask worker`, or run `flask stripe reconcile`."
        return Finding(f"Stripe's events: read {minutes} minutes ago", mend)
    return Finding("Stripe's events: read of late")


def _epoch(parts: Parts) -> Finding:
    try:
        standing = look(parts)
    except (StripeRefused, StripeUnavailable) as failure:
        mend = "Give the key the right to read and write products: without it no restore is noticed."
        return Finding(f"epoch: cannot be looked up ({failure})", mend)
    except sa.exc.SQLAlchemyError as away:
        return Finding(f"epoch: not known ({type(away).__name__})", "Mend the database first.")
    if standing.other_account:
        mend = (
            "Check STRIPE_SECRET_KEY. Until then nothing is written, synced or mailed. Was the product "
            "small_favor_deployment deleted at Stripe? Then run `flask safety take-account`."
        )
        return Finding(
            "account: another one, or another mode of it, than this database was filled from", mend
        )
    here = f"epoch: {standing.epoch} here, {standing.epoch_at_stripe} at Stripe"
    if standing.muted_at:
        return Finding(f"{here}, muted", "Run `flask stripe reconcile --full`, then `flask safety unmute`.")
    if standing.epoch < standing.epoch_at_stripe:
        return Finding(here, "The database was restored: see docs/how-to/back-up-and-restore.md.")
    return Finding(here)


def _mail(parts: Parts) -> Finding:
    try:
        parts.mailer.check()
    except MailNotSent as failure:
        return Finding(f"mail server: {failure}", "Check SMTP_URL: host, port, user, password.")
    return Finding("mail server: answers")
