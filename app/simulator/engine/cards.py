"""Stripe's published test cards and how each behaves."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from app.simulator.engine.errors import StripeError, card_error

MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_cvc": "Your card's security code is invalid.",
}


@dataclass(frozen=True)
class Decline:
    """Why a card is refused: Stripe's error code and decline code."""

    code: str
    decline_code: str | None = None

    @property
    def message(self) -> str:
        """The sentence Stripe shows the person paying."""
        known = self.decline_code if self.decline_code in MESSAGES else self.code
        return MESSAGES[known or self.code]


@dataclass(frozen=True)
class Card:
    """A test card.

    `authenticate` is when it asks for 3-D Secure: never, `unless_set_up`, `on_session` or `always`;
    `dispute` why its payments are disputed at once, `inquiry` when the bank only asks.
    """

    number: str
    about: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    attach_decline: Decline | None = None
    authenticate: str = "never"
    refund: str = "succeeds"
    available_at_once: bool = False
    dispute: str = ""
    names: tuple[str, ...] = field(default=())

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


def _declining(number: str, about: str, code: str, decline_code: str | None, name: str) -> Card:
    decline = Decline(code, decline_code)
    # Stripe writes these names with the brand and, in older places, without.
    return Card(number, about, decline=decline, attach_decline=decline, names=(name, f"visa_{name}"))


PAID = "Paid"
CARDS = [
    Card("4242424242424242", PAID, names=("visa",)),
    Card("4000056655665556", "Paid, Visa debit", funding="debit", names=("visa_debit",)),
    Card("5555555555554444", "Paid, Mastercard", brand="mastercard", names=("mastercard",)),
    Card("2223003122003222", "Paid, Mastercard", brand="mastercard"),
    Card("5200828282828210", "Paid, Mastercard debit", "mastercard", "debit", names=("mastercard_debit",)),
    Card("5105105105105100", "Paid", "mastercard", "prepaid", names=("mastercard_prepaid",)),
    Card("378282246310005", "Paid, American Express", brand="amex", names=("amex",)),
    Card("6011111111111117", "Paid, Discover", brand="discover", names=("discover",)),
    Card("3056930009020004", "Paid, Diners Club", brand="diners", names=("diners",)),
    Card("3566002020360505", "Paid, JCB", brand="jcb", names=("jcb",)),
    Card("6200000000000005", "Paid, UnionPay", brand="unionpay", names=("unionpay",)),
    Card("4000002760000016", "Paid, Germany", country="DE", names=("de",)),
    Card("4000008260000000", "Paid, United Kingdom", country="GB", names=("gb",)),
    Card("4000002500000003", "Paid, France", country="FR", names=("fr",)),
    Card("4000003920000003", "Paid, Japan", country="JP", names=("jp",)),
    Card("4000000000000077", "Paid, available at once", available_at_once=True, names=("bypassPending",)),
    _declining("4000000000000002", "Declined", "card_declined", "generic_decline", "chargeDeclined"),
    _declining(
        "4000000000009995", "Insufficient funds", "card_declined", "insufficient_funds",
        "chargeDeclinedInsufficientFunds",
    ),
    _declining("4000000000009987", "Lost card", "card_declined", "lost_card", "chargeDeclinedLostCard"),
    _declining("4000000000009979", "Stolen card", "card_declined", "stolen_card", "chargeDeclinedStolenCard"),
    _declining("4000000000000069", "Expired card", "expired_card", None, "chargeDeclinedExpiredCard"),
    _declining("4000000000000127", "Wrong CVC", "incorrect_cvc", None, "chargeDeclinedIncorrectCvc"),
    _declining(
        "4000000000000119", "Processing error", "processing_error", None, "chargeDeclinedProcessingError"
    ),
    _declining(
        "4100000000000019", "Blocked as fraudulent", "card_declined", "fraudulent", "chargeDeclinedFraudulent"
    ),
    _declining(
        "4000000000006975", "Velocity limit exceeded", "card_declined", "card_velocity_exceeded",
        "chargeDeclinedVelocityLimitExceeded",
    ),
    Card(
        "4000000000000341", "Can be saved; payments fail",
        decline=Decline("card_declined", "generic_decline"), names=("chargeCustomerFail",),
    ),
    Card(
        "4000002500003155", "3-D Secure, once", authenticate="unless_set_up",
        names=("authenticationRequiredOnSetup",),
    ),
    Card(
        "4000002760003184", "3-D Secure, every time", authenticate="always", names=("authenticationRequired",)
    ),
    Card("4000003800000446", "Already set up for 3-D Secure", authenticate="on_session",
         names=("authenticationRequiredSetupForOffSession",)),
    Card(
        "4000008260003178", "3-D Secure, then insufficient funds", authenticate="always",
        decline=Decline("card_declined", "insufficient_funds"),
        names=("authenticationRequiredChargeDeclinedInsufficientFunds",),
    ),
    Card(
        "4000008400001629", "3-D Secure, then declined", authenticate="always",
        decline=Decline("card_declined", "generic_decline"), names=("threeDSecureRequiredChargeDeclined",),
    ),
    Card("4000000000003220", "3-D Secure 2", authenticate="always", names=("threeDSecure2Required",)),
    Card("4000000000007726", "Refund pending, then succeeds", refund="pending", names=("pendingRefund",)),
    Card("4000000000005126", "Refund fails later", refund="fails", names=("refundFail",)),
    Card("4000000000000259", "Paid, then disputed as fraudulent", dispute="fraudulent",
         names=("createDispute", "visa_createDispute")),
    Card("4000000000002685", "Paid, then disputed as not received", dispute="product_not_received",
         names=("createDisputeProductNotReceived", "visa_createDisputeProductNotReceived")),
    Card("4000000000001976", "Paid, then the bank asks about it", dispute="inquiry",
         names=("createDisputeInquiry", "visa_createDisputeInquiry")),
]  # fmt: skip
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {name: card for card in CARDS for name in card.names}


def card_by_number(number: str) -> Card:
    """The test card of that number; any other valid number is an ordinary card.

    Raises: StripeError: the digits are not a card number.
    """
    digits = "".join(char for char in number if char not in " -")
    if digits in BY_NUMBER:
        return BY_NUMBER[digits]
    if not digits.isascii() or not digits.isdigit() or not 13 <= len(digits) <= 19 or not luhn(digits):
        raise number_error()
    return replace(BY_NUMBER["4242424242424242"], number=digits, brand=_brand(digits), names=())


def card_by_name(name: str) -> Card | None:
    """The card behind `pm_card_visa`, `tok_visa` and the like."""
    return BY_NAME.get(name.removeprefix("pm_card_").removeprefix("tok_"))


def number_error() -> StripeError:
    """The card number is no card number."""
    return card_error(
        "Your card number is incorrect.",
        code="incorrect_number",
        decline_code=None,
        extra={"param": "number"},
    )


def expiry_problem(month: int, year: int, now: int) -> Decline | None:
    """What is wrong with an expiry date at this instant, or None."""
    today = datetime.fromtimestamp(now, UTC)
    full_year = year + 2000 if year < 100 else year
    if not 1 <= month <= 12:
        return Decline("invalid_expiry_month")
    if full_year > today.year + 50 or (full_year, month) < (today.year, today.month):
        return Decline("invalid_expiry_year")
    return None


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    doubled = [int(char) * (2 if place % 2 else 1) for place, char in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _brand(digits: str) -> str:
    starts = {"4": "visa", "5": "mastercard", "2": "mastercard", "34": "amex", "37": "amex", "6": "discover"}
    return next((brand for start, brand in starts.items() if digits.startswith(start)), "unknown")
