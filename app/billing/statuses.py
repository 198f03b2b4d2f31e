"""Stripe's statuses, in Stripe's spelling."""

from enum import StrEnum


class SubscriptionStatus(StrEnum):
    """https://docs.stripe.com/api/subscriptions/object#subscription_object-status."""

    incomplete = "incomplete"
    incomplete_expired = "incomplete_expired"
    trialing = "trialing"
    active = "active"
    past_due = "past_due"
    canceled = "canceled"
    unpaid = "unpaid"
    paused = "paused"


class InvoiceStatus(StrEnum):
    """https://docs.stripe.com/api/invoices/object#invoice_object-status."""

    draft = "draft"
    open = "open"
    paid = "paid"
    uncollectible = "uncollectible"
    void = "void"
    deleted = "deleted"
    """Ours: a draft that Stripe no longer knows."""


class PaymentStatus(StrEnum):
    """https://docs.stripe.com/api/payment_intents/object#payment_intent_object-status."""

    requires_payment_method = "requires_payment_method"
    requires_confirmation = "requires_confirmation"
    requires_action = "requires_action"
    processing = "processing"
    requires_capture = "requires_capture"
    canceled = "canceled"
    succeeded = "succeeded"


class RefundStatus(StrEnum):
    """https://docs.stripe.com/api/refunds/object#refund_object-status."""

    pending = "pending"
    requires_action = "requires_action"
    succeeded = "succeeded"
    failed = "failed"
    canceled = "canceled"


CAME_BACK = (RefundStatus.failed, RefundStatus.canceled)
"""Of refunds whose money did not reach the payer."""


class DisputeStatus(StrEnum):
    """https://docs.stripe.com/api/disputes/object#dispute_object-status."""

    warning_needs_response = "warning_needs_response"
    warning_under_review = "warning_under_review"
    warning_closed = "warning_closed"
    needs_response = "needs_response"
    under_review = "under_review"
    appeal_needs_response = "appeal_needs_response"
    appeal_under_review = "appeal_under_review"
    won = "won"
    lost = "lost"
    prevented = "prevented"


class PayoutStatus(StrEnum):
    """https://docs.stripe.com/api/payouts/object#payout_object-status."""

    pending = "pending"
    in_transit = "in_transit"
    paid = "paid"
    failed = "failed"
    canceled = "canceled"
