"""Gift memberships: given and paid, sent, claimed, and shown to those whose they are."""
