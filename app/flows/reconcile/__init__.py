"""Compares our rows with Stripe's lists, and mends what differs."""
