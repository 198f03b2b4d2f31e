"""How asks about the people behind customers are carried out: by the address the vault has at that moment."""

from collections.abc import Callable

from app.asks.models import AskKind
from app.asks.queue import AskLease
from app.asks.rules import AskRefused
from app.billing.rows import find_member_of_customer
from app.db import reading
from app.flows.asking.carriers import Done
from app.flows.parts import Parts
from app.inbox.models import ObjectType
from app.members.models import Member
from app.stripe_gateway.marks import Mark


def move_customer(parts: Parts, lease: AskLease, mark: Mark) -> Done:
    """Write the member's present address on a customer, unless it is there."""
    customer = parts.gateway.fetch_customer(lease.object_id)
    if customer.deleted:
        raise AskRefused("customer_deleted", "This customer is deleted.")
    address = _present_address(parts, lease.object_id)
    if customer.address != address:
        parts.gateway.customers.move(lease.object_id, address, mark)
    return Done(touched=((ObjectType.customer, lease.object_id),))


def forget_customer(parts: Parts, lease: AskLease, _mark: Mark) -> Done:
    """Delete a customer, unless it is gone."""
    if not parts.gateway.fetch_customer(lease.object_id).deleted:
        parts.gateway.customers.delete(lease.object_id)
    return Done(touched=((ObjectType.customer, lease.object_id),))


CARRIERS_OF_CUSTOMERS: dict[AskKind, Callable[[Parts, AskLease, Mark], Done]] = {
    AskKind.move_customer: move_customer,
    AskKind.forget_customer: forget_customer,
}


def _present_address(parts: Parts, customer_id: str) -> str:
    with reading(parts.sessions) as session:
        member_id = find_member_of_customer(session, customer_id)
        member = session.get(Member, member_id) if member_id else None
        person = parts.vault.find_person(session, member.person_id) if member and member.person_id else None
    if person is None:
        raise AskRefused("nobody_known", "Nobody is known behind this customer.")
    return person.address
