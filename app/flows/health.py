"""How the product fares: what waits, what failed, and how the last comparison with Stripe came out."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.flows.parts import Parts
from app.flows.reconcile.events import CURSOR
from app.flows.watch import OTHER_ACCOUNT
from app.inbox.failing import count_dead, count_waiting, find_oldest_waiting, list_dead
from app.inbox.models import WantedObject
from app.outbox.state import MailState, mail_state
from app.reconciliation.balances import list_balances
from app.reconciliation.cursors import find_cursor
from app.reconciliation.deployment import find_deployment
from app.reconciliation.models import BalanceCheck, Deployment, Drift, UnpostedTransaction
from app.reconciliation.queries import LastSweep, list_drifts, list_last_sweeps
from app.reconciliation.unposted import UnpostedState, list_unposted, unposted_state
from app.stripe_gateway.errors import StripeRefused, StripeUnavailable
from app.stripe_gateway.snapshots import EndpointSnapshot

SHOWN = 50
DROPPED_WITHIN = timedelta(days=30)
ASKED_EVERY_SECONDS = 60
NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Health:
    """Everything that is read of our own rows."""

    deployment: Deployment | None
    sweeps: list[LastSweep]
    drifts: list[Drift]
    balances: list[BalanceCheck]
    unposted: UnpostedState
    unposted_transactions: list[UnpostedTransaction]
    events_read_at: datetime | None
    other_account: bool
    """Whether any process found that the key opens another account than this database was filled from."""
    waiting: int
    oldest: WantedObject | None
    dead: int
    dead_letters: list[WantedObject]
    mails: MailState


def look_at_health(session: Session, *, now: datetime) -> Health:
    """Return how the product fares, by our rows alone."""
    cursor = find_cursor(session, CURSOR)
    return Health(
        deployment=find_deployment(session),
        sweeps=list_last_sweeps(session),
        drifts=list_drifts(session, limit=SHOWN),
        balances=list_balances(session),
        unposted=unposted_state(session),
        unposted_transactions=list_unposted(session, limit=SHOWN),
        events_read_at=cursor.read_at if cursor else None,
        other_account=find_cursor(session, OTHER_ACCOUNT) is not None,
        waiting=count_waiting(session),
        oldest=find_oldest_waiting(session),
        dead=count_dead(session),
        dead_letters=list_dead(session, limit=SHOWN),
        mails=mail_state(session, dropped_since=now - DROPPED_WITHIN),
    )


@dataclass
class EndpointWatch:
    """Asks Stripe for our webhook endpoint and account at most once a minute, and remembers the answers."""

    state: str = NOT_KNOWN
    other_account: bool = False
    """Whether the account is another one than this database was filled from."""
    _asked_at_seconds: int | None = field(default=None, repr=False)

    def look(self, parts: Parts) -> str:
        """Return the endpoint's state in words."""
        now = int(time.monotonic())
        if self._asked_at_seconds is None or now - self._asked_at_seconds >= ASKED_EVERY_SECONDS:
            self._asked_at_seconds = now
            self.state = _ask(parts)
            if self.state != NOT_KNOWN:
                self.other_account = _has_other_account(parts)
        return self.state


def _ask(parts: Parts) -> str:
    try:
        found = parts.gateway.find_webhook_endpoint(f"{parts.public_base_url}/webhooks/stripe")
    except (StripeUnavailable, StripeRefused):
        return NOT_KNOWN
    return _in_words(found)


def _has_other_account(parts: Parts) -> bool:
    try:
        parts.watch.look()
    except (StripeUnavailable, StripeRefused):
        return parts.watch.has_other_account
    return False


def _in_words(endpoint: EndpointSnapshot | None) -> str:
    if endpoint is None:
        return "missing"
    return "enabled" if endpoint.enabled else "disabled"
