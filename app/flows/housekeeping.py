"""Forgets what need not be kept."""

import structlog

from app.db import transaction
from app.flows.parts import Parts
from app.kernel.clock import utc_now

log = structlog.get_logger()


def keep_house(parts: Parts) -> int:
    """Forget the addresses of pledges never paid; returns how many."""
    with transaction(parts.sessions) as session:
        forgotten = parts.vault.forget_stale_contacts(session, now=utc_now())
    if forgotten:
        log.info("house.contacts_forgotten", count=forgotten)
    return forgotten
