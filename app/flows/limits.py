"""How often one network may ask for something in an hour; what is counted names nobody."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.db import transaction
from app.flows.parts import Parts
from app.kernel.errors import SmallFavorError
from app.signing_in.counting import count, hour_of
from app.signing_in.models import CountedBy

MOST_FROM_A_NETWORK_AN_HOUR = 60
MOST_TOLD_BY_A_NETWORK_AN_HOUR = 600
"""A school, or half a town, may share one address; of them no more see the appeal in an hour."""


class TooOftenAsked(SmallFavorError):
    """A network has asked more often this hour than people do."""


def count_network(parts: Parts, network: str, *, purpose: str, now: datetime) -> None:
    """Count a request for mail, under a hash that is another one each hour and for each purpose.

    Raises: TooOftenAsked.
    """
    digest = parts.vault.digest(f"{purpose} {CountedBy.network} {hour_of(now)} {network}")
    with transaction(parts.sessions) as session:
        asked = count(session, CountedBy.network, digest, now=now)
    if asked > MOST_FROM_A_NETWORK_AN_HOUR:
        raise TooOftenAsked


def count_teller(session: Session, parts: Parts, network: str, *, now: datetime) -> None:
    """Count a network that tells of the appeal, likewise. Raises: TooOftenAsked."""
    digest = parts.vault.digest(f"{CountedBy.appeal} {hour_of(now)} {network}")
    if count(session, CountedBy.appeal, digest, now=now) > MOST_TOLD_BY_A_NETWORK_AN_HOUR:
        raise TooOftenAsked
