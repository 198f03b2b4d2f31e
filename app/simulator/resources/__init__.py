"""One file per Stripe resource; each lists its routes."""
