"""Gift memberships: paid once by one person, claimed with a code by another, who is never charged."""
