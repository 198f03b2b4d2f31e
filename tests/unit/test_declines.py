"""Stripe's decline codes in words: every documented one, in every language, and never the code itself."""

import pytest

from app.flows.declines import Reason, reason_in_words, reason_of

DOCUMENTED = """
authentication_required authentication_not_handled approve_with_id call_issuer card_not_supported
card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction
expired_card fraudulent generic_decline incorrect_number incorrect_cvc incorrect_pin incorrect_zip
insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year
invalid_number invalid_pin issuer_not_available lost_card merchant_blacklist
mobile_device_authentication_required new_account_information_available no_action_taken not_permitted
offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded processing_error
reenter_transaction restricted_card revocation_of_all_authorizations revocation_of_authorization
security_violation service_not_allowed stolen_card stop_payment_order testmode_decline
transaction_not_allowed try_again_later withdrawal_count_limit_exceeded
generic_could_not_process invalid_customer_account payment_disputed payment_limit_exceeded
""".split()
"""https://docs.stripe.com/declines/codes, of cards and of other ways to pay."""
SUSPECTING = (
    "fraudulent lost_card stolen_card pickup_card merchant_blacklist restricted_card security_violation "
    "highest_risk_level pin_try_exceeded do_not_try_again"
).split()
NEVER_SAID = ("lost", "stolen", "fraud", "blacklist", "risk", "украд", "потерян", "мошен", "утер")


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_has_a_reason_of_ours(code: str) -> None:
    assert reason_of(code) is not Reason.unknown


@pytest.mark.parametrize("code", SUSPECTING)
def test_where_a_bank_suspects_somebody_only_its_no_is_told(code: str) -> None:
    assert reason_of(code) is Reason.said_no


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_in_every_language_and_accuses_nobody(reason: Reason, language: str) -> None:
    said = reason_in_words(reason, language)

    assert said.endswith(".")
    assert "_" not in said
    assert not [word for word in NEVER_SAID if word in said.lower()]
    if language == "ru":
        assert said != reason_in_words(reason, "en")


def test_reasons_differ_from_each_other_in_words() -> None:
    for language in ("en", "ru"):
        assert len({reason_in_words(reason, language) for reason in Reason}) == len(Reason)


@pytest.mark.parametrize("code", ["never_heard_of", "", None])
def test_a_code_that_is_new_to_us_has_general_words(code: str | None) -> None:
    assert reason_of(code) is Reason.unknown


def test_the_decline_code_says_more_than_the_failure_code() -> None:
    assert reason_of("insufficient_funds", "card_declined") is Reason.no_money
    assert reason_of(None, "expired_card") is Reason.expired
    assert reason_of(None, "card_declined") is Reason.said_no
