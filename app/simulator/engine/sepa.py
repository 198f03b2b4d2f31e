"""Bank accounts for SEPA direct debit: Stripe's published test numbers and how each behaves."""

import hashlib
from dataclasses import dataclass
from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.world import World

Json = dict[str, Any]
KINDS = (
    "success", "successDelayed", "failed", "failedDelayed", "disputed", "exceedsWeeklyVolumeLimit",
    "exceedsWeeklyTransactionLimit", "insufficientFunds",
)  # fmt: skip
IBANS = {
    "at": "AT611904300234573201 AT321904300235473204 AT861904300235473202 AT051904300235473205"
    " AT591904300235473203 AT981904300000343434 AT601904300000121212 AT981904300002222227",
    "be": "BE62510007547061 BE78510007547064 BE68539007547034 BE51510007547065 BE08510007547063"
    " BE90510000343434 BE52510000121212 BE90510002222227",
    "de": "DE89370400440532013000 DE08370400440532013003 DE62370400440532013001 DE78370400440532013004"
    " DE35370400440532013002 DE65370400440000343434 DE27370400440000121212 DE65370400440002222227",
    "ee": "EE382200221020145685 EE222200221020145682 EE762200221020145680 EE922200221020145683"
    " EE492200221020145681 EE672200000000343434 EE292200000000121212 EE672200000002222227",
    "fi": "FI2112345600000785 FI3712345600000788 FI9112345600000786 FI1012345600000789"
    " FI6412345600000787 FI6712345600343434 FI2912345600121212 FI6712345602222227",
    "fr": "FR1420041010050500013M02606 FR3020041010050500013M02609 FR8420041010050500013M02607"
    " FR7920041010050500013M02600 FR5720041010050500013M02608 FR9720041010050000000343434"
    " FR5920041010050000000121212 FR9720041010050000002222227",
    "ie": "IE29AIBK93115212345678 IE24AIBK93115212345671 IE02AIBK93115212345679 IE94AIBK93115212345672"
    " IE51AIBK93115212345670 IE10AIBK93115200343434 IE69AIBK93115200121212 IE10AIBK93115202222227",
    "lt": "LT121000011101001000 LT281000011101001003 LT821000011101001001 LT981000011101001004"
    " LT551000011101001002 LT591000000000343434 LT211000000000121212 LT591000000002222227",
    "lu": "LU280019400644750000 LU440019400644750003 LU980019400644750001 LU170019400644750004"
    " LU710019400644750002 LU900010000000343434 LU520010000000121212 LU900010000002222227",
    "nl": "NL39RABO0300065264 NL55RABO0300065267 NL91ABNA0417164300 NL28RABO0300065268"
    " NL82RABO0300065266 NL27RABO0000343434 NL86RABO0000121212 NL55RABO0300065267",
}
FAILURES = {
    "failed": ("generic_could_not_process", "The bank could not process this payment."),
    "failedDelayed": ("generic_could_not_process", "The bank could not process this payment."),
    "exceedsWeeklyVolumeLimit": (
        "charge_exceeds_source_limit",
        "This payment exceeds the account's weekly payment volume limit.",
    ),
    "exceedsWeeklyTransactionLimit": (
        "charge_exceeds_weekly_limit",
        "This payment exceeds the account's transaction volume limit.",
    ),
    "insufficientFunds": ("insufficient_funds", "The customer's account has insufficient funds."),
}
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


@dataclass(frozen=True)
class BankAccount:
    """An account to debit; `kind` is how Stripe's test number behaves."""

    iban: str
    kind: str = "success"

    @property
    def country(self) -> str:
        """Its country, by ISO code."""
        return self.iban[:2]

    @property
    def failure(self) -> tuple[str, str] | None:
        """Stripe's failure code and what it says, for an account that refuses."""
        return FAILURES.get(self.kind)

    @property
    def delayed(self) -> bool:
        """Whether the bank takes some minutes."""
        return self.kind.endswith("Delayed")


BY_NAME = {
    f"pm_{kind}_{country}": BankAccount(iban, kind)
    for country, ibans in IBANS.items()
    for kind, iban in zip(KINDS, ibans.split(), strict=True)
}
# Where Stripe publishes one number twice, it behaves as the first of them.
BY_IBAN = {account.iban: account for account in reversed(BY_NAME.values())}
# Stripe's command line tool brings about a debit that fails with this one, which its pages do not list.
BY_IBAN["IT60X0542811101000000123456"] = BankAccount("IT60X0542811101000000123456", "failed")


def account_by_iban(iban: str, *, param: str = "sepa_debit[iban]") -> BankAccount:
    """The account of an IBAN; one that is no test number pays at once.

    Raises: StripeError: it is no IBAN.
    """
    plain = "".join(iban.split()).upper()
    if plain in BY_IBAN:
        return BY_IBAN[plain]
    if not (15 <= len(plain) <= 34 and plain.isascii() and plain.isalnum() and _checks(plain)):
        raise invalid("The IBAN you provided is invalid.", param=param)
    return BankAccount(plain)


def make_sepa_method(world: World, account: BankAccount, *, name: str, email: str) -> Json:
    """A new bank account to debit, not yet stored."""
    return {
        "id": new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": dict(NO_ADDRESS), "email": email, "name": name, "phone": None},
        "created": world.now(),
        "livemode": False,
        "metadata": {},
        "sepa_debit": {
            "bank_code": account.iban[4:12],
            "branch_code": "",
            "country": account.country,
            "fingerprint": hashlib.sha256(account.iban.encode()).hexdigest()[:16],
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": account.iban[-4:],
        },
        "type": "sepa_debit",
        "_kind": account.kind,
        "_mandate": None,
        "_number": account.iban,
        "_set_up": True,
    }


def account_of(method: Json) -> BankAccount:
    """The account behind a payment method."""
    return BankAccount(method["_number"], method["_kind"])


def mandate_of(world: World, method: Json, acceptance: Json | None = None) -> Json:
    """The mandate to debit an account, given now where there is none yet."""
    if method.get("_mandate"):
        return world.get("mandate", method["_mandate"])
    mandate_id = new_id("mandate")
    reference = random_text(16).upper()
    accepted = acceptance or {"type": "online", "online": {}}
    details = {
        "reference": reference,
        "url": f"{world.base_url}/mandates/{mandate_id}",
    }
    mandate = world.create(
        {
            "id": mandate_id,
            "object": "mandate",
            "customer_acceptance": {"accepted_at": world.now(), **accepted},
            "livemode": False,
            "multi_use": {},
            "payment_method": method["id"],
            "payment_method_details": {"sepa_debit": details, "type": "sepa_debit"},
            "status": "active",
            "type": "multi_use",
        }
    )
    method["_mandate"] = mandate["id"]
    world.save(method)
    return mandate


def revoke_mandate(world: World, method: Json) -> None:
    """The bank no longer lets this account be debited."""
    if method.get("_mandate"):
        mandate = world.get("mandate", method["_mandate"])
        mandate["status"] = "inactive"
        world.save(mandate, "mandate.updated")


def _checks(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
