"""The form of a gift membership as it is sent: fields, checks, and what to say about each mistake.

Like the form of support it rides on no authority, and all it can do is open a page at Stripe.

Fields: `nonce`, `months` (one of the newsroom's lengths), `currency`, `cover_fees`, `email` and `name` (the
giver's), `mail_me`, `campaign`, `lang`; `recipient` (an address, if we are to write there), `send_on` (a day,
`2027-01-31`, if not at once) and `words` for the recipient.
"""

from dataclasses import dataclass
from datetime import date

from wtforms import StringField, ValidationError

from app.gifts.rules import GiftWish, latest_day
from app.giving.fees import find_total
from app.giving.forms import LONGEST_NOTE, PledgeForm
from app.giving.rules import NoteTooLong, check_note, tidy_lines
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.vault.addresses import AddressNotUsable, check_address
from app.web.languages import translate as _
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.payer_form import PayerForm, line
from app.web.reader.typed import known_campaign
from config.gifts import GiftTerms


@dataclass(frozen=True, kw_only=True)
class GiftTyped:
    """One state of the form, as text."""

    months: int
    currency: str
    email: str = ""
    name: str = ""
    recipient: str = ""
    send_on: str = ""
    words: str = ""
    campaign: str | None = None
    covers_fees: bool = False
    asks_for_mail: bool = False


class GiftForm(PayerForm):
    """One sent form; `validate()` first, then `wish()` and `pledge()`."""

    months = line()
    recipient = line()
    send_on = line()
    words = StringField(default="", filters=[lambda text: tidy_lines(text or "")])

    @property
    def terms(self) -> GiftTerms:
        """What the newsroom offers; the page is there only where it offers something."""
        assert self._newsroom.gifts is not None  # noqa: S101 (for the type checker)
        return self._newsroom.gifts

    @property
    def chosen_months(self) -> int | None:
        """The length, where it is one of the newsroom's."""
        text = self.months.data
        return next((months for months in self.terms.months if str(months) == text), None)

    @property
    def chosen_currency(self) -> str | None:
        """The currency, where gifts are offered in it."""
        currency = self.currency.data.lower()
        return currency if currency in self.terms.monthly else None

    def wish(self) -> GiftWish:
        """Return what is given, and to whom it is sent. Valid forms only."""
        months, recipient = self.chosen_months, self.recipient.data
        assert months is not None  # noqa: S101 (what validate() has seen to)
        return GiftWish(
            months=months,
            words=check_note(self.words.data or ""),
            recipient=check_address(recipient) if recipient else None,
            send_on=self._day(),
        )

    def pledge(self) -> PledgeForm:
        """Return what the giver promises. Valid forms only."""
        price = self._price()
        return PledgeForm(
            nonce=self.nonce.data,
            amount=price,
            interval=Interval.once,
            contact=self.payer(),
            campaign=known_campaign(self.campaign.data),
            language=self._language,
            total=find_total(self._newsroom, price) if self.covers_fees else None,
            asks_for_mail=self.asks_for_mail,
            what_for=self.wish().typed(),
        )

    def typed(self) -> GiftTyped:
        """Return the form to show again, with all that was typed on it."""
        return GiftTyped(
            months=self.chosen_months or self.terms.months[0],
            currency=self.chosen_currency or next(iter(self.terms.monthly)),
            email=self.email.data,
            name=self.name.data,
            recipient=self.recipient.data,
            send_on=self.send_on.data,
            words=self.words.data or "",
            campaign=known_campaign(self.campaign.data),
            covers_fees=self.covers_fees,
            asks_for_mail=self.asks_for_mail,
        )

    def validate_months(self, _field: StringField) -> None:
        """Take the newsroom's lengths only."""
        if self.chosen_months is None:
            raise ValidationError(_("Choose how long the gift shall last."))

    def validate_recipient(self, field: StringField) -> None:
        """Take an address that mail can reach, or none; a day alone is not enough."""
        if not field.data:
            if self.send_on.data:
                raise ValidationError(_("Type the address to write to on that day, or leave the day empty."))
            return
        try:
            check_address(field.data)
        except AddressNotUsable:
            raise ValidationError(no_such_address()) from None

    def validate_send_on(self, field: StringField) -> None:
        """Take a day from today on, while the code is good."""
        if not field.data:
            return
        today = local_date(utc_now(), self._newsroom.zone)
        day = self._day()
        if day is None:
            raise ValidationError(_("Write the day as 2027-01-31: year, month, day."))
        if day < today:
            raise ValidationError(_("This day is over. Choose one that is to come, or leave it empty."))
        if day > latest_day(today):
            raise ValidationError(_("Choose a day within the next eleven months."))

    def validate_words(self, field: StringField) -> None:
        """Take words of a few lines."""
        try:
            check_note(field.data or "")
        except NoteTooLong:
            raise ValidationError(
                _("These words may have at most %(most)s characters. Please shorten them.", most=LONGEST_NOTE)
            ) from None

    def _day(self) -> date | None:
        try:
            return date.fromisoformat(self.send_on.data)
        except ValueError:
            return None

    def _price(self) -> Money:
        months, currency = self.chosen_months, self.chosen_currency
        assert months is not None  # noqa: S101 (what validate() has seen to)
        assert currency is not None  # noqa: S101 (likewise)
        return self.terms.price(months, currency)
