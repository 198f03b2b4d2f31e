"""Letters about a renewal that failed, and about one that was paid after all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.billing.models import Invoice, Payment
from app.billing.queries import list_payments_of_invoice
from app.billing.returned import went_back
from app.billing.rows import find_invoice, find_subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus, SubscriptionStatus
from app.flows.declines import Reason, reason_in_words, reason_of
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, matter_of, support_of
from app.flows.links import LinkKind, sign_link
from app.flows.parts import Parts
from app.kernel.formatting import format_money
from app.kernel.money import Money
from app.outbox.compose import Button, Letter
from app.outbox.models import MailKind
from app.outbox.queue import MailLease, find_mails
from app.projection.dunning import told_tries, try_key

ENDED_BY_STRIPE = "payment_failed"
"""Stripe's word for an end after its last try."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A renewal that is still open."""

    support: Support
    invoice: Invoice
    reason: Reason
    has_ended: bool
    last_day: datetime | None
    """When Stripe's tries are over at the latest."""

    @property
    def amount(self) -> Money:
        """What is open."""
        return Money(self.invoice.amount_due, self.invoice.currency)


def find_failure(session: Session, parts: Parts, lease: MailLease) -> Failure | NotNeeded:
    """Return the renewal if it is still open, and no later try has a letter of its own."""
    invoice = find_invoice(session, lease.about_id or "")
    row = find_subscription(session, invoice.stripe_subscription_id or "") if invoice else None
    if invoice is None or row is None:
        return NotNeeded("the renewal is not known")
    payments = list_payments_of_invoice(session, invoice.stripe_invoice_id)
    reason_not = _why_not(session, lease, invoice, payments)
    has_ended = row.status is SubscriptionStatus.canceled
    if reason_not or (has_ended and row.cancellation_reason != ENDED_BY_STRIPE):
        return NotNeeded(reason_not or "the support has ended otherwise")
    return Failure(
        support=support_of(session, row),
        invoice=invoice,
        reason=_reason(payments),
        has_ended=has_ended,
        last_day=_last_day(parts, invoice),
    )


def _why_not(session: Session, lease: MailLease, invoice: Invoice, payments: list[Payment]) -> str | None:
    written_off = invoice.status is InvoiceStatus.uncollectible
    if invoice.status is not InvoiceStatus.open and not (
        written_off and lease.kind is MailKind.payment_last_notice
    ):
        return f"the invoice is {invoice.status} by now"
    for payment in payments:
        if payment.status in (PaymentStatus.succeeded, PaymentStatus.processing):
            return f"the payment is {payment.status} by now"
    number = int(matter_of(lease).get("try", 0))
    later = [try_key(invoice.stripe_invoice_id, one) for one in range(number + 1, invoice.attempt_count + 1)]
    return "a later try has a letter of its own" if find_mails(session, later) else None


def _reason(payments: list[Payment]) -> Reason:
    if not payments:
        return Reason.unknown
    if payments[0].status is PaymentStatus.requires_action:
        return Reason.unconfirmed
    return reason_of(payments[0].decline_code, payments[0].failure_code)


def _last_day(parts: Parts, invoice: Invoice) -> datetime | None:
    """Return the day on which Stripe's tries are over, as the newsroom's file says they are set up."""
    if invoice.next_attempt_at is None:
        return None
    asked_at = invoice.finalized_at or invoice.period_start
    planned = asked_at + timedelta(days=parts.newsroom.notices.retries_days)
    return max(planned, invoice.next_attempt_at)


def write_failure(to: Addressed, failure: Failure) -> Letter:
    """Return the letter: why, what mends it, and what happens otherwise and when."""
    subject, heading = _titles(to, failure)
    return Letter(
        subject=subject,
        heading=heading,
        opening=[to.hello(), _what_happened(to, failure), reason_in_words(failure.reason, to.language)],
        facts=_facts(to, failure),
        button=_button(to, failure),
        closing=_closing(to, failure),
        quiet=_ways(to, failure),
    )


def _titles(to: Addressed, failure: Failure) -> tuple[str, str]:
    words, named = to.words, {"newsroom": to.newsroom}
    if failure.has_ended:
        said = words.gettext("Your support for %(newsroom)s has ended") % named
        return said, words.gettext("Your support has ended")
    if failure.reason is Reason.unconfirmed:
        said = words.gettext("Please confirm your payment to %(newsroom)s") % named
        return said, words.gettext("Your bank asks you to confirm a payment")
    if failure.invoice.next_attempt_at is None:
        said = words.gettext("Your payment to %(newsroom)s failed for the last time") % named
        return said, words.gettext("We have stopped trying to collect your payment")
    if to.lease.kind is MailKind.payment_reminder:
        said = words.gettext("Your payment to %(newsroom)s failed again") % named
        return said, words.gettext("Your payment still does not go through")
    said = words.gettext("Your payment to %(newsroom)s did not go through") % named
    return said, words.gettext("Your payment did not go through")


