"""What staff do to the records of people: erase one, seal all anew."""

from collections.abc import Iterator

import sqlalchemy as sa

from app.db import reading, transaction
from app.flows.parts import Parts
from app.inbox.models import ObjectType
from app.inbox.pages import forget_digests
from app.kernel.errors import SmallFavorError
from app.members.models import Member
from app.vault.models import Person


class MemberUnknown(SmallFavorError):
    """No member has this code."""


def erase_member(parts: Parts, code: str) -> bool:
    """Erase who a member is; the books stay whole. Returns whether there was anyone to erase.

    Raises: MemberUnknown.
    """
    with transaction(parts.sessions) as session:
        member = session.scalar(sa.select(Member).where(Member.code == code.upper()))
        if member is None:
            raise MemberUnknown(code)
        person_id, member.person_id = member.person_id, None
        session.flush()
        if person_id:
            parts.vault.erase_person(session, person_id)
    return person_id is not None


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
        yield done
    with transaction(parts.sessions) as session:
        forget_digests(session, ObjectType.customer)
