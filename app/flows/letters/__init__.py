"""What each letter says: one file for each family of letters, one way in."""
