"""The one table of everything the simulator answers."""

from app.simulator.engine import renewals
from app.simulator.engine.charges import book_charge
from app.simulator.engine.debits import run_answered
from app.simulator.engine.expansion import Includable
from app.simulator.engine.invoices import run_finalize, run_retry
from app.simulator.engine.payments import run_authorization_expires
from app.simulator.engine.routes import Route
from app.simulator.engine.subscriptions import (
    on_invoice_failed,
    on_invoice_paid,
    on_invoice_processing,
    run_cancel,
    run_due,
    run_incomplete_expire,
    run_resume,
    run_trial_notice,
)
from app.simulator.engine.world import Job, Presenter
from app.simulator.resources import (
    balance,
    billing_portal_configurations,
    billing_portal_sessions,
    charges,
    checkout_payments,
    checkout_sessions,
    credit_notes,
    customer_balance_transactions,
    customers,
    disputes,
    events,
    invoice_payments,
    invoiceitems,
    invoices,
    mandates,
    payment_intents,
    payment_methods,
    payment_pages,
    payouts,
    prices,
    products,
    refunds,
    search,
    setup_intents,
    subscription_items,
    subscriptions,
    test_clocks,
    webhook_endpoints,
)

ROUTES: list[Route] = [
    *customers.ROUTES,
    *products.ROUTES,
    *prices.ROUTES,
    *checkout_sessions.ROUTES,
    *payment_pages.ROUTES,
    *payment_methods.ROUTES,
    *payment_intents.ROUTES,
    *setup_intents.ROUTES,
    *subscriptions.ROUTES,
    *subscription_items.ROUTES,
    *invoices.ROUTES,
    *invoice_payments.ROUTES,
    *invoiceitems.ROUTES,
    *charges.ROUTES,
    *mandates.ROUTES,
    *refunds.ROUTES,
    *disputes.ROUTES,
    *credit_notes.ROUTES,
    *customer_balance_transactions.ROUTES,
    *balance.ROUTES,
    *payouts.ROUTES,
    *events.ROUTES,
    *webhook_endpoints.ROUTES,
    *search.ROUTES,
    *test_clocks.ROUTES,
    *billing_portal_configurations.ROUTES,
    *billing_portal_sessions.ROUTES,
]
PRESENTERS: dict[str, Presenter] = {
    **balance.PRESENTERS,
    **disputes.PRESENTERS,
    **subscriptions.PRESENTERS,
}
INCLUDABLE: dict[tuple[str, str], Includable] = {
    **charges.INCLUDABLE,
    **checkout_sessions.INCLUDABLE,
    **invoices.INCLUDABLE,
}
JOBS: dict[str, Job] = {
    **checkout_sessions.JOBS,
    **refunds.JOBS,
    **disputes.JOBS,
    **balance.JOBS,
    **payouts.JOBS,
    **test_clocks.JOBS,
    **checkout_payments.JOBS,
    **renewals.JOBS,
    "authorization_expires": run_authorization_expires,
    "charge_booked": book_charge,
    "debit_answered": run_answered,
    "invoice_finalize": run_finalize,
    "invoice_retry": run_retry,
    "subscription_cancel": run_cancel,
    "invoice_due": run_due,
    "subscription_incomplete_expire": run_incomplete_expire,
    "subscription_paid": on_invoice_paid,
    "subscription_processing": on_invoice_processing,
    "subscription_resume": run_resume,
    "subscription_trial_notice": run_trial_notice,
    "subscription_unpaid": on_invoice_failed,
}
