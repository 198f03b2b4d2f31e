"""A short text that differs where two pictures of an object differ."""

import hashlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, get_args, get_type_hints

from app.stripe_gateway.money_snapshots import PayoutSnapshot
from app.stripe_gateway.snapshots import CustomerSnapshot, PaymentSnapshot, RefundSnapshot

SHAPE_BYTES, CONTENT_BYTES = 4, 12
SHAPE_DIGITS = 2 * SHAPE_BYTES
READING = 1
"""Raised by hand where a field of the same name comes to be read otherwise."""


def digest_of(snapshot: Any, keyed: Callable[[str], str]) -> str:
    """Return the digest of a snapshot: 32 hexadecimal digits, of which the first eight tell its shape.

    A customer's address counts as its keyed hash, or whoever reads the row could try addresses. With a
    payment its invoice and its customer do not count: they are objects with digests of their own; nor does
    its receipt's number, nor with a refund its credit note's: we write them there ourselves. What a payout
    is made of never changes once it is matched, and no list of payouts shows it.

    Args: keyed: the vault's keyed hash of a text.
    """
    content = repr(sorted(vars(_counted(snapshot, keyed)).items()))
    return _shape_of(snapshot.__class__) + _short(content, CONTENT_BYTES)


def are_comparable(one: str, other: str) -> bool:
    """Whether two digests are of pictures with the same fields: then they differ only where Stripe does."""
    return one[:SHAPE_DIGITS] == other[:SHAPE_DIGITS]


@cache
def _shape_of(kind: Hashable) -> str:
    """Return a short text that differs once pictures of a kind have other fields, at any depth."""
    return _short(repr((READING, sorted(set(_fields_of(kind))))), SHAPE_BYTES)


def _fields_of(kind: Any) -> Iterator[str]:
    if not (isinstance(kind, type) and is_dataclass(kind)):
        for part in get_args(kind):
            yield from _fields_of(part)
        return
    hints = get_type_hints(kind)
    for field in fields(kind):
        yield f"{kind.__name__}.{field.name}"
        yield from _fields_of(hints[field.name])


def _short(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


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
