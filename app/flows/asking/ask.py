"""From a wish to Stripe: stored first, then asked under a lease, then what came of it is recorded.

Our rows about subscriptions, invoices and payments are not touched: what Stripe then shows is projected
like everything else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog

from app.asks import queue
from app.asks.models import Ask, AskKind
from app.asks.queries import get_ask
from app.asks.queue import AskLease
from app.asks.rules import MATTERS, AskRefused, Wish
from app.db import reading, transaction
from app.flows.asking.carriers import CARRIERS, Done
from app.flows.asking.customers import CARRIERS_OF_CUSTOMERS
from app.flows.asking.refund import settle_amount
from app.flows.parts import Parts
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.stripe_gateway.errors import (
    StripeAnswerSpoiled,
    StripeMuted,
    StripeRefused,
    StripeUnavailable,
    UnsupportedShape,
)
from app.stripe_gateway.marks import Mark

log = structlog.get_logger()

EVENT_SECONDS = 20
"""How long Stripe's own report of a change is waited for: it alone dates the change to the second."""


class AskOutcome(StrEnum):
    """How an ask stands."""

    done = "done"
    refused = "refused"
    superseded = "superseded"
    """A newer ask of the same matter took its place."""
    waiting = "waiting"
    """Stripe has not answered, or another process is at it; the worker goes on with it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An ask and how it stands; `code` says why it was refused, `result_id` names the refund made."""

    ask_id: UUID
    outcome: AskOutcome
    code: str | None = None
    result_id: str | None = None


def ask_stripe(parts: Parts, wish: Wish, *, now: datetime) -> Asked:
    """Store what is wanted and have it done at once, as far as Stripe answers.

    Raises: AskRefused: it cannot be done, and nothing was stored. NonceTaken.
    """
    return carry_out(parts, place_ask(parts, wish, now=now))


def place_ask(parts: Parts, wish: Wish, *, now: datetime) -> UUID:
    """Store what is wanted, once for each nonce; the worker has it done. Returns: the ask.

    Raises: AskRefused: more is wanted back than is left, the payment is disputed, or it may be given back
        already, for all that this database knows. NonceTaken.
    """
    if wish.kind is AskKind.refund:
        _check_present(parts)
    with transaction(parts.sessions) as session:
        known = queue.find_same(session, wish)
        if known:
            return known
        if wish.kind is AskKind.refund:
            wish = settle_amount(session, wish)
        return queue.add_ask(session, wish, now=now)


def _check_present(parts: Parts) -> None:
    """Refuse to write down a refund while nobody knows what was given back since a backup.

    Every other ask can be repeated without harm; a part of a payment would be paid twice once it is unmuted.
    """
    try:
        parts.watch.check()
    except StripeMuted as muted:
        raise AskRefused("muted", f"Nothing was asked: {muted}.") from None
    except StripeUnavailable:
        raise AskRefused("unavailable", "Nothing was asked, since Stripe does not answer now.") from None


def carry_out(parts: Parts, ask_id: UUID) -> Asked:
    """Have one ask done now, due or not. Returns: how it stands then, done before or not."""
    with transaction(parts.sessions) as session:
        lease = queue.take_one(session, ask_id, now=utc_now())
    if lease:
        _carry_held(parts, lease)
    with reading(parts.sessions) as session:
        return _standing(get_ask(session, ask_id))


def carry_out_next(parts: Parts) -> bool:
    """Have the ask done that has waited longest; False where nothing is due."""
    with transaction(parts.sessions) as session:
        lease = queue.take_next(session, now=utc_now())
    if lease is None:
        return False
    _carry_held(parts, lease)
    return True


def outcome_of(ask: Ask) -> AskOutcome:
    """Return how an ask stands, as its row says."""
    if ask.done_at:
        return AskOutcome.done
    if ask.refused_at:
        return AskOutcome.refused
    return AskOutcome.superseded if ask.superseded_at else AskOutcome.waiting


def _standing(ask: Ask) -> Asked:
    return Asked(
        ask_id=ask.id, outcome=outcome_of(ask), code=ask.refused_code, result_id=ask.stripe_result_id
    )


def _carry_held(parts: Parts, lease: AskLease) -> None:
    """Look, ask and record under a lease; what Stripe leaves open is tried again later."""
    try:
        _record_done(parts, lease, _look_and_ask(parts, lease))
    except (StripeRefused, AskRefused) as refused:
        _record_refused(parts, lease, refused.code)
    except UnsupportedShape:
        _record_refused(parts, lease, "unsupported_shape")
    except StripeAnswerSpoiled as spoiled:
        _record_failure(parts, lease, f"StripeAnswerSpoiled {spoiled}", another_key=True)
    except StripeUnavailable as away:
        _record_failure(parts, lease, f"{type(away).__name__} {away}")
    except Exception as fault:  # noqa: BLE001 (one poisoned ask never stops the others)
        _record_failure(parts, lease, type(fault).__name__)


def _look_and_ask(parts: Parts, lease: AskLease) -> Done:
    """Do what is not done yet.

    A refusal is looked at twice: where an answer was lost, Stripe refuses the second request just
    because it has done the first.
    """
    mark = Mark(ask_id=lease.ask_id, attempt=lease.attempt, matter=MATTERS[lease.kind].value)
    try:
        return _carry(parts, lease, mark)
    except StripeRefused:
        return _carry(parts, lease, mark)


def _carry(parts: Parts, lease: AskLease, mark: Mark) -> Done:
    of_customers = CARRIERS_OF_CUSTOMERS.get(lease.kind)
    if of_customers:
        return of_customers(parts, lease, mark)
    return CARRIERS[lease.kind](parts.gateway, lease, mark)


def _record_done(parts: Parts, lease: AskLease, done: Done) -> None:
    """Record it, and ask for what it changed; the objects first, as a projection locks them."""
    now = utc_now()
    with transaction(parts.sessions) as session:
        for touched in sorted(done.touched):
            waits = EVENT_SECONDS if touched[0] is ObjectType.subscription else 0
            want(session, touched, now=now + timedelta(seconds=waits))
        recorded = queue.mark_done(session, lease, result_id=done.result_id, now=now)
    log.info("ask.done", ask_id=str(lease.ask_id), kind=lease.kind.value, recorded=recorded)


def _record_refused(parts: Parts, lease: AskLease, code: str) -> None:
    with transaction(parts.sessions) as session:
        queue.mark_refused(session, lease, code=code, now=utc_now())
    log.warning("ask.refused", ask_id=str(lease.ask_id), kind=lease.kind.value, code=code)


def _record_failure(parts: Parts, lease: AskLease, error: str, *, another_key: bool = False) -> None:
    record = queue.begin_next_attempt if another_key else queue.postpone
    with transaction(parts.sessions) as session:
        record(session, lease, error=error, now=utc_now())
    log.warning(
        "ask.postponed", ask_id=str(lease.ask_id), kind=lease.kind.value, error=error, tries=lease.tries
    )
