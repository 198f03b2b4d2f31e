"""Which of our copies may be of objects that Stripe no longer has."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Invoice
from app.billing.statuses import InvoiceStatus


def mark_listed(session: Session, customer_ids: Iterable[str], *, now: datetime) -> None:
    """Remember that these customers are in Stripe's list now."""
    listed = Customer.stripe_customer_id.in_(list(customer_ids))
    session.execute(sa.update(Customer).where(listed).values(listed_at=now))


def list_unlisted_customers(session: Session, *, before: datetime, after: str, limit: int) -> list[str]:
    """Return customers held to be there that were in no list since `before`, in the order of their ids."""
    unlisted = sa.or_(Customer.listed_at.is_(None), Customer.listed_at < before)
    held = sa.select(Customer.stripe_customer_id).where(
        Customer.deleted_at.is_(None), unlisted, Customer.stripe_customer_id > after
    )
    return list(session.scalars(held.order_by(Customer.stripe_customer_id).limit(limit)))


def list_drafts(session: Session) -> list[str]:
    """Return the invoices that were drafts when last seen."""
    drafts = sa.select(Invoice.stripe_invoice_id).where(Invoice.status == InvoiceStatus.draft)
    return list(session.scalars(drafts.order_by(Invoice.stripe_invoice_id)))


def mark_gone(session: Session, stripe_id: str, *, now: datetime) -> None:
    """Record that Stripe knows an object no more: only customers and drafts can be deleted there."""
    customer = Customer.stripe_customer_id == stripe_id
    session.execute(sa.update(Customer).where(customer, Customer.deleted_at.is_(None)).values(deleted_at=now))
    draft = sa.and_(Invoice.stripe_invoice_id == stripe_id, Invoice.status == InvoiceStatus.draft)
    session.execute(sa.update(Invoice).where(draft).values(status=InvoiceStatus.deleted))


def is_gone(session: Session, stripe_id: str) -> bool:
    """Whether Stripe knows a customer or an invoice no more."""
    customer = sa.select(Customer.id).where(
        Customer.stripe_customer_id == stripe_id, Customer.deleted_at.is_not(None)
    )
    invoice = sa.select(Invoice.id).where(
        Invoice.stripe_invoice_id == stripe_id, Invoice.status == InvoiceStatus.deleted
    )
    return session.scalar(sa.union_all(customer, invoice).limit(1)) is not None
