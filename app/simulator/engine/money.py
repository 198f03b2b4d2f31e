"""Currencies as Stripe keeps them: exponents, least amounts, fees and rates."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.simulator.engine.errors import StripeError, invalid

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
WHOLE_ONLY = frozenset({"isk", "ugx"})
TWO_DECIMAL = frozenset(
    (
        "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf"
        " chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr"
        " ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr"
        " mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos"
        " srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd yer zar zmw"
    ).split()
)
SUPPORTED = TWO_DECIMAL | ZERO_DECIMAL | THREE_DECIMAL
LARGEST_AMOUNT = 99_999_999
LEAST_AMOUNTS = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
UNITS_PER_DOLLAR = {
    "usd": "1", "eur": "0.92", "gbp": "0.79", "jpy": "150", "kwd": "0.308", "chf": "0.88", "cad": "1.37",
    "aud": "1.52", "nzd": "1.66", "sek": "10.5", "nok": "10.7", "dkk": "6.87", "pln": "3.98", "czk": "23.2",
    "huf": "360", "ron": "4.58", "bgn": "1.80", "inr": "83.5", "brl": "5.4", "mxn": "18", "sgd": "1.34",
    "hkd": "7.8", "thb": "35", "myr": "4.6", "aed": "3.67", "krw": "1350", "isk": "138", "ugx": "3750",
    "uah": "41", "gel": "2.7", "kzt": "480", "ils": "3.7", "try": "33", "bhd": "0.376", "jod": "0.709",
    "omr": "0.385", "tnd": "3.1",
}  # fmt: skip
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}
FEE_RATE = Decimal("0.029")
FIXED_FEE_DOLLARS = Decimal("0.30")
DEBIT_FEE_CENTS = 35
DISPUTE_FEE_DOLLARS = Decimal(15)
DISPUTE_FEES = {"usd": 1500, "eur": 2000, "gbp": 2000, "cad": 1500, "aud": 2500, "jpy": 1300}
FIXED_FEES = {"usd": 30, "eur": 25, "gbp": 20, "chf": 30, "cad": 30, "aud": 30, "jpy": 40, "kwd": 90}


@dataclass(frozen=True)
class Settled:
    """A payment as it reaches the balance: minor units of the settlement currency."""

    amount: int
    fee: int
    currency: str
    exchange_rate: Decimal | None


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit at Stripe."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def least_amount(currency: str) -> int:
    """The smallest amount Stripe charges in a currency; about half a dollar where it names none."""
    if currency in LEAST_AMOUNTS:
        return LEAST_AMOUNTS[currency]
    return _round(Decimal("0.5") * _units_per_dollar(currency) * 10 ** exponent(currency))


def check_currency(currency: str, *, param: str = "currency") -> str:
    """The currency in lower case. Raises: StripeError: Stripe does not support it."""
    code = currency.lower()
    if code not in SUPPORTED:
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: "
        raise invalid(message + ", ".join(sorted(SUPPORTED)), param=param)
    return code


def check_amount(amount: int, currency: str, *, param: str = "amount") -> None:
    """Raises: StripeError: too small or large to charge, or not whole where it must be."""
    check_form(amount, currency, param=param)
    if amount < least_amount(currency):
        least = spoken(least_amount(currency), currency)
        raise invalid(f"Amount must be at least {least}", param=param, code="amount_too_small")


def check_form(amount: int, currency: str, *, param: str) -> None:
    """Raises: StripeError: an amount Stripe could not even write on a price."""
    if amount < 0:
        raise invalid("Invalid non-negative integer", param=param, code="parameter_invalid_integer")
    if amount > LARGEST_AMOUNT:
        most = spoken(LARGEST_AMOUNT, currency)
        raise invalid(f"Amount must be no more than {most}", param=param, code="amount_too_large")
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_ONLY else 1
    if amount % step:
        raise not_whole(amount, currency, step, param)


def not_whole(amount: int, currency: str, step: int, param: str) -> StripeError:
    """An amount with digits its currency cannot carry."""
    message = f"Invalid amount {amount}: amounts in {currency} must be evenly divisible by {step}."
    return invalid(message, param=param, code="invalid_charge_amount")


def spoken(amount: int, currency: str) -> str:
    """An amount as Stripe's messages write it: `$0.50 usd`."""
    return f"{SIGNS.get(currency, '')}{_plain(amount, currency)} {currency}"


def labelled(amount: int, currency: str) -> str:
    """An amount as Stripe's invoice lines write it: `$2.00`, `CHF 2.00`."""
    sign = SIGNS.get(currency, f"{currency.upper()} ")
    return f"{sign}{_plain(amount, currency)}"


def settle(amount: int, currency: str, into: str | None) -> Settled:
    """What a charge brings: converted where the settlement currency differs, less the fee."""
    target = into or currency
    rate = None if target == currency else exchange_rate(currency, target)
    settled = amount if rate is None else convert(amount, currency, target, rate)
    fee = _round(settled * FEE_RATE) + _fixed_fee(target)
    return Settled(settled, min(fee, settled), target, rate)


def settle_debit(amount: int, currency: str, into: str | None) -> Settled:
    """What a bank debit brings: a flat fee, whatever the amount."""
    settled = settle(amount, currency, into)
    fee = convert(DEBIT_FEE_CENTS, "eur", settled.currency, exchange_rate("eur", settled.currency))
    return Settled(settled.amount, min(fee, settled.amount), settled.currency, settled.exchange_rate)


def dispute_fee(currency: str) -> int:
    """What a dispute costs whatever becomes of it, in minor units of the settlement currency."""
    if currency in DISPUTE_FEES:
        return DISPUTE_FEES[currency]
    return _round(DISPUTE_FEE_DOLLARS * _units_per_dollar(currency) * 10 ** exponent(currency))


def convert(amount: int, currency: str, target: str, rate: Decimal) -> int:
    """An amount in the minor units of another currency at a rate between major units."""
    return _round(Decimal(amount) * rate * Decimal(10) ** (exponent(target) - exponent(currency)))


def exchange_rate(currency: str, target: str) -> Decimal:
    """Units of `target` for one unit of `currency`, to six places."""
    return (_units_per_dollar(target) / _units_per_dollar(currency)).quantize(Decimal("0.000001"))


def _plain(amount: int, currency: str) -> str:
    places = exponent(currency)
    return f"{Decimal(amount).scaleb(-places):,.{places}f}"


def _fixed_fee(currency: str) -> int:
    if currency in FIXED_FEES:
        return FIXED_FEES[currency]
    return _round(FIXED_FEE_DOLLARS * _units_per_dollar(currency) * 10 ** exponent(currency))


def _units_per_dollar(currency: str) -> Decimal:
    return Decimal(UNITS_PER_DOLLAR.get(currency, "1"))


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
