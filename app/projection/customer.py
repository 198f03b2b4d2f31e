"""A Stripe customer, and whether it is still there."""

from sqlalchemy.orm import Session

from app.billing.models import Customer
from app.db import save_row
from app.inbox.events import Wanted
from app.projection.context import Context
from app.stripe_gateway.snapshots import CustomerSnapshot


def project_customer(session: Session, customer: CustomerSnapshot, context: Context) -> list[Wanted]:
    """Apply a customer; whose it is, the first payment says."""
    values = {
        "stripe_customer_id": customer.id,
        "deleted_at": context.now if customer.deleted else None,
    }
    save_row(session, Customer, "stripe_customer_id", values)
    return []
