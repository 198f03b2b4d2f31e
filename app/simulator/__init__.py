"""A local Stripe: a process of its own that speaks Stripe's API over HTTP."""
