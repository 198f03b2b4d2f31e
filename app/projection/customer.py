"""A Stripe customer: whether it is still there, and the address it has now."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Customer
from app.billing.rows import find_customer, list_running_ids
from app.db import save_row
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.members.members import find_by_person
from app.members.models import Member
from app.projection.context import Context
from app.stripe_gateway.snapshots import CustomerSnapshot


def project_customer(session: Session, customer: CustomerSnapshot, context: Context) -> list[Wanted]:
    """Apply a customer; whose it is, the first payment says.

    Its running subscriptions are asked for: another card may be charged now, and with a deleted
    customer they are over.
    """
    known = find_customer(session, customer.id)
    gone_since = (known.deleted_at if known else None) or context.now
    values = {
        "stripe_customer_id": customer.id,
        "deleted_at": gone_since if customer.deleted else None,
        **(_address(session, known, customer.address, context) if customer.address else {}),
    }
    save_row(session, Customer, "stripe_customer_id", values)
    return [(ObjectType.subscription, one) for one in list_running_ids(session, customer.id)]


def _address(
    session: Session, known: Customer | None, address: str, context: Context
) -> dict[str, UUID | str | None]:
    """Follow the address; returns what the row is to remember of it."""
    digests = context.vault.address_digests(address)
    is_new = known is not None and known.address_digest not in (None, *digests)
    was_contested = known is not None and known.address_of_member_id is not None
    contested_by = None
    if known and known.member_id and (is_new or was_contested):
        member = session.get_one(Member, known.member_id)
        contested_by = _move(session, member, address, context)
    return {"address_digest": digests[0], "address_of_member_id": contested_by}


def _move(session: Session, member: Member, address: str, context: Context) -> UUID | None:
    """Let a member be known by the address changed at Stripe; an erased one stays unknown.

    Another of their own addresses, since two records became one, changes nothing.

    Returns: the other member whose address it is: then nothing is changed, for two people would
    become one by a slip in somebody's dashboard.
    """
    owner_id = context.vault.find_person_id(session, address)
    if member.person_id is None or owner_id == member.person_id:
        return None
    if owner_id is None:
        context.vault.change_address(session, member.person_id, address)
        return None
    other = find_by_person(session, owner_id)
    assert other is not None  # noqa: S101 (people are known to the vault as members only)
    return None if other.id == member.id else other.id