def _what_happened(to: Addressed, failure: Failure) -> str:
    words = to.words
    named = {"gift": failure.support.gift(to), "newsroom": to.newsroom}
    if failure.has_ended:
        return (
            words.gettext(
                "You supported %(newsroom)s with %(gift)s. We could not collect the last payment, and "
                "after several tries your support has ended. Nothing was charged, and you owe nothing. "
                "Thank you for all you gave."
            )
            % named
        )
    if failure.reason is Reason.unconfirmed:
        return (
            words.gettext(
                "Thank you for supporting %(newsroom)s with %(gift)s. The next payment is due, and "
                "nothing was charged yet."
            )
            % named
        )
    return (
        words.gettext(
            "Thank you for supporting %(newsroom)s with %(gift)s. We tried to collect the next payment "
            "and could not. Nothing was charged."
        )
        % named
    )


def _facts(to: Addressed, failure: Failure) -> list[tuple[str, str]]:
    words, next_at = to.words, failure.invoice.next_attempt_at
    return facts(
        (words.gettext("Amount"), format_money(failure.amount, to.language)),
        (words.gettext("Tried with"), failure.support.card(to)),
        (words.gettext("Next try"), to.day(next_at) if next_at and not failure.has_ended else None),
    )


def _button(to: Addressed, failure: Failure) -> Button:
    if failure.has_ended:
        return failure.support.begin_again(to)
    if failure.reason is Reason.unconfirmed:
        link = sign_link(to.parts, LinkKind.confirm, failure.invoice.id)
        return Button(label=to.words.gettext("Confirm the payment"), link=link)
    return Button(label=to.words.gettext("Put it right"), link=failure.support.mend_link(to))


def _ways(to: Addressed, failure: Failure) -> list[Button]:
    if failure.has_ended:
        return []
    return failure.support.ways(to, with_card=failure.reason is Reason.unconfirmed)


def _closing(to: Addressed, failure: Failure) -> list[str]:
    words = to.words
    if failure.has_ended:
        return [words.gettext("If you would like to go on, the form behind the button is filled in for you.")]
    how = words.gettext(
        "The button needs no password and works for 30 days. Please do not pass this mail on."
    )
    return [how, _if_you_do_nothing(to, failure)]


def _if_you_do_nothing(to: Addressed, failure: Failure) -> str:
    words, next_at = to.words, failure.invoice.next_attempt_at
    if next_at is None or failure.last_day is None:
        return words.gettext(
            "If you do nothing, we will not try again, and your support stops here. You owe nothing."
        )
    named = {"next": to.day(next_at), "last": to.day(failure.last_day)}
    if named["next"] == named["last"]:
        said = words.gettext(
            "If you do nothing, we try one last time by ourselves on %(next)s. Should that fail too, your "
            "support ends. You would owe nothing."
        )
    else:
        said = words.gettext(
            "If you do nothing, we try again by ourselves on %(next)s. Should it not have worked by about "
            "%(last)s, your support ends. You would owe nothing."
        )
    return said % named


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """A renewal that had failed and is paid."""

    support: Support
    amount: Money


def find_recovery(session: Session, _parts: Parts, lease: MailLease) -> Recovery | NotNeeded:
    """Return the renewal, unless nobody was told that it had failed, or its money went back."""
    invoice = find_invoice(session, lease.about_id or "")
    row = find_subscription(session, invoice.stripe_subscription_id or "") if invoice else None
    if invoice is None or row is None:
        return NotNeeded("the renewal is not known")
    told = find_mails(session, told_tries(invoice.stripe_invoice_id, int(matter_of(lease).get("tries", 0))))
    if not any(mail.sent_at for mail in told):
        return NotNeeded("nobody was told that it had failed")
    for payment in list_payments_of_invoice(session, invoice.stripe_invoice_id):
        if went_back(session, payment.id):
            return NotNeeded("the money went back")
    return Recovery(support=support_of(session, row), amount=Money(invoice.amount_due, invoice.currency))


def write_recovery(to: Addressed, recovery: Recovery) -> Letter:
    """Return the thanks; the receipt has a letter of its own."""
    words, row = to.words, recovery.support.row
    goes_on = row.status in (SubscriptionStatus.active, SubscriptionStatus.trialing) and not row.cancel_at
    return Letter(
        subject=words.gettext("Thank you: your payment to %(newsroom)s has arrived")
        % {"newsroom": to.newsroom},
        heading=words.gettext("All is well again"),
        opening=[
            to.hello(),
            words.gettext(
                "The payment that had failed is paid. Thank you for taking the trouble: readers who stay "
                "with us are what keeps %(newsroom)s reporting."
            )
            % {"newsroom": to.newsroom},
        ],
        facts=facts(
            (words.gettext("Amount"), format_money(recovery.amount, to.language)),
            (words.gettext("Charged to"), recovery.support.card(to)),
            (
                words.gettext("Next payment"),
                to.day(row.current_period_end) if goes_on and row.current_period_end else None,
            ),
        ),
        closing=[words.gettext("The receipt comes in a mail of its own. There is nothing else to do.")],
        quiet=recovery.support.ways(to) if recovery.support.goes_on else [],
    )
