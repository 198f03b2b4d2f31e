"""Ids that look like Stripe's."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
# Every byte becomes a letter or digit; one translation is far cheaper than a choice per letter.
LETTERS = "".join(ALPHABET[byte % len(ALPHABET)] for byte in range(256)).encode()
PREFIXES = {
    "customer": ("cus_", 14),
    "product": ("prod_", 14),
    "price": ("price_", 24),
    "checkout.session": ("cs_test_", 60),
    "item": ("li_", 24),
    "payment_method": ("pm_", 24),
    "payment_intent": ("pi_", 24),
    "setup_intent": ("seti_", 24),
    "subscription": ("sub_", 24),
    "subscription_item": ("si_", 14),
    "invoice": ("in_", 24),
    "line_item": ("il_", 24),
    "invoice_payment": ("inpay_", 24),
    "invoiceitem": ("ii_", 24),
    "charge": ("ch_", 24),
    "refund": ("re_", 24),
    "balance_transaction": ("txn_", 24),
    "dispute": ("du_", 24),
    "payout": ("po_", 24),
    "mandate": ("mandate_", 24),
    "credit_note": ("cn_", 24),
    "credit_note_line_item": ("cnli_", 24),
    "customer_balance_transaction": ("cbtxn_", 24),
    "event": ("evt_", 24),
    "webhook_endpoint": ("we_", 24),
    "test_helpers.test_clock": ("clock_", 24),
    "billing_portal.configuration": ("bpc_", 24),
    "billing_portal.session": ("bps_", 24),
    "request": ("req_", 14),
    "secret": ("whsec_", 32),
}


def new_id(kind: str) -> str:
    """A fresh id for an object of that kind."""
    prefix, length = PREFIXES[kind]
    return prefix + random_text(length)


def random_text(length: int) -> str:
    """Letters and digits nobody can guess."""
    return secrets.token_bytes(length).translate(LETTERS).decode()
