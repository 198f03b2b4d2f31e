"""Signed webhooks, sent and retried in the background."""
