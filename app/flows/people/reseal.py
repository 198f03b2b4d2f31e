"""Sealing everybody anew by the vault's first key."""

from collections.abc import Iterator

import sqlalchemy as sa

from app.db import reading, transaction
from app.flows.gifts.rehash import rehash_codes
from app.flows.parts import Parts
from app.inbox.models import ObjectType
from app.inbox.pages import forget_digests
from app.vault.models import Person


def reseal_people(parts: Parts) -> Iterator[int]:
    """Seal every person by the first vault key, one transaction each, so that older keys can go.

    What was last applied of Stripe's customers is digested with the first key, too: the next sweep does it
    anew. Yields: how many are sealed by it after each; can be ended and begun again at any time.
    """
    with reading(parts.sessions) as session:
        ids = list(session.scalars(sa.select(Person.id).order_by(Person.id)))
    for done, person_id in enumerate(ids, 1):
        with transaction(parts.sessions) as session:
            row = session.get(Person, person_id)
            if row and not parts.vault.is_current(row):
                parts.vault.reseal(session, row)
                rehash_codes(session, parts, person_id)
        yield done
    with transaction(parts.sessions) as session:
        forget_digests(session, ObjectType.customer)
