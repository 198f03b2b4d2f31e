"""What a receipt says of the payment, in the receipt's language."""

import json
from datetime import date

from app.kernel.catalogues import translations
from app.kernel.formatting import format_day, format_money
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.models import Receipt

_BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
    "sepa_debit": "SEPA",
    "link": "Link",
    "paypal": "PayPal",
}


def purpose_of(receipt: Receipt, language: str) -> str:
    """Return what a receipt's payment was for, and what part of it covers the fees."""
    what_for = purpose(receipt.interval, receipt.period_start_on, receipt.period_end_on, language)
    fees_minor = json.loads(receipt.wording).get("fees_minor", 0)
    if not fees_minor:
        return what_for
    amount = format_money(Money(fees_minor, receipt.currency), language)
    said = translations(language).gettext("%(support)s; %(fees)s of it covers the payment fees")
    return said % {"support": what_for, "fees": amount}


def purpose(interval: Interval, start: date | None, end: date | None, language: str) -> str:
    """Return what the payment was for: `Monthly support, 3 November to 2 December 2026`."""
    words = translations(language)
    if interval is Interval.once or start is None or end is None:
        return words.gettext("One-off gift")
    by_interval = {
        Interval.month: words.gettext("Monthly support, %(start)s to %(end)s"),
        Interval.year: words.gettext("Yearly support, %(start)s to %(end)s"),
    }
    return by_interval[interval] % {"start": format_day(start, language), "end": format_day(end, language)}


def method_in_words(method: str | None, language: str) -> str | None:
    """Return `Visa ending 4242` for Stripe's `visa 4242`."""
    if not method:
        return None
    kind, _, last4 = method.partition(" ")
    name = _BRANDS.get(kind, kind.replace("_", " ").capitalize())
    if not last4:
        return name
    return translations(language).gettext("%(brand)s ending %(last4)s") % {"brand": name, "last4": last4}
