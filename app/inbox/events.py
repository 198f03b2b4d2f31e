"""Which object an event is about."""

from typing import Any

from app.inbox.models import ObjectType

_BY_PREFIX = {
    "checkout.session.": ObjectType.checkout_session,
    "customer.subscription.": ObjectType.subscription,
    "invoice.": ObjectType.invoice,
    "payment_intent.": ObjectType.payment_intent,
    "refund.": ObjectType.refund,
    "charge.refund.": ObjectType.refund,
    "charge.dispute.": ObjectType.dispute,
    "payout.": ObjectType.payout,
}
_CUSTOMER_EVENTS = frozenset({"customer.created", "customer.updated", "customer.deleted"})
_BY_ID_PREFIX = {
    "cs_": ObjectType.checkout_session,
    "cus_": ObjectType.customer,
    "sub_": ObjectType.subscription,
    "in_": ObjectType.invoice,
    "pi_": ObjectType.payment_intent,
    "re_": ObjectType.refund,
    "pyr_": ObjectType.refund,
    "dp_": ObjectType.dispute,
    "du_": ObjectType.dispute,
    "po_": ObjectType.payout,
}
_LONGEST_ID = 255

Wanted = tuple[ObjectType, str]


def wanted_by(event_type: str, payload: dict[str, Any]) -> Wanted | None:
    """Return the object an event says has changed, or None where we follow nothing of it."""
    if event_type in _CUSTOMER_EVENTS:
        return _named(ObjectType.customer, payload.get("id"))
    for prefix, object_type in _BY_PREFIX.items():
        if event_type.startswith(prefix):
            return _named(object_type, payload.get("id"))
    if event_type.startswith("charge.") and payload.get("object") == "charge":
        return _named(ObjectType.payment_intent, payload.get("payment_intent"))
    if event_type.startswith("invoice_payment."):
        return _named(ObjectType.invoice, payload.get("invoice"))
    return None


def find_object_type(object_id: str) -> ObjectType | None:
    """Return which of the objects we follow an id belongs to."""
    prefix, mark, _ = object_id.partition("_")
    return _BY_ID_PREFIX.get(prefix + mark)


def _named(object_type: ObjectType, object_id: object) -> Wanted | None:
    if not isinstance(object_id, str) or not 0 < len(object_id) <= _LONGEST_ID:
        return None
    return (object_type, object_id) if object_id.isascii() and object_id.isprintable() else None
