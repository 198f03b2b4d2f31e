"""Checks addresses, and tells which spellings are one mailbox."""

from email_validator import EmailNotValidError, validate_email

from app.kernel.errors import BadInput

LONGEST_ADDRESS = 254
_DOTS_AND_TAGS_IGNORED = frozenset({"gmail.com", "googlemail.com"})


class AddressNotUsable(BadInput):
    """The text is not an address that mail could reach."""


def check_address(text: str) -> str:
    """Return the address as we write to it: trimmed, its domain in lower case.

    Raises: AddressNotUsable.
    """
    try:
        return validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        ).normalized
    except EmailNotValidError as invalid:
        raise AddressNotUsable(type(invalid).__name__) from None


def normalise_address(address: str) -> str:
    """Return the spelling under which one mailbox is always found.

    Case never tells mailboxes apart in practice. Plus tags and dots are dropped only where the
    provider is known to ignore them: elsewhere they may be another person.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    if domain in _DOTS_AND_TAGS_IGNORED:
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
