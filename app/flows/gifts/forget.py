"""What is left of gifts when somebody is forgotten."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.parts import Parts
from app.gifts.keeping import forget_what_was_written


def forget_gifts(session: Session, parts: Parts, member_id: UUID) -> None:
    """Forget what a giver wrote and to whom; a code somebody holds stays good, and a claimed gift runs on."""
    for gift_id in forget_what_was_written(session, member_id):
        parts.vault.forget_contact(session, gift_id)
