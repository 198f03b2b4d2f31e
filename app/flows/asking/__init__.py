"""What is asked of Stripe, from the wish to what came of it."""
