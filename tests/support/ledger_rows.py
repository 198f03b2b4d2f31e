"""Rows for tests of the desk and its reports, written by the leaves' own functions where they have one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from app.billing.models import Customer, Dispute, Invoice, Payment, Payout, PayoutLine, Refund, Subscription
from app.billing.statuses import (
    DisputeStatus,
    InvoiceStatus,
    PaymentStatus,
    PayoutStatus,
    RefundStatus,
    SubscriptionStatus,
)
from app.flows.parts import Parts
from app.inbox.models import InboxEvent, ObjectType
from app.kernel.clock import local_date
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import EntryKind
from app.ledger.posting import Movement, post_movement
from app.members.facts import Change, Standing
from app.members.members import find_last_change, get_or_add_member, record_change
from app.members.models import FactCause, FactKind, Member
from app.members.transitions import leads_to
from app.receipts.issuing import ReceiptFacts, issue_receipt
from app.receipts.models import Receipt
from app.vault.vault import PersonInClear

NOON = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)


@dataclass
class Rows:
    """Writes what a year of support leaves behind; Stripe's ids are counted up."""

    session: Session
    parts: Parts
    now: datetime = NOON

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def member(self, address: str, *, name: str | None = None, joined_at: datetime = NOON) -> Member:
        """Add a member who is this person, with a Stripe customer."""
        person = PersonInClear(address=address, name=name)
        person_id = self.parts.vault.get_or_add_person(self.session, person, now=joined_at)
        member = get_or_add_member(self.session, person_id, language="en", joined_at=joined_at, now=joined_at)
        self.session.add(Customer(stripe_customer_id=self._id("cus"), member_id=member.id))
        self.session.flush()
        return member

    def subscription(
        self,
        member: Member,
        amount: Money,
        *,
        interval: Interval = Interval.month,
        started_at: datetime = NOON,
        status: SubscriptionStatus = SubscriptionStatus.active,
    ) -> Subscription:
        """Add a subscription and the facts of its membership up to its status."""
        subscription = Subscription(
            stripe_subscription_id=self._id("sub"),
            stripe_customer_id=self._id("cus"),
            member_id=member.id,
            status=status,
            amount_minor=amount.minor,
            currency=amount.currency,
            interval=interval,
            started_at=started_at,
            current_period_end=self.now + timedelta(days=30),
            synced_at=self.now,
        )
        self.session.add(subscription)
        self.session.flush()
        self.fact(subscription, FactKind.started, started_at, amount=amount, interval=interval)
        if status in (SubscriptionStatus.past_due, SubscriptionStatus.unpaid):
            self.fact(subscription, FactKind.past_due, self.now, amount=amount, interval=interval)
        if status is SubscriptionStatus.unpaid:
            self.fact(subscription, FactKind.lapsed, self.now, amount=amount, interval=interval)
        return subscription

    def invoice(
        self,
        subscription: Subscription,
        period_end: datetime,
        *,
        status: InvoiceStatus = InvoiceStatus.paid,
        next_attempt_at: datetime | None = None,
    ) -> Invoice:
        """Add the invoice of a period, paid unless said otherwise; without a payment of it."""
        invoice = Invoice(
            stripe_invoice_id=self._id("in"),
            stripe_subscription_id=subscription.stripe_subscription_id,
            stripe_customer_id=subscription.stripe_customer_id,
            status=status,
            amount_due=subscription.amount_minor,
            amount_paid=subscription.amount_minor if status is InvoiceStatus.paid else 0,
            currency=subscription.currency,
            period_start=period_end - timedelta(days=30),
            period_end=period_end,
            attempt_count=1,
            next_attempt_at=next_attempt_at,
            finalized_at=period_end - timedelta(days=30),
            synced_at=self.now,
        )
        self.session.add(invoice)
        self.session.flush()
        return invoice

    def pause(self, subscription: Subscription, at: datetime, *, until: datetime | None = None) -> None:
        """Pause a subscription, as staff do, and its membership."""
        subscription.pause_behavior, subscription.paused_until = "void", until
        amount = Money(subscription.amount_minor, subscription.currency)
        cause = FactCause.staff
        self.fact(
            subscription, FactKind.paused, at, amount=amount, interval=subscription.interval, cause=cause
        )

    def end(
        self, subscription: Subscription, ended_at: datetime, *, cause: FactCause = FactCause.stripe
    ) -> None:
        """End a subscription and its membership."""
        subscription.status = SubscriptionStatus.canceled
        subscription.ended_at = ended_at
        over = Money(0, subscription.currency)
        self.fact(
            subscription, FactKind.ended, ended_at, amount=over, interval=subscription.interval, cause=cause
        )

    def fact(
        self,
        subscription: Subscription,
        kind: FactKind,
        occurred_at: datetime,
        *,
        amount: Money,
        interval: Interval,
        cause: FactCause | None = None,
    ) -> None:
        """Record a fact of a membership."""
        assert subscription.member_id
        last = find_last_change(self.session, subscription.stripe_subscription_id)
        change = Change(
            kind=kind,
            occurred_at=occurred_at,
            standing=Standing(amount=amount, interval=interval),
            state=leads_to(kind, last.state if last else None),
            cause=cause,
        )
        record_change(
            self.session,
            change,
            member_id=subscription.member_id,
            stripe_subscription_id=subscription.stripe_subscription_id,
            zone=self.parts.newsroom.zone,
        )

    def payment(
        self,
        member: Member,
        given: Money,
        *,
        settled: Money | None = None,
        fee_minor: int = 30,
        paid_at: datetime = NOON,
        subscription: Subscription | None = None,
    ) -> Payment:
        """Add a payment and book it."""
        gross = settled or given
        payment = Payment(
            stripe_payment_intent_id=self._id("pi"),
            stripe_charge_id=self._id("ch"),
            stripe_subscription_id=subscription.stripe_subscription_id if subscription else None,
            member_id=member.id,
            status=PaymentStatus.succeeded,
            interval=subscription.interval if subscription else Interval.once,
            amount_minor=given.minor,
            currency=given.currency,
            settled_gross_minor=gross.minor,
            settled_fee_minor=fee_minor,
            settled_currency=gross.currency,
            stripe_balance_transaction_id=self._id("txn"),
            method="visa",
            method_last4="4242",
            created_at=paid_at,
            paid_at=paid_at,
            synced_at=self.now,
        )
        self.session.add(payment)
        self.session.flush()
        self._book(EntryKind.payment, payment, gross, fee=Money(fee_minor, gross.currency), at=paid_at)
        return payment

    def refund(
        self, payment: Payment, amount: Money, *, at: datetime = NOON, bounced: bool = False
    ) -> Refund:
        """Add a refund in the settled currency and book it; a bounced one is booked back as well."""
        refund = Refund(
            stripe_refund_id=self._id("re"),
            stripe_payment_intent_id=payment.stripe_payment_intent_id,
            status=RefundStatus.failed if bounced else RefundStatus.succeeded,
            amount_minor=amount.minor,
            currency=amount.currency,
            stripe_balance_transaction_id=self._id("txn"),
            created_at=at,
            synced_at=self.now,
        )
        payment.amount_refunded_minor += 0 if bounced else amount.minor
        self.session.add(refund)
        nothing = Money(0, amount.currency)
        self._book(EntryKind.refund, payment, -amount, fee=nothing, at=at)
        if bounced:
            self._book(EntryKind.refund_failure, payment, amount, fee=nothing, at=at)
        return refund

    def dispute(self, payment: Payment) -> Dispute:
        """Add a dispute of all of a payment that waits for an answer; its money is not booked."""
        dispute = Dispute(
            stripe_dispute_id=self._id("du"),
            stripe_charge_id=payment.stripe_charge_id,
            stripe_payment_intent_id=payment.stripe_payment_intent_id,
            status=DisputeStatus.needs_response,
            reason="fraudulent",
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            evidence_due_at=self.now + timedelta(days=7),
            withdrawn_at=self.now,
            created_at=self.now,
            synced_at=self.now,
        )
        self.session.add(dispute)
        return dispute

    def payout(self, stripe_payout_id: str, payments: list[Payment]) -> Payout:
        """Add a payout of these payments, none of which is booked under its line; of none, one by hand."""
        lines = [self._payout_line(stripe_payout_id, payment) for payment in payments]
        payout = Payout(
            stripe_payout_id=stripe_payout_id,
            status=PayoutStatus.paid,
            amount_minor=sum(line.net_minor for line in lines) or 500,
            currency="eur",
            arrival_on=self.now.date(),
            automatic=bool(lines),
            created_at=self.now,
            synced_at=self.now,
        )
        self.session.add_all([payout, *lines])
        return payout

    def _payout_line(self, stripe_payout_id: str, payment: Payment) -> PayoutLine:
        gross, fee = payment.settled_gross_minor or 0, payment.settled_fee_minor or 0
        return PayoutLine(
            stripe_balance_transaction_id=payment.stripe_balance_transaction_id,
            stripe_payout_id=stripe_payout_id,
            kind="charge",
            stripe_source_id=payment.stripe_charge_id,
            gross_minor=gross,
            fee_minor=fee,
            net_minor=gross - fee,
            currency=payment.settled_currency,
            occurred_at=self.now,
        )

    def receipt(self, payment: Payment) -> Receipt:
        """Issue the receipt of a payment."""
        assert payment.member_id
        assert payment.paid_at
        entity = self.parts.newsroom.legal_entity
        facts = ReceiptFacts(
            payment_id=payment.id,
            member_id=payment.member_id,
            paid_on=local_date(payment.paid_at, self.parts.newsroom.zone),
            language="en",
            amount=Money(payment.amount_minor, payment.currency),
            interval=payment.interval,
            period_start_on=None,
            period_end_on=None,
            legal_entity=entity.key,
            wording={
                "newsroom_name": self.parts.newsroom.name,
                "entity_name": entity.name,
                "entity_address": entity.address,
                "entity_registration": entity.registration,
                "tax_wording": "Please keep this receipt.",
                "goods_wording": "No goods or services were given in return.",
            },
            payment_method="visa 4242",
            sealed_name=None,
        )
        return issue_receipt(self.session, facts, now=payment.paid_at)

    def event(self, kind: str, object_type: ObjectType, object_id: str, *, at: datetime = NOON) -> None:
        """Add an event as the webhook stores it."""
        self.session.add(
            InboxEvent(
                stripe_event_id=self._id("evt"),
                type=kind,
                livemode=False,
                object_type=object_type,
                object_id=object_id,
                occurred_at=at,
                received_at=at,
            )
        )

    def _book(self, kind: EntryKind, payment: Payment, gross: Money, *, fee: Money, at: datetime) -> None:
        movement = Movement(
            kind=kind,
            stripe_balance_transaction_id=self._id("txn"),
            occurred_at=at,
            gross=gross,
            fee=fee,
            given=gross,
            payment_id=payment.id,
            member_id=payment.member_id,
            campaign_id=None,
        )
        assert post_movement(self.session, movement, zone=self.parts.newsroom.zone, now=self.now)

    def _id(self, prefix: str) -> str:
        return f"{prefix}_test{next(self._numbers):06d}{new_id().hex[-6:]}"
