"""`flask worker`: drains sync, asks and outbox until told to stop."""

import signal
import threading
from types import FrameType

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from app.access import parts_of
from app.flows.ask import carry_out_next
from app.flows.housekeeping import keep_house
from app.flows.notices import give_notice_daily
from app.flows.parts import Parts
from app.flows.send_mail import send_next
from app.flows.sync import sync_next
from app.kernel.clock import utc_now

log = structlog.get_logger()

IDLE_SECONDS = 0.5
ROUNDS_BETWEEN_HOUSEKEEPING = 600


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
        click.echo(f"{drain(parts, threading.Event())} done.")
        return
    stop = threading.Event()
    _stop_on_signals(stop)
    log.info("worker.started")
    _work_until(parts, stop)
    log.info("worker.stopped")


def drain(parts: Parts, stop: threading.Event) -> int:
    """Do all that is due, money before mail; returns how many objects, asks and mails that were."""
    done = 0
    while not stop.is_set() and (sync_next(parts) or carry_out_next(parts) or send_next(parts)):
        done += 1
    return done


def _work_until(parts: Parts, stop: threading.Event) -> None:
    """Work and rest in turn; a database that is away is waited for, not died of."""
    rounds = 0
    while not stop.is_set():
        try:
            if rounds % ROUNDS_BETWEEN_HOUSEKEEPING == 0:
                keep_house(parts)
                give_notice_daily(parts, now=utc_now())
            drain(parts, stop)
        except Exception as fault:  # noqa: BLE001 (the worker outlives what goes wrong around it)
            log.error("worker.fault", error=type(fault).__name__)
        rounds += 1
        stop.wait(IDLE_SECONDS)


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
