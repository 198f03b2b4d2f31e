"""Whether this database may act, as one process knows it: a state that every way into the product obeys.

A web process, a worker and a command each have a watch. It looks at Stripe's count before the first write of
the process, and again after a while; a database whose own count is lower was restored, and mutes itself. One
whose account at Stripe is another than before is not touched, but for a note of that.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from app.db import Sessions, reading, transaction
from app.kernel.clock import utc_now
from app.reconciliation import deployment
from app.reconciliation.cursors import drop_cursor, find_cursor, set_cursor
from app.reconciliation.models import Deployment
from app.stripe_gateway.errors import (
    StripeMuted,
    StripeOtherAccount,
    StripeRefused,
    StripeUnavailable,
)
from app.stripe_gateway.gateway import StripeGateway
from app.stripe_gateway.keepsakes import Kept
from app.stripe_gateway.lists import EventMark

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 600
OTHER_ACCOUNT_SECONDS = 30
"""How often one that has another account looks whether that is mended."""
A_SECOND = timedelta(seconds=1)
"""Stripe counts in whole ones: what happened in the same one is old, too."""
MUTED_AT_STRIPE = "muted"
"""The cursor that holds Stripe's newest event when the database was muted."""
OTHER_ACCOUNT = "other_account"
"""The cursor that is there while the key opens another account, for those who watch without asking Stripe."""
READS = frozenset({"get", "head"})


class EpochWatch:
    """Looks at Stripe's count now and then, and at our row each time.

    The highest count it ever saw is kept, too: a database that goes back under a running process is noticed
    without asking Stripe. What is compared with is always read before our own row, which only grows.
    """

    def __init__(
        self, sessions: Sessions, gateway: StripeGateway, *, clock_seconds: Callable[[], int] | None = None
    ) -> None:
        self._sessions, self._gateway = sessions, gateway
        self._clock_seconds = clock_seconds or _monotonic_seconds
        self._lock = threading.Lock()
        self._seen = 0
        self._look_at_seconds: int | None = None
        self.has_other_account = False

    def gate(self, method: str) -> None:
        """Let no write through to Stripe that this database may not make. Raises: as `check`."""
        if method.lower() not in READS:
            self.check()

    def check(self, *, anew: bool = False) -> None:
        """Make sure that this database is the present one and may act, asking Stripe where that is due.

        Args: anew: ask it in any case, as before everything is compared.
        Raises: StripeMuted; StripeOtherAccount; StripeUnavailable: Stripe did not say.
        """
        if self._is_silent():
            raise StripeMuted
        if anew or self._look_at_seconds is None or self._clock_seconds() >= self._look_at_seconds:
            self._look_if_allowed()
        if self.has_other_account:
            raise StripeOtherAccount
        if self._is_silent():
            raise StripeMuted

    def is_muted(self) -> bool:
        """Whether nothing may be sent, as far as is known without asking Stripe."""
        return self.has_other_account or self._is_silent()

    def look(self) -> Kept | None:
        """Fetch what Stripe keeps of us and remember it.

        Raises: StripeOtherAccount; StripeUnavailable, StripeRefused: nothing is known.
        """
        kept = self._gateway.keepsakes.fetch()
        with reading(self._sessions) as session:
            ours, noted = deployment.find_deployment(session), find_cursor(session, OTHER_ACCOUNT)
        other = deployment.is_another(ours, kept.since if kept else None)
        self._remember(kept, other=other)
        if other != bool(noted):
            self._note(other=other)
        if other:
            log.error("deployment.other_account")
            raise StripeOtherAccount
        if kept and ours and ours.kept_since is None:
            with transaction(self._sessions) as session:
                deployment.recognize(session, kept.since)
        return kept

    def mute(self) -> bool:
        """Mute the database; returns whether it was not muted before.

        What happened at Stripe until now is mailed to nobody when it is found.
        """
        newest, now = self._newest_event(), utc_now()
        with transaction(self._sessions) as session:
            if not deployment.mute(session, now=now):
                return False
            set_cursor(
                session,
                MUTED_AT_STRIPE,
                stripe_id=newest.id if newest else None,
                occurred_at=newest.occurred_at + A_SECOND if newest else now,
                now=now,
            )
        log.warning("deployment.muted")
        return True

    def _is_silent(self) -> bool:
        """Tell whether our row is muted; mute it where it is older than what was seen."""
        with self._lock:
            seen = self._seen
        with reading(self._sessions) as session:
            ours = deployment.find_deployment(session)
        if ours and ours.muted_at:
            self._begin_anew()
            return True
        if _epoch_of(ours) < seen:
            log.error("deployment.behind", epoch=_epoch_of(ours), epoch_seen=seen)
            self.mute()
            return True
        with self._lock:
            self._seen = max(self._seen, _epoch_of(ours))
        return False

    def _begin_anew(self) -> None:
        """Forget what was seen: once somebody unmutes the database, its count is the one that holds."""
        with self._lock:
            self._seen, self._look_at_seconds = 0, None

    def _look_if_allowed(self) -> None:
        """Look; without a right to products nothing can be found out, and `flask doctor` tells of it."""
        try:
            self.look()
        except StripeOtherAccount:
            return
        except StripeRefused as refused:
            self._look_at_seconds = self._clock_seconds() + LOOK_AGAIN_SECONDS
            log.warning("deployment.look_refused", code=refused.code)

    def _remember(self, kept: Kept | None, *, other: bool) -> None:
        with self._lock:
            self.has_other_account = other
            self._look_at_seconds = self._clock_seconds() + (
                OTHER_ACCOUNT_SECONDS if other else LOOK_AGAIN_SECONDS
            )
            if kept and not other:
                self._seen = max(self._seen, kept.epoch)

    def _note(self, *, other: bool) -> None:
        """Write down for other processes whether the account is another one."""
        with transaction(self._sessions) as session:
            if other:
                set_cursor(session, OTHER_ACCOUNT, stripe_id=None, occurred_at=None, now=utc_now())
            else:
                drop_cursor(session, OTHER_ACCOUNT)

    def _newest_event(self) -> EventMark | None:
        try:
            return self._gateway.lists.newest_event()
        except (StripeUnavailable, StripeRefused):
            return None


def _epoch_of(ours: Deployment | None) -> int:
    return ours.epoch if ours else 0


def _monotonic_seconds() -> int:
    return int(time.monotonic())
