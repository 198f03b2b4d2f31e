"""Stripe's snapshots become our rows: one file per Stripe object, one transaction each time."""
