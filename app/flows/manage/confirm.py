"""3-D Secure of a renewal: to the page at Stripe on which the bank asks its customer."""

from dataclasses import dataclass
from datetime import datetime

from app.db import reading
from app.flows.links import LinkKind, read_link
from app.flows.manage.picture import Picture, find_subscription_of_invoice, look_at_support
from app.flows.parts import Parts
from app.flows.sync import sync_at_once
from app.inbox.models import ObjectType


@dataclass(frozen=True, kw_only=True)
class ToConfirm:
    """A renewal and the support it is for; `is_open` tells of this renewal, not of a later one."""

    picture: Picture
    stripe_invoice_id: str
    is_open: bool


def look_at_confirm(parts: Parts, token: str) -> ToConfirm:
    """Return what the page shows; asks Stripe nothing. Raises: LinkUnknown, LinkExpired."""
    invoice_id = read_link(parts, LinkKind.confirm, token)
    with reading(parts.sessions) as session:
        invoice, subscription_id = find_subscription_of_invoice(session, invoice_id)
        picture = look_at_support(session, parts, subscription_id)
        is_open = picture.invoice is not None and picture.invoice.row_id == invoice.id
        return ToConfirm(picture=picture, stripe_invoice_id=invoice.stripe_invoice_id, is_open=is_open)


def find_confirmation(parts: Parts, token: str, *, now: datetime) -> str | None:
    """Return the address at Stripe at which the payment is confirmed.

    Returns: None where Stripe says that it is no longer open; then our rows follow at once.
    Raises: LinkUnknown, LinkExpired, StripeUnavailable, StripeRefused.
    """
    wanted = look_at_confirm(parts, token)
    address = parts.gateway.cards.find_payment_page(wanted.stripe_invoice_id)
    if address is None:
        sync_at_once(parts, (ObjectType.invoice, wanted.stripe_invoice_id), now=now)
    return address
