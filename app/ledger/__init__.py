"""The double-entry ledger: insert-only, one entry for each balance transaction."""
