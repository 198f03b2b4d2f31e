"""What a support gives, apart from what is charged on top of it to cover the fees."""

from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.giving.agreements import fees_within
from app.kernel.money import Money


def gift_of(session: Session, row: Subscription) -> Money:
    """Return the gift within what a subscription is charged: what the form takes to give it again."""
    charged = Money(row.amount_minor, row.currency)
    fees = fees_within(
        session, charged, stripe_subscription_id=row.stripe_subscription_id, pledge_id=row.pledge_id
    )
    return charged - fees
