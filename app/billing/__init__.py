"""Our copy of what Stripe holds, row by row, in Stripe's words."""
