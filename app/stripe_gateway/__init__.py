"""The only part that talks to Stripe."""
