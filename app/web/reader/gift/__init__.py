"""Gift memberships as readers meet them: the form, the card, the claim."""
