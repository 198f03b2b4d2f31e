"""What a paid payment brings about: an entry in the books, a receipt, and the mail that carries it."""

from sqlalchemy.orm import Session

from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.context import Context
from app.projection.receipt import Paid, receipt_facts
from app.projection.transaction import About, post_about
from app.receipts.issuing import issue_receipt
from app.receipts.numbers import Numbering
from app.receipts.queries import find_receipt_of


def post_to_ledger(session: Session, paid: Paid, context: Context) -> None:
    """Post the charge's balance transaction; where Stripe has none yet, `charge.updated` brings it."""
    balance = paid.snapshot.balance
    if balance is None:
        return
    about = About(
        given=paid.snapshot.amount,
        payment_id=paid.id,
        member_id=paid.member.id,
        campaign_id=paid.campaign_id,
    )
    post_about(session, balance, about, context)


def acknowledge(session: Session, paid: Paid, context: Context) -> None:
    """Issue the payment's receipt and queue its mail, once; of an old payment no mail, now or later."""
    if find_receipt_of(session, paid.id):
        return
    numbering = Numbering(kept=paid.snapshot.receipt_number, fills_holes=context.restoring)
    facts = receipt_facts(session, paid, context)
    receipt = issue_receipt(session, facts, numbering=numbering, now=context.now)
    assert paid.snapshot.paid_at is not None  # noqa: S101 (only paid ones come here)
    if not context.may_mail(paid.snapshot.paid_at):
        return
    mail = Mail(
        kind=MailKind.receipt,
        dedupe_key=f"receipt-{receipt.id}",
        member_id=paid.member.id,
        receipt_id=receipt.id,
        language=receipt.language,
    )
    enqueue(session, mail, now=context.now)
