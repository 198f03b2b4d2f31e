"""The deployment's first start: what happened at Stripe before it was told by whoever was there then."""

from datetime import datetime, timedelta

import structlog

from app.db import reading, transaction
from app.flows.parts import Parts
from app.giving.pledges import find_first_opening_at
from app.kernel.clock import utc_now
from app.reconciliation.deployment import find_news_since, set_news_since
from app.stripe_gateway.errors import StripeRefused

log = structlog.get_logger()

A_SECOND = timedelta(seconds=1)
"""Stripe counts in whole ones: what happened in the same one is old, too."""


def remember_first_start(parts: Parts) -> None:
    """Remember once, before anything is synced, since when what happens is news: now, by Stripe's clock.

    A web page may have been at work earlier than the first worker: what its readers gave is news as well.
    Raises: StripeUnavailable.
    """
    with reading(parts.sessions) as session:
        if find_news_since(session):
            return
        first_opening_at = find_first_opening_at(session)
    since = min(filter(None, (_fetch_present(parts), first_opening_at)))
    with transaction(parts.sessions) as session:
        set_news_since(session, since)
    log.info("deployment.first_start", news_since=since.isoformat())


def _fetch_present(parts: Parts) -> datetime:
    """Return the first instant that is news; by our own clock where the key may read no events."""
    try:
        newest = parts.gateway.lists.newest_event()
        return newest.occurred_at + A_SECOND if newest else parts.gateway.fetch_clock()
    except StripeRefused as refused:
        log.warning("deployment.first_start_by_our_clock", code=refused.code)
        return utc_now()
