"""Starts the whole product beside a local Stripe and a mail catcher, for `make demo`."""
