"""Receipts: the numbered, immutable acknowledgement of each payment."""
