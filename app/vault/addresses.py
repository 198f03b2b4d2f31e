"""Checks addresses, and tells which spellings are one mailbox."""

from email_validator import EmailNotValidError, validate_email

from app.kernel.errors import BadInput

LONGEST_ADDRESS = 254
_DOTS_AND_TAGS_IGNORED = frozenset({"gmail.com", "googlemail.com"})


class AddressNotUsable(BadInput):
    """The text is not an address that mail could reach."""


def check_address(text: str) -> str:
    """Return the address as we write to it: trimmed, its domain in lower case and in ASCII.

    A domain such as `bücher.example` is kept by its `xn--` name, which every mail server takes.
    Raises: AddressNotUsable.
    """
    try:
        return _in_ascii(text)
    except EmailNotValidError as invalid:
        raise AddressNotUsable(type(invalid).__name__) from None


def normalise_address(address: str) -> str:
    """Return the spelling under which one mailbox is always found.

    Case never tells mailboxes apart in practice. Plus tags and dots are dropped only where the
    provider is known to ignore them: elsewhere they may be another person.
    """
    try:
        known = _in_ascii(address)
    except EmailNotValidError:
        known = address.strip()  # as Stripe has it: whatever was once taken is found again
    local, _, domain = known.lower().rpartition("@")
    if domain in _DOTS_AND_TAGS_IGNORED:
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _in_ascii(text: str) -> str:
    """Read an address by IDNA 2008: by the older rule `straße.example` would be `strasse.example`."""
    read = validate_email(
        text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
    )
    return str(read.ascii_email)
