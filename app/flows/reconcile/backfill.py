"""Builds everything from an account at Stripe that was there before us, and mails nobody about any of it."""

from dataclasses import replace
from datetime import timedelta

from app.db import reading, transaction
from app.flows.first_start import remember_first_start
from app.flows.muting import catching_up, caught_up
from app.flows.parts import Parts
from app.flows.reconcile import sweep
from app.flows.reconcile.command import Outcome, Say, outcome_of, run_through
from app.flows.reconcile.draining import drain
from app.flows.reconcile.events import CURSOR
from app.flows.reconcile.run import Run
from app.flows.reconcile.unposted import post_unbrought
from app.kernel.clock import utc_now
from app.reconciliation.cursors import find_cursor, set_cursor
from app.reconciliation.models import SweepKind
from app.reconciliation.positions import Position

A_SECOND = timedelta(seconds=1)


def backfill(parts: Parts, *, say: Say) -> Outcome:
    """Take in a whole account; broken off, the next call goes on where this one stopped.

    Raises: StripeUnavailable: Stripe stayed away. StripeOtherAccount, StripeRefused.
    """
    parts = catching_up(parts)
    remember_first_start(parts)
    _begin_events_here(parts)
    run = run_through(parts, SweepKind.backfill, begin=_begin_silently, say=say)
    say("Fetching what its page could not tell.")
    drain(parts, told=lambda done: say(f"  {done} fetched one by one"))
    post_unbrought(parts)
    swept_at = utc_now()
    outcome = outcome_of(parts, run, drain(parts))
    caught_up(parts, began_at=run.began_at, at=swept_at)
    return outcome


def _begin_silently(parts: Parts) -> Run:
    return sweep.begin(parts, SweepKind.backfill, altered=_silent_about_everything)


def _silent_about_everything(position: Position) -> Position:
    """Stripe counts in whole seconds: what happened in the present one is old, too."""
    return replace(position, silent_before=position.present + A_SECOND)


def _begin_events_here(parts: Parts) -> None:
    """Let the events be followed from the present on: what they told before is all taken in by lists."""
    with reading(parts.sessions) as session:
        if find_cursor(session, CURSOR):
            return
    newest = parts.gateway.lists.newest_event()
    if newest:
        with transaction(parts.sessions) as session:
            set_cursor(session, CURSOR, stripe_id=newest.id, occurred_at=newest.occurred_at, now=utc_now())
