"""What to say about an e-mail address that cannot be used."""

from app.web.languages import translate as _


def no_such_address() -> str:
    """Say that no mail can reach it, and what one looks like."""
    return _("No mail can reach this address. Look for a slip: it should read like name@example.org.")
