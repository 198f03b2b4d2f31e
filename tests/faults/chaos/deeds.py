"""What staff, banks and members do to a customer at Stripe."""

from typing import Any

from tests.faults.chaos import bank
from tests.faults.chaos.dashboard import NOBODYS, Dashboard, Deed, NothingThereError
from tests.support.simulator import Json

STEPS = {"eur": 100, "usd": 100, "gbp": 100, "jpy": 1, "kwd": 10}
"""What an amount is a multiple of."""
LEAST_MINOR, MOST_MINOR = 500, 100_000
GOOD, FAILING, SECURE = "tok_visa", "tok_chargeCustomerFail", "tok_authenticationRequired"
CARDS = (GOOD, GOOD, GOOD, FAILING, FAILING, SECURE)
PAUSES = ("void", "keep_as_draft", "mark_uncollectible")
SHARE_OF_DELETIONS = 0.1


def change_amount(at: Dashboard, customer_id: str) -> None:
    """Raise or lower what is charged from the next renewal on."""
    found = at.one("subscription", customer_id)
    (item,) = found["items"]["data"]
    step = STEPS[item["price"]["currency"]]
    minor = round(item["price"]["unit_amount"] * at.chance.choice((0.5, 1.5, 2.0)) / step) * step
    at.v1.subscriptions.update(found["id"], _at_price(item, min(max(minor, LEAST_MINOR), MOST_MINOR)))


def _at_price(item: Json, minor: int) -> Any:
    price = {
        "currency": item["price"]["currency"],
        "product": item["price"]["product"],
        "unit_amount": minor,
        "recurring": {"interval": item["price"]["recurring"]["interval"]},
    }
    return {"items": [{"id": item["id"], "price_data": price}], "proration_behavior": "none"}


def pause(at: Dashboard, customer_id: str) -> None:
    """Stop collecting, or go on."""
    found = at.one("subscription", customer_id)
    collection: Any = "" if found["pause_collection"] else {"behavior": at.chance.choice(PAUSES)}
    at.v1.subscriptions.update(found["id"], {"pause_collection": collection})


def spoil_card(at: Dashboard, customer_id: str) -> None:
    """Charge a subscription to another card, which may be one that fails, or asks for 3-D Secure."""
    _charge_to(at, customer_id, at.chance.choice(CARDS))


def mend_card(at: Dashboard, customer_id: str) -> None:
    """Charge a subscription to a good card, and pay what is open."""
    _charge_to(at, customer_id, GOOD)
    pay(at, customer_id)


def _charge_to(at: Dashboard, customer_id: str, token: str) -> None:
    found = at.one("subscription", customer_id)
    method = at.v1.payment_methods.create({"type": "card", "card": {"token": token}})
    at.v1.payment_methods.attach(method.id, {"customer": customer_id})
    at.v1.subscriptions.update(found["id"], {"default_payment_method": method.id})


def pay(at: Dashboard, customer_id: str) -> None:
    """Pay an open invoice."""
    at.v1.invoices.pay(at.one("invoice", customer_id, status="open")["id"])


def write_off(at: Dashboard, customer_id: str) -> None:
    """Void an open invoice, or give it up."""
    give_up = at.chance.choice((at.v1.invoices.void_invoice, at.v1.invoices.mark_uncollectible))
    give_up(at.one("invoice", customer_id, status="open")["id"])


def cancel(at: Dashboard, customer_id: str) -> None:
    """Cancel at once."""
    at.v1.subscriptions.cancel(at.one("subscription", customer_id)["id"])


def cancel_later(at: Dashboard, customer_id: str) -> None:
    """Cancel at the end of the period, or take that back."""
    found = at.one("subscription", customer_id)
    at.v1.subscriptions.update(found["id"], {"cancel_at_period_end": not found["cancel_at_period_end"]})


def refund(at: Dashboard, customer_id: str) -> None:
    """Refund what is left of a payment."""
    found = at.one("charge", customer_id, status="succeeded")
    at.v1.refunds.create({"payment_intent": found["payment_intent"]})


def refund_part(at: Dashboard, customer_id: str) -> None:
    """Refund a part of a payment."""
    found = at.one("charge", customer_id, status="succeeded")
    part = max(found["amount"] // 30 * 10, STEPS[found["currency"]])
    at.v1.refunds.create({"payment_intent": found["payment_intent"], "amount": part})


def edit(at: Dashboard, customer_id: str) -> None:
    """Write another address and name on the customer."""
    number = at.chance.randrange(10_000)
    changed: Any = {"email": f"edited{number}@example.org", "name": f"Edited {number}"}
    at.v1.customers.update(customer_id, changed)


def delete(at: Dashboard, customer_id: str) -> None:
    """Delete the customer, which ends all their subscriptions; it happens rarely."""
    if at.chance.random() > SHARE_OF_DELETIONS:
        raise NothingThereError
    at.v1.customers.delete(customer_id)


def close_page(at: Dashboard, _customer_id: str) -> None:
    """Close a page that is open, which is nobody's yet."""
    at.v1.checkout.sessions.expire(at.one("checkout.session", NOBODYS, status="open")["id"])


OFTEN: tuple[Deed, ...] = (
    change_amount, pause, spoil_card, mend_card, refund, refund_part, cancel_later, pay,
)  # fmt: skip
RARELY: tuple[Deed, ...] = (cancel, write_off, edit, delete, close_page)
DEEDS = (*OFTEN * 2, *RARELY, *bank.DEEDS)
"""Everything that can be done, the usual more often."""
