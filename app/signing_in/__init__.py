"""Members who sign in: what they were sent, how often was asked, and who is signed in."""
