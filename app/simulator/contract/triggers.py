"""Every `stripe trigger` of Stripe's command line tool (1.52): run against this Stripe, or why not.

The tests run each of `COVERED` and hold both tables to the list the tool itself prints.
"""

from collections.abc import Iterator

COVERED = tuple(
    """
    balance.available
    billing_portal.configuration.created billing_portal.configuration.updated
    billing_portal.session.created
    charge.captured charge.dispute.closed charge.dispute.created charge.dispute.updated charge.failed
    charge.refund.updated charge.refunded charge.succeeded
    checkout.session.async_payment_failed checkout.session.async_payment_succeeded
    checkout.session.completed checkout.session.expired
    credit_note.created credit_note.updated credit_note.voided
    customer.created customer.deleted customer.updated
    customer.subscription.created customer.subscription.deleted customer.subscription.paused
    customer.subscription.trial_will_end customer.subscription.updated
    invoice.created invoice.deleted invoice.finalized invoice.marked_uncollectible invoice.paid
    invoice.payment_action_required invoice.payment_failed invoice.payment_succeeded
    invoice.sent invoice.updated invoice.voided
    invoiceitem.created invoiceitem.deleted
    payment_intent.amount_capturable_updated payment_intent.canceled payment_intent.created
    payment_intent.payment_failed payment_intent.processing payment_intent.requires_action
    payment_intent.succeeded
    payment_method.attached payment_method.detached payment_method.updated
    payout.created payout.updated
    price.created price.updated product.created product.deleted product.updated
    setup_intent.canceled setup_intent.created setup_intent.requires_action setup_intent.setup_failed
    setup_intent.succeeded
    subscription.payment_failed subscription.payment_succeeded
    test_helpers.test_clock.advancing test_helpers.test_clock.created test_helpers.test_clock.deleted
    test_helpers.test_clock.ready
    """.split()
)
"""In scope, and the tool says that its trigger succeeded."""

TELLS = {
    "subscription.payment_failed": "invoice.payment_failed",
    "subscription.payment_succeeded": "invoice.payment_succeeded",
}
"""Triggers named for another event than the one they bring about."""

LATER = {
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
}
"""Triggers whose event comes when the clock has moved on, as the answer to a debit does."""

_OBJECTS_OUT_OF_SCOPE = {
    "connected accounts": "account.application.deauthorized account.updated",
    "cash balances": "cash_balance.funds_available customer_cash_balance_transaction.created "
    "payment_intent.partially_funded",
    "coupons and promotion codes": "coupon.created coupon.deleted coupon.updated customer.discount.created "
    "customer.discount.deleted customer.discount.updated promotion_code.created promotion_code.updated",
    "sources, which payment methods replaced": "customer.source.created customer.source.updated",
    "Identity": "identity.verification_session.canceled identity.verification_session.created "
    "identity.verification_session.redacted",
    "Issuing": "issuing_authorization.request issuing_authorization.request.eu "
    "issuing_authorization.request.gb issuing_card.created issuing_card.created.eu issuing_card.created.gb "
    "issuing_cardholder.created issuing_cardholder.created.eu issuing_cardholder.created.gb "
    "issuing_transaction.created issuing_transaction.purchase_details_receipt_updated "
    "issuing_transaction.updated",
    "payment links": "payment_link.created payment_link.updated",
    "plans, which prices replaced": "plan.created plan.deleted plan.updated",
    "quotes": "quote.accepted quote.canceled quote.created quote.finalized",
    "reports": "reporting.report_run.succeeded",
    "subscription schedules": "subscription_schedule.aborted subscription_schedule.canceled "
    "subscription_schedule.completed subscription_schedule.created subscription_schedule.expiring "
    "subscription_schedule.released subscription_schedule.updated",
    "tax rates": "tax_rate.created tax_rate.updated",
    "top-ups": "topup.created",
    "transfers between accounts": "transfer.created transfer.reversed transfer.updated",
    "billing meters": "v1.billing.meter.error_report_triggered v1.billing.meter.no_meter_found",
}


def out_of_scope() -> Iterator[tuple[str, str]]:
    """Each trigger whose objects this Stripe does not have, and which objects those are."""
    for objects, events in _OBJECTS_OUT_OF_SCOPE.items():
        for event in events.split():
            yield event, objects
