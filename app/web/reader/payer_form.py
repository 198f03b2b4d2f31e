"""What every form that leads to Stripe asks of whoever pays: its fields, its checks, its words."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField, ValidationError

from app.giving.forms import LONGEST_NAME, NONCE
from app.giving.rules import NameTooLong, check_name, tidy_line
from app.kernel.ids import new_nonce
from app.vault.addresses import AddressNotUsable, check_address
from app.vault.vault import PersonInClear
from app.web.languages import translate as _
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.typed import known_currency
from config.newsroom import Newsroom

TICKED = "yes"


def line() -> Any:
    """Return a field of one line of text."""
    return StringField(default="", filters=[lambda text: tidy_line(text or "")])


class PayerForm(Form):
    """The part of a form that says who pays, in which currency, and by which showing of it."""

    nonce = line()
    currency = line()
    email = line()
    name = line()
    campaign = line()
    cover_fees = line()
    mail_me = line()

    def __init__(self, sent: MultiDict[str, str], newsroom: Newsroom, *, language: str) -> None:
        super().__init__(sent)
        self._newsroom = newsroom
        self._language = language

    @property
    def wrong(self) -> dict[str, str]:
        """What to say about each field, by its name, once `validate()` has been asked."""
        return {name: str(field.errors[0]) for name, field in self._fields.items() if field.errors}

    @property
    def chosen_currency(self) -> str | None:
        """The currency, where the newsroom takes it."""
        return known_currency(self.currency.data, self._newsroom)

    @property
    def usable_nonce(self) -> str:
        """The nonce of this showing of the form, or a new one where it was lost."""
        return self.nonce.data if NONCE.fullmatch(self.nonce.data) else new_nonce()

    @property
    def covers_fees(self) -> bool:
        """Whether the box beside the fees is ticked."""
        return bool(self.cover_fees.data == TICKED)

    @property
    def asks_for_mail(self) -> bool:
        """Whether one mail with a link may go out."""
        return bool(self.mail_me.data == TICKED)

    def payer(self) -> PersonInClear:
        """Return who pays. Valid forms only."""
        return PersonInClear(address=check_address(self.email.data), name=check_name(self.name.data))

    def validate_nonce(self, field: StringField) -> None:
        """Ask once more where the hidden field is missing: a double sending could not be told."""
        if not NONCE.fullmatch(field.data or ""):
            raise ValidationError(
                _("This form had lost its number. All you typed is here: please send it again.")
            )

    def validate_currency(self, _field: StringField) -> None:
        """Take the newsroom's currencies only."""
        if not self.chosen_currency:
            raise ValidationError(_("We do not take this currency. Choose one of those listed."))

    def validate_email(self, field: StringField) -> None:
        """Take an address that mail can reach."""
        if not field.data:
            raise ValidationError(_("Type your e-mail address: the receipt goes there."))
        try:
            check_address(field.data)
        except AddressNotUsable:
            raise ValidationError(no_such_address()) from None

    def validate_name(self, field: StringField) -> None:
        """Take a name that fits on a receipt."""
        try:
            check_name(field.data or "")
        except NameTooLong:
            raise ValidationError(
                _(
                    "A name may have at most %(most)s characters. Please shorten it, or leave it out.",
                    most=LONGEST_NAME,
                )
            ) from None
