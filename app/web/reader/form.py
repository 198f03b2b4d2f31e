"""The support form as it is sent: fields, checks, and what to say about each mistake.

There is no CSRF token: the form rides on no authority, nobody is signed in here, and all it can do is
open a page at Stripe on which the reader decides.

Fields: `nonce` (from the form's own hidden field), `interval` (once, month, year), `currency`, `amount`
(a number in the currency's main unit, or `other`), `other_amount`, `email`, `name`, `campaign`, `variant`
(of the appeal that led here), `lang`;
`cover_fees`, and `agreed_total`, the sum that was shown for a typed amount; `note_kind` and `note`;
`mail_me`, where one mail may go out should the reader not finish.
The page itself sends `amount_once`, `amount_month` and `amount_year`, one set of tiles each, so that it
works without a script; `amount` counts before them.
"""

from dataclasses import replace

from wtforms import StringField, ValidationError

from app.giving.fees import find_total
from app.giving.forms import LONGEST_NOTE, PledgeForm
from app.giving.models import NoteKind
from app.giving.rules import (
    AmountTooLarge,
    AmountTooSmall,
    NoteTooLong,
    check_bounds,
    check_note,
    tidy_lines,
)
from app.kernel.intervals import Interval
from app.kernel.money import AmountNotUnderstood, AmountReadTwoWays, Money, parse_money
from app.web.languages import translate as _
from app.web.reader.amount_mistakes import both_readings, how_to_write, least_in_words, most_in_words
from app.web.reader.offer import CHOSEN_AT_FIRST, OTHER
from app.web.reader.payer_form import PayerForm, line
from app.web.reader.typed import Typed, known_campaign, known_interval, known_variant


class SupportForm(PayerForm):
    """One sent form; `validate()` first, then `pledge()`."""

    interval = line()
    amount = line()
    amount_once = line()
    amount_month = line()
    amount_year = line()
    other_amount = line()
    variant = line()
    agreed_total = line()
    note_kind = line()
    note = StringField(default="", filters=[lambda text: tidy_lines(text or "")])

    @property
    def chosen_interval(self) -> Interval | None:
        """The interval, where it is one."""
        return known_interval(self.interval.data)

    @property
    def chosen_note_kind(self) -> NoteKind:
        """What the reader's words are; a word to the newsroom where nothing else is said."""
        kind = self.note_kind.data
        return NoteKind(kind) if kind in NoteKind.__members__ else NoteKind.word

    def find_total(self) -> Money | None:
        """Return what is charged with the fees covered, where the reader wishes so. Valid forms only."""
        return find_total(self._newsroom, self._read_amount()) if self.covers_fees else None

    def find_unseen_total(self) -> Money | None:
        """Return what a typed amount comes to with the fees covered, until the reader has been shown it."""
        total = self.find_total()
        if total is None or self._chosen_tile(self.typed()) or self.agreed_total.data == total.plain():
            return None
        return total

    def pledge(self) -> PledgeForm:
        """Return what the reader promises. The form must have been found valid."""
        interval = self.chosen_interval
        assert interval is not None  # noqa: S101 (what validate() has seen to; for the type checker)
        return PledgeForm(
            nonce=self.nonce.data,
            amount=self._read_amount(),
            interval=interval,
            contact=self.payer(),
            campaign=known_campaign(self.campaign.data),
            language=self._language,
            variant=known_variant(self.variant.data, self._newsroom),
            total=self.find_total(),
            note=check_note(self.note.data or ""),
            note_kind=self.chosen_note_kind,
            asks_for_mail=self.asks_for_mail,
        )

    def typed(self) -> Typed:
        """Return the form to show again, with all that was typed on it."""
        typed = Typed(
            interval=self.chosen_interval or CHOSEN_AT_FIRST,
            currency=self.chosen_currency or self._newsroom.default_currency,
            amount=None,
            other_amount=self.other_amount.data,
            email=self.email.data,
            name=self.name.data,
            campaign=known_campaign(self.campaign.data),
            variant=known_variant(self.variant.data, self._newsroom),
            covers_fees=self.covers_fees,
            asks_for_mail=self.asks_for_mail,
            note_kind=self.chosen_note_kind,
            note=self.note.data or "",
        )
        tile = self._chosen_tile(typed)
        if tile:
            return replace(typed, amount=tile)
        if self._amount_text() or self._chosen_amount() == OTHER:
            return replace(typed, amount=OTHER, other_amount=self._amount_text())
        return typed

    def validate_interval(self, _field: StringField) -> None:
        """Take the three intervals only."""
        if not self.chosen_interval:
            raise ValidationError(_("Choose once, monthly or yearly."))

    def validate_amount(self, _field: StringField) -> None:
        """Take an amount within the newsroom's bounds."""
        interval, currency = self.chosen_interval, self.chosen_currency
        if not interval or not currency:
            return
        if not self._amount_text():
            raise ValidationError(_("Choose an amount, or type your own."))
        try:
            check_bounds(self._newsroom, self._read_amount(), interval)
        except AmountReadTwoWays as doubtful:
            raise ValidationError(both_readings(doubtful)) from None
        except AmountNotUnderstood:
            raise ValidationError(how_to_write(self._newsroom.least(currency, interval))) from None
        except AmountTooSmall as too_small:
            raise ValidationError(least_in_words(too_small.least, interval, self._language)) from None
        except AmountTooLarge as too_large:
            contact = self._newsroom.contact_address
            raise ValidationError(most_in_words(too_large.most, contact, self._language)) from None

    def validate_note(self, field: StringField) -> None:
        """Take a dedication or message of a few lines."""
        try:
            check_note(field.data or "")
        except NoteTooLong:
            raise ValidationError(
                _("These words may have at most %(most)s characters. Please shorten them.", most=LONGEST_NOTE)
            ) from None

    def _chosen_tile(self, typed: Typed) -> str | None:
        try:
            amount = parse_money(self._chosen_amount(), typed.currency)
        except AmountNotUnderstood:
            return None
        suggested = self._newsroom.suggested(typed.currency, typed.interval)
        return amount.plain() if amount in suggested else None

    def _chosen_amount(self) -> str:
        interval = self.chosen_interval or CHOSEN_AT_FIRST
        return str(self.amount.data or self[f"amount_{interval}"].data)

    def _amount_text(self) -> str:
        chosen = self._chosen_amount()
        return chosen if chosen and chosen != OTHER else str(self.other_amount.data)

    def _read_amount(self) -> Money:
        currency = self.chosen_currency or self._newsroom.default_currency
        return parse_money(self._amount_text(), currency)
