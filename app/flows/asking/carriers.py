"""How each kind of ask is carried out: look at Stripe first, then ask for what is not there yet.

Every carrier can be repeated from its beginning after any of its calls. Where there is nothing to do the mark
is left all the same: it tells a restored database that the older asks of the matter are over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from app.asks.models import AskKind
from app.asks.queue import AskLease
from app.asks.rules import AskRefused
from app.inbox.events import Wanted
from app.inbox.models import ObjectType
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.errors import StripeRefused
from app.stripe_gateway.gateway import StripeGateway
from app.stripe_gateway.marks import Mark
from app.stripe_gateway.orders import StripeOrders
from app.stripe_gateway.snapshots import InvoiceSnapshot
from app.stripe_gateway.standing import StandingSnapshot

log = structlog.get_logger()

LONGEST_MONTH_DAYS = 31
Given = TypeVar("Given")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of an ask: the refund made, and the objects that Stripe shows otherwise now."""

    touched: tuple[Wanted, ...]
    result_id: str | None = None


def refund(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Give money back, unless a refund bears our mark."""
    orders, intent_id = gateway.orders, lease.object_id
    refund_id = orders.find_refund(intent_id, mark)
    if refund_id is None:
        refund_id = orders.create_refund(intent_id, _given(lease.amount), mark)
    touched = ((ObjectType.refund, refund_id), (ObjectType.payment_intent, intent_id))
    return Done(touched=touched, result_id=refund_id)


def pay_invoice(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Try an invoice again, unless it is paid."""
    invoice = gateway.fetch_invoice(lease.object_id)
    if invoice.status == "void":
        raise AskRefused("invoice_void", "This invoice is void: nothing is owed for it.")
    if invoice.status != "paid":
        gateway.orders.pay_invoice(invoice.id, mark)
    touched = [(ObjectType.invoice, invoice.id)]
    if invoice.subscription_id:
        touched.append((ObjectType.subscription, invoice.subscription_id))
    return Done(touched=tuple(touched))


def cancel(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """End a subscription at once, and void what is still owed for it."""
    return _end_now(gateway.orders, _standing(gateway.orders, lease, mark), mark)


def cancel_later(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """End a subscription with the paid period; where nothing is paid, at once.

    An overdue subscription that was to end later would go on being charged for what is owed.
    """
    orders, standing = gateway.orders, _standing(gateway.orders, lease, mark)
    if standing.over or (standing.overdue and not standing.bears(mark)):
        return _end_now(orders, standing, mark)
    if not standing.bears(mark):
        if _ends_with_period(standing):
            orders.leave_mark(standing.id, mark)
        else:
            orders.end_with_period(standing.id, mark)
    return _changed(standing)


def take_back(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Let a subscription that was to end go on."""
    orders, standing = gateway.orders, _living(gateway.orders, lease, mark)
    if not standing.bears(mark):
        if standing.cancel_at is None:
            orders.leave_mark(standing.id, mark)
        else:
            orders.let_go_on(standing, mark)
    return _changed(standing)


def change_amount(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Charge another amount or by another interval from the next charge on.

    A lower amount holds for what is drafted or open already, too: that is the next charge.
    """
    orders, standing = gateway.orders, _living(gateway.orders, lease, mark)
    amount, interval = _given(lease.amount), _given(lease.interval)
    if not standing.bears(mark):
        _check_change(standing, amount, interval)
        if (standing.amount, standing.interval) == (amount, interval):
            orders.leave_mark(standing.id, mark)
        else:
            orders.charge(standing, amount, interval, mark)
    lowered = [
        invoice
        for invoice in orders.list_unpaid_invoices(standing.id)
        if _is_dearer(invoice, amount, interval)
    ]
    for invoice in lowered:
        _lower(orders, invoice, amount, mark)
    return _changed(standing, lowered)


def pause(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Charge nothing until a day, not even what was drafted or open before."""
    orders, standing = gateway.orders, _living(gateway.orders, lease, mark)
    if standing.bears(mark) and standing.pause_behavior is None:
        return _changed(standing)
    if not standing.bears(mark):
        orders.pause(standing.id, _given(lease.resumes_at), mark)
    return _changed(standing, _void_unpaid(orders, standing.id, mark))


def resume(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Charge again from the next renewal on."""
    orders, standing = gateway.orders, _living(gateway.orders, lease, mark)
    if not standing.bears(mark):
        if standing.pause_behavior is None:
            orders.leave_mark(standing.id, mark)
        else:
            orders.resume(standing.id, mark)
    return _changed(standing)


def move_charge(gateway: StripeGateway, lease: AskLease, mark: Mark) -> Done:
    """Charge next at a later instant; never before the time that is paid for is over.

    An ask that waited over a renewal would otherwise bring the next charge nearer.
    """
    orders, standing = gateway.orders, _living(gateway.orders, lease, mark)
    charge_at = _given(lease.charge_at)
    if not standing.bears(mark):
        if standing.overdue:
            raise AskRefused("overdue", "What is owed has to be paid before the day can change.")
        if charge_at < standing.period_end:
            raise AskRefused("charged_meanwhile", "A payment was made meanwhile; choose the day again.")
        if charge_at == standing.period_end:
            orders.leave_mark(standing.id, mark)
        else:
            orders.move_charge(standing.id, charge_at, mark)
    return _changed(standing)


CARRIERS: dict[AskKind, Callable[[StripeGateway, AskLease, Mark], Done]] = {
    AskKind.refund: refund,
    AskKind.cancel: cancel,
    AskKind.cancel_later: cancel_later,
    AskKind.take_back: take_back,
    AskKind.change_amount: change_amount,
    AskKind.pause: pause,
    AskKind.resume: resume,
    AskKind.move_charge: move_charge,
    AskKind.pay_invoice: pay_invoice,
}


def _end_now(orders: StripeOrders, standing: StandingSnapshot, mark: Mark) -> Done:
    if not standing.over:
        orders.end_now(standing.id, mark)
    return _changed(standing, _void_unpaid(orders, standing.id, mark))


def _standing(orders: StripeOrders, lease: AskLease, mark: Mark) -> StandingSnapshot:
    """Fetch a subscription, unless a newer ask of this matter was done: a restored database has lost it."""
    standing = orders.fetch_standing(lease.object_id)
    if standing.bears_newer(mark):
        raise AskRefused("done_since", "Something newer was asked for and done since.")
    return standing


def _living(orders: StripeOrders, lease: AskLease, mark: Mark) -> StandingSnapshot:
    standing = _standing(orders, lease, mark)
    if standing.over:
        raise AskRefused("already_ended", "This support has ended; it cannot be changed any more.")
    return standing


def _ends_with_period(standing: StandingSnapshot) -> bool:
    return standing.cancel_at is not None and standing.cancel_at <= standing.period_end


def _check_change(standing: StandingSnapshot, amount: Money, interval: Interval) -> None:
    if amount.currency != standing.amount.currency:
        raise AskRefused("currency_mismatch", f"This support is given in {standing.amount.currency}.")
    if standing.status == "incomplete":
        raise AskRefused("not_started", "The first payment has not been made.")
    if interval is not standing.interval and standing.overdue:
        raise AskRefused("overdue", "What is owed has to be paid before the interval can change.")


def _is_dearer(invoice: InvoiceSnapshot, amount: Money, interval: Interval) -> bool:
    """Tell whether an unpaid renewal of this interval asks for more than will be charged from now on."""
    days = (invoice.period_end - invoice.period_start).days
    yearly = days > LONGEST_MONTH_DAYS
    return (
        invoice.billing_reason == "subscription_cycle"
        and yearly == (interval is Interval.year)
        and amount < invoice.amount_due
    )


def _lower(orders: StripeOrders, invoice: InvoiceSnapshot, amount: Money, mark: Mark) -> None:
    by = invoice.amount_due - amount
    if invoice.status == "draft":
        orders.lower_draft(invoice, by, mark)
    else:
        orders.lower_open(invoice, by, mark)


def _void_unpaid(orders: StripeOrders, subscription_id: str, mark: Mark) -> list[InvoiceSnapshot]:
    """Void what is drafted or open; what a bank is paying at this moment stays, for it is on its way."""
    unpaid = orders.list_unpaid_invoices(subscription_id)
    for invoice in unpaid:
        try:
            if invoice.status == "draft":
                orders.finalize_invoice(invoice.id, mark)
            orders.void_invoice(invoice.id, mark)
        except StripeRefused as refused:
            log.warning("ask.invoice_stays", invoice_id=invoice.id, code=refused.code)
    return unpaid


def _changed(standing: StandingSnapshot, invoices: list[InvoiceSnapshot] | None = None) -> Done:
    touched = [(ObjectType.invoice, invoice.id) for invoice in invoices or []]
    return Done(touched=((ObjectType.subscription, standing.id), *touched))


def _given(value: Given | None) -> Given:
    """Return what the row's CHECKs say is there."""
    assert value is not None  # noqa: S101 (for the type checker: the database holds it)
    return value
