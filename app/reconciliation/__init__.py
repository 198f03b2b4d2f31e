"""How far our rows have been held against Stripe's, and whether this deployment may speak."""
