"""The codes of gifts under the vault's first key, so that older keys can go."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.gifts.look import unseal
from app.flows.parts import Parts
from app.gifts.keeping import list_given
from app.members.members import find_named
from app.projection.gift import gift_code_text


def rehash_codes(session: Session, parts: Parts, person_id: UUID) -> None:
    """Hash the codes of somebody's gifts anew, where they can still be claimed."""
    giver = find_named(session, person_id)
    for gift in list_given(session, [giver.id]) if giver else ():
        code = unseal(session, parts, gift, gift.sealed_code)
        if code:
            gift.code_hash = parts.vault.digest(gift_code_text(code))
