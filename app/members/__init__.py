"""Members and the dated facts of their memberships."""
