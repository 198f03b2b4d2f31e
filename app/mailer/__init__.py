"""The only part that talks to a mail server."""
