"""`flask worker`: drains sync, asks and outbox until told to stop."""

import signal
import threading
from types import FrameType

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from app.access import parts_of
from app.flows.asking.ask import carry_out_next
from app.flows.duties import bounded
from app.flows.first_start import remember_first_start
from app.flows.housekeeping import keep_house
from app.flows.muting import check_epoch, is_muted
from app.flows.parts import Parts
from app.flows.regular import RegularWork
from app.flows.send_mail import send_next
from app.flows.sync import sync_next
from app.flows.watch import OTHER_ACCOUNT_SECONDS
from app.stripe_gateway.errors import StripeOtherAccount, StripeRefused, StripeUnavailable

log = structlog.get_logger()

IDLE_SECONDS = 0.5
ROUNDS_BETWEEN_HOUSEKEEPING = 600
AT_ONCE = 50
"""So much is done before the regular work has its turn."""


@click.command("worker")
@with_appcontext
@click.option("--once", is_flag=True, help="Do all that is due now, then end.")
def work(once: bool) -> None:
    """Fetch and project what Stripe reported, finish what Stripe was asked, and send the mail that waits.

    Run as many as you like; SIGTERM lets each finish what it holds.

    Example: flask worker --once
    """
    parts = parts_of(current_app)
    if once:
        if not _check_epoch(parts):
            away = "Stripe does not answer, and whether we may work is not known"
            raise click.ClickException(
                f"{StripeOtherAccount.words if parts.watch.has_other_account else away}."
            )
        click.echo(f"{drain(parts, threading.Event())} done.")
        return
    stop = threading.Event()
    _stop_on_signals(stop)
    log.info("worker.started")
    _work_until(parts, stop)
    log.info("worker.stopped")


def drain(parts: Parts, stop: threading.Event, *, most: int | None = None) -> int:
    """Do all that is due, money before mail; returns how many objects, asks and mails that were.

    Nothing of it is done while the database is muted.
    """
    done = 0
    while not stop.is_set() and done != most and not is_muted(parts):
        if not (sync_next(parts) or carry_out_next(parts) or send_next(parts)):
            break
        done += 1
    return done


def _work_until(parts: Parts, stop: threading.Event) -> None:
    """Work and rest in turn; a database or a Stripe that is away is waited for, not died of."""
    regular, checked, rounds = RegularWork(parts), False, 0
    while not stop.is_set():
        busy = False
        try:
            checked = (checked and not parts.watch.has_other_account) or _check_epoch(parts)
            if rounds % ROUNDS_BETWEEN_HOUSEKEEPING == 0:
                bounded("house", lambda: keep_house(parts) > 0)
            if checked and not is_muted(parts):
                busy = bool(drain(parts, stop, most=AT_ONCE) + regular.turn())
        except Exception as fault:  # noqa: BLE001 (the worker outlives what goes wrong around it)
            log.error("worker.fault", error=type(fault).__name__)
        rounds += 1
        if not busy:
            stop.wait(OTHER_ACCOUNT_SECONDS if parts.watch.has_other_account else IDLE_SECONDS)


def _check_epoch(parts: Parts) -> bool:
    """Find out whether the database was restored, before anything is sent.

    Returns: False while Stripe is away, and where the account is not ours.
    """
    try:
        _count_up(parts)
        remember_first_start(parts)
    except StripeOtherAccount as other:
        log.error("worker.other_account", error=str(other))
        return False
    except StripeUnavailable as away:
        log.warning("worker.waits_for_stripe", error=str(away))
        return False
    return True


def _count_up(parts: Parts) -> None:
    """Count up; without a right to products the work goes on all the same, and `flask doctor` tells of it."""
    try:
        check_epoch(parts)
    except StripeRefused as refused:
        log.error("worker.epoch_refused", code=refused.code)


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
