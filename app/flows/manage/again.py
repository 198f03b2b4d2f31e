"""New links for old ones: mailed to the address on record, to no other, and at most once a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.billing.queries import find_open_invoice
from app.db import transaction
from app.flows.links import LinkKind, LinkUnknown, read_old_link
from app.flows.manage.picture import find_subscription_of_invoice
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.mailing import language_of


def mail_new_link(parts: Parts, kind: LinkKind, token: str, *, now: datetime) -> None:
    """Queue a mail with new links, if a payment is still open. Raises: LinkUnknown."""
    row_id = read_old_link(parts, kind, token)
    with transaction(parts.sessions) as session:
        if kind is LinkKind.confirm:
            _, row_id = find_subscription_of_invoice(session, row_id)
        mail = _find_mail(session, parts, row_id, now=now)
        if mail:
            enqueue(session, mail, now=now)


def _find_mail(session: Session, parts: Parts, subscription_id: UUID, *, now: datetime) -> Mail | None:
    row = session.get(Subscription, subscription_id)
    if row is None:
        raise LinkUnknown(str(subscription_id))
    invoice = find_open_invoice(session, row.stripe_subscription_id)
    member = session.get(Member, row.member_id) if row.member_id else None
    if invoice is None or member is None or row.ended_at:
        return None
    return Mail(
        kind=MailKind.payment_reminder,
        dedupe_key=f"link-again-{invoice.id}-{local_date(now, parts.newsroom.zone)}",
        member_id=member.id,
        about_id=invoice.stripe_invoice_id,
        matter={"try": invoice.attempt_count},
        language=language_of(member, parts.newsroom),
    )
