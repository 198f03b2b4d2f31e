"""Why a payment failed, in words for the person whose card it is."""

from enum import Enum, auto

from app.kernel.catalogues import translations


class Reason(Enum):
    """What can be said of a refusal, and mended or not."""

    no_money = auto()
    over_limit = auto()
    expired = auto()
    details = auto()
    not_supported = auto()
    unconfirmed = auto()
    passing = auto()
    revoked = auto()
    account = auto()
    said_no = auto()
    """All that is said where the bank suspects somebody: the member may not be the one who reads."""
    unknown = auto()


_CODES = {
    Reason.no_money: "insufficient_funds",
    Reason.over_limit: (
        "card_velocity_exceeded withdrawal_count_limit_exceeded invalid_amount payment_limit_exceeded"
    ),
    Reason.expired: "expired_card invalid_expiry_month invalid_expiry_year new_account_information_available",
    Reason.details: (
        "incorrect_number incorrect_cvc incorrect_zip incorrect_address invalid_number invalid_cvc "
        "incorrect_pin invalid_pin"
    ),
    Reason.not_supported: (
        "card_not_supported currency_not_supported transaction_not_allowed service_not_allowed not_permitted "
        "offline_pin_required online_or_offline_pin_required"
    ),
    Reason.unconfirmed: (
        "authentication_required authentication_not_handled mobile_device_authentication_required "
        "payment_intent_authentication_failure authentication_failure approve_with_id"
    ),
    Reason.passing: (
        "issuer_not_available processing_error reenter_transaction try_again_later duplicate_transaction "
        "generic_could_not_process"
    ),
    Reason.revoked: (
        "stop_payment_order revocation_of_authorization revocation_of_all_authorizations "
        "debit_not_authorized recipient_deceased"
    ),
    Reason.account: (
        "invalid_account invalid_customer_account account_closed no_account bank_account_restricted "
        "bank_account_unusable invalid_account_number invalid_currency incorrect_account_holder_name "
        "charge_exceeds_source_limit"
    ),
    Reason.said_no: (
        "call_issuer do_not_honor do_not_try_again fraudulent generic_decline card_declined lost_card "
        "merchant_blacklist no_action_taken pickup_card pin_try_exceeded restricted_card security_violation "
        "stolen_card testmode_decline highest_risk_level elevated_risk_level refer_to_customer "
        "payment_disputed debit_declined"
    ),
}
_REASONS = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
"""Stripe's decline codes, and its failure codes of cards and debits.

https://docs.stripe.com/declines/codes, https://docs.stripe.com/error-codes
"""


def reason_of(decline_code: str | None, failure_code: str | None = None) -> Reason:
    """Return the reason behind Stripe's codes; the decline code, where there is one, says more."""
    return _REASONS.get(decline_code or failure_code or "", Reason.unknown)


def reason_in_words(reason: Reason, language: str) -> str:
    """Return a sentence or two for the member, never Stripe's code."""
    words = translations(language)
    said = {
        Reason.no_money: words.gettext(
            "Your bank said that there was not enough money on the account at that moment."
        ),
        Reason.over_limit: words.gettext(
            "Your bank said that the payment goes over a limit of your card. Limits can often be raised "
            "in the bank's app."
        ),
        Reason.expired: words.gettext(
            "The card we have is out of date. If your bank has sent you a new one, give us that one."
        ),
        Reason.details: words.gettext(
            "Your bank said that a detail of the card is not right. Please type the card in once more."
        ),
        Reason.not_supported: words.gettext(
            "Your bank does not allow this card to be used for such a payment. Another card will do, and "
            "sometimes a setting in the bank's app."
        ),
        Reason.unconfirmed: words.gettext(
            "Your bank wants you to confirm the payment before it lets it through."
        ),
        Reason.passing: words.gettext(
            "Something went wrong on the way to your bank. That usually passes by itself."
        ),
        Reason.revoked: words.gettext(
            "Your bank says that it was told not to let us collect this payment any more. If that was "
            "you, you need do nothing."
        ),
        Reason.account: words.gettext(
            "Your bank says that the account behind this payment can no longer be charged."
        ),
        Reason.said_no: words.gettext(
            "Your bank declined the payment and did not say why. It can tell you, if you ask there; "
            "another card works as well."
        ),
        Reason.unknown: words.gettext(
            "The payment was declined. We were not told why; your bank may know, and another card works "
            "as well."
        ),
    }
    return said[reason]
