"""What a worker does by the clock: reads events, sweeps, counts up, keeps numbers; a bit at a time."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import structlog

from app.db import transaction
from app.flows.duties import bounded, turn_of
from app.flows.gifts.send import look_after_gifts
from app.flows.keep_numbers import keep_some
from app.flows.muting import check_epoch_if_due, is_muted
from app.flows.notices import give_notice_daily
from app.flows.parts import Parts
from app.flows.reconcile import sweep
from app.flows.reconcile.balance import compare_balances
from app.flows.reconcile.events import follow_events
from app.flows.reconcile.run import Run
from app.flows.reconcile.unposted import post_unbrought
from app.flows.remind import remind
from app.flows.unfinished import mail_unfinished
from app.kernel.clock import utc_now
from app.reconciliation.cursors import set_turn_due
from app.reconciliation.models import SweepKind
from app.reconciliation.sweeps import SweepTaken, record_error

log = structlog.get_logger()

LOOK_SECONDS = 10
"""How often a worker looks whether something is due."""
EVENTS_EVERY = timedelta(minutes=5)
NUMBERS_EVERY = timedelta(seconds=10)
NUMBERS_AT_ONCE = 40
UNFINISHED_EVERY = timedelta(minutes=1)
REMINDERS_EVERY = timedelta(minutes=10)
UNPOSTED_EVERY = timedelta(minutes=1)
UNPOSTED_AT_ONCE = 20
BALANCES = "balances"
BALANCES_EVERY = timedelta(days=1)
SWEEPS = {SweepKind.full: timedelta(days=7), SweepKind.recent: timedelta(days=1)}
RECENT_DAYS = 30


class RegularWork:
    """The regular work of one worker: of a sweep it reads one page each turn, so that sync never waits."""

    def __init__(self, parts: Parts, *, look_seconds: int = LOOK_SECONDS) -> None:
        self._parts, self._look_seconds = parts, look_seconds
        self._run: Run | None = None
        self._look_at_seconds = time.monotonic()

    def turn(self) -> bool:
        """Do one bounded piece of what is due; False where nothing is.

        A duty that fails is recorded and soon tried again; those that follow it have their turn all the same.
        """
        if self._run:
            run, self._run = self._run, None
            return bounded("sweep", partial(self._go_on, run), failed=partial(self._record, run))
        if time.monotonic() < self._look_at_seconds:
            return False
        self._look_at_seconds = time.monotonic() + self._look_seconds
        return self._begin_what_is_due()

    def _begin_what_is_due(self) -> bool:
        bounded("epoch", self._check_epoch)
        if is_muted(self._parts):
            return False
        duties: dict[str, Callable[[], bool]] = {
            "notices": self._give_notice,
            "unfinished": self._mail_unfinished,
            "reminders": self._remind,
            "gifts": self._look_after_gifts,
            "numbers": self._keep_numbers,
            "events": self._follow_events,
            "unposted": self._post_unbrought,
            BALANCES: self._compare_balances,
            **{f"{kind.value} sweep": partial(self._find_sweep, kind) for kind in SWEEPS},
        }
        return any(bounded(name, do) for name, do in duties.items())

    def _check_epoch(self) -> bool:
        check_epoch_if_due(self._parts)
        return False

    def _give_notice(self) -> bool:
        return give_notice_daily(self._parts, now=utc_now()) > 0

    def _mail_unfinished(self) -> bool:
        with self._turn("unfinished", UNFINISHED_EVERY) as due:
            return due and mail_unfinished(self._parts, now=utc_now()) > 0

    def _remind(self) -> bool:
        with self._turn("reminders", REMINDERS_EVERY) as due:
            return due and remind(self._parts, now=utc_now()) > 0

    def _look_after_gifts(self) -> bool:
        return look_after_gifts(self._parts, now=utc_now()) > 0

    def _keep_numbers(self) -> bool:
        with self._turn("numbers", NUMBERS_EVERY) as due:
            return due and keep_some(self._parts, limit=NUMBERS_AT_ONCE) > 0

    def _follow_events(self) -> bool:
        with self._turn("follow", EVENTS_EVERY) as due:
            if due and follow_events(self._parts).beyond:
                log.error("reconcile.events_lost")
                self._make_due(SweepKind.full.value, SWEEPS[SweepKind.full])
        return False

    def _post_unbrought(self) -> bool:
        with self._turn("unposted", UNPOSTED_EVERY) as due:
            posted = post_unbrought(self._parts, limit=UNPOSTED_AT_ONCE) if due else 0
        if posted:
            self._make_due(BALANCES, BALANCES_EVERY)
        return posted > 0

    def _compare_balances(self) -> bool:
        """Compare once a day, and whenever a sweep has come to its end."""
        with self._turn(BALANCES, BALANCES_EVERY) as due:
            for balance in compare_balances(self._parts) if due else ():
                if balance.difference_minor:
                    log.error("reconcile.balance", currency=balance.currency, minor=balance.difference_minor)
        return False

    def _find_sweep(self, kind: SweepKind) -> bool:
        """Find a sweep of a kind to go on with: one that was broken off, or one whose time has come."""
        if sweep.is_under_way(self._parts, kind):
            self._run = sweep.resume(self._parts, kind)
        else:
            with self._turn(kind.value, SWEEPS[kind]) as due:
                self._run = self._begin(kind) if due else None
        return self._run is not None

    def _turn(self, name: str, every: timedelta) -> AbstractContextManager[bool]:
        return turn_of(self._parts, name, every=every, now=utc_now(), waits_first=True)

    def _make_due(self, name: str, every: timedelta) -> None:
        with transaction(self._parts.sessions) as session:
            set_turn_due(session, name, every=every, at=utc_now())

    def _begin(self, kind: SweepKind) -> Run:
        self._parts.watch.check(anew=True)
        return sweep.begin(self._parts, kind, since_days=RECENT_DAYS if kind is SweepKind.recent else None)

    def _go_on(self, run: Run) -> bool:
        """Go on with the sweep under way; one that fails is left at its place for whoever goes on."""
        try:
            self._run = self._one_page(run)
        except SweepTaken:
            log.info("reconcile.taken_over", sweep_id=str(run.sweep_id))
        return True

    def _one_page(self, run: Run) -> Run | None:
        if not sweep.is_over(run):
            return sweep.go_on(self._parts, run)
        sweep.finish(self._parts, run)
        self._make_due(BALANCES, BALANCES_EVERY)
        return None

    def _record(self, run: Run, error: str) -> None:
        with transaction(self._parts.sessions) as session:
            record_error(session, run.sweep_id, error)
