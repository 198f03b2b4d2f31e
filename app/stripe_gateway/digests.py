"""A short text that differs where two pictures of an object differ."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.stripe_gateway.money_snapshots import PayoutSnapshot
from app.stripe_gateway.snapshots import CustomerSnapshot, PaymentSnapshot, RefundSnapshot

DIGEST_BYTES = 16


def digest_of(snapshot: Any, keyed: Callable[[str], str]) -> str:
    """Return the digest of a snapshot: 32 hexadecimal digits.

    A customer's address counts as its keyed hash, or whoever reads the row could try addresses. With a
    payment its invoice and its customer do not count: they are objects with digests of their own; nor does
    its receipt's number, nor with a refund its credit note's: we write them there ourselves. What a payout
    is made of never changes once it is matched, and no list of payouts shows it.

    Args: keyed: the vault's keyed hash of a text.
    """
    text = repr(sorted(vars(_counted(snapshot, keyed)).items()))
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def _counted(snapshot: Any, keyed: Callable[[str], str]) -> Any:
    if isinstance(snapshot, PaymentSnapshot):
        return replace(snapshot, invoice=None, customer_address=None, receipt_number=None)
    if isinstance(snapshot, RefundSnapshot):
        return replace(snapshot, note_number=None)
    if isinstance(snapshot, PayoutSnapshot):
        return replace(snapshot, lines=(), intent_ids={})
    if isinstance(snapshot, CustomerSnapshot) and snapshot.address:
        return replace(snapshot, address=keyed(snapshot.address))
    return snapshot
