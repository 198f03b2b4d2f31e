"""What a worker does by the clock: reads events, sweeps, counts up, keeps numbers; a bit at a time."""

import time
from datetime import timedelta

import structlog

from app.db import reading, transaction
from app.flows.keep_numbers import keep_some
from app.flows.muting import check_epoch_if_due
from app.flows.parts import Parts
from app.flows.reconcile import sweep
from app.flows.reconcile.balance import compare_balances, post_what_no_sync_brought
from app.flows.reconcile.events import follow_events
from app.flows.reconcile.run import Run
from app.kernel.clock import utc_now
from app.reconciliation.cursors import claim_turn
from app.reconciliation.models import SweepKind
from app.reconciliation.sweeps import SweepTaken, find_last_finished, record_error
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable

log = structlog.get_logger()

LOOK_SECONDS = 10
"""How often a worker looks whether something is due."""
EVENTS_EVERY = timedelta(minutes=5)
NUMBERS_EVERY = timedelta(seconds=10)
NUMBERS_AT_ONCE = 40
SWEEPS = {SweepKind.full: timedelta(days=7), SweepKind.recent: timedelta(days=1)}
RECENT_DAYS = 30


class RegularWork:
    """The regular work of one worker: of a sweep it reads one page each turn, so that sync never waits."""

    def __init__(self, parts: Parts, *, look_seconds: int = LOOK_SECONDS) -> None:
        self._parts, self._look_seconds = parts, look_seconds
        self._run: Run | None = None
        self._look_at_seconds = time.monotonic()

    def turn(self) -> bool:
        """Do one bounded piece of what is due; False where nothing is."""
        try:
            if self._run:
                self._run = self._go_on(self._run)
                return True
            if time.monotonic() < self._look_at_seconds:
                return False
            self._look_at_seconds = time.monotonic() + self._look_seconds
            return self._begin_what_is_due()
        except (StripeUnavailable, StripeRefused, SweepTaken) as failure:
            self._give_over(f"{type(failure).__name__} {failure}")
            return False
        except Exception as fault:
            self._give_over(type(fault).__name__)
            raise

    def _begin_what_is_due(self) -> bool:
        check_epoch_if_due(self._parts)
        if self._claim("numbers", NUMBERS_EVERY) and keep_some(self._parts, limit=NUMBERS_AT_ONCE):
            return True
        if self._claim("follow", EVENTS_EVERY) and follow_events(self._parts).beyond:
            log.error("reconcile.events_lost")
            self._run = self._begin(SweepKind.full)
            return True
        self._run = self._find_sweep()
        return self._run is not None

    def _claim(self, name: str, every: timedelta) -> bool:
        with transaction(self._parts.sessions) as session:
            return claim_turn(session, name, every=every, now=utc_now(), waits_first=True)

    def _find_sweep(self) -> Run | None:
        """Return a sweep to go on with: one that was broken off, or one whose time has come."""
        for kind, every in SWEEPS.items():
            if sweep.is_under_way(self._parts, kind):
                run = sweep.resume(self._parts, kind)
            else:
                run = self._begin(kind) if self._claim(kind.value, every) else None
            if run:
                return run
        return None

    def _begin(self, kind: SweepKind) -> Run:
        self._settle_the_last(kind)
        return sweep.begin(self._parts, kind, since_days=RECENT_DAYS if kind is SweepKind.recent else None)

    def _settle_the_last(self, kind: SweepKind) -> None:
        """Post what the last sweep asked objects to bring and they did not."""
        with reading(self._parts.sessions) as session:
            last = find_last_finished(session, kind)
        if last:
            post_what_no_sync_brought(self._parts, sweep.run_of(last))

    def _go_on(self, run: Run) -> Run | None:
        if not sweep.is_over(run):
            return sweep.go_on(self._parts, run)
        sweep.finish(self._parts, run)
        for balance in compare_balances(self._parts):
            if balance.difference_minor:
                log.error("reconcile.balance", currency=balance.currency, minor=balance.difference_minor)
        return None

    def _give_over(self, error: str) -> None:
        """Leave a sweep at its place, for whoever goes on with it."""
        run, self._run = self._run, None
        log.warning("reconcile.put_off", error=error)
        if run:
            with transaction(self._parts.sessions) as session:
                record_error(session, run.sweep_id, error)
