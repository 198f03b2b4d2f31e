"""A Checkout session completes or expires the pledge it was opened for."""

from sqlalchemy.orm import Session

from app.giving.models import Pledge
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.projection.context import Context
from app.stripe_gateway.snapshots import CheckoutSnapshot


def project_checkout(session: Session, checkout: CheckoutSnapshot, context: Context) -> list[Wanted]:
    """Apply a session, and ask for what it brought about once it is complete.

    A session other than the pledge's present one can complete it, if it was paid after all, but
    not expire it.
    """
    pledge = session.get(Pledge, checkout.pledge_id) if checkout.pledge_id else None
    if pledge and checkout.status == "complete":
        pledge.completed_at = pledge.completed_at or context.now
        pledge.stripe_checkout_session_id = checkout.id
    if pledge and checkout.status == "expired" and pledge.stripe_checkout_session_id == checkout.id:
        pledge.expired_at = pledge.expired_at or context.now
    return _what_came_of_it(checkout) if checkout.status == "complete" else []


def _what_came_of_it(checkout: CheckoutSnapshot) -> list[Wanted]:
    came = [(ObjectType.payment_intent, intent_id) for intent_id in checkout.payment_intent_ids]
    if checkout.customer_id:
        # No event that we follow tells of a customer made on the page of a single gift.
        came.append((ObjectType.customer, checkout.customer_id))
    if checkout.subscription_id:
        came.append((ObjectType.subscription, checkout.subscription_id))
    if checkout.invoice_id:
        came.append((ObjectType.invoice, checkout.invoice_id))
    return came
