"""What every family of letters uses: whom it is to, and the turns of phrase that come back."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from babel.support import NullTranslations
from sqlalchemy.orm import Session

from app.billing.models import Payment, Subscription
from app.billing.rows import find_subscription
from app.flows.gift_of import gift_of
from app.flows.links import LinkKind, sign_link
from app.flows.parts import Parts
from app.kernel.catalogues import translations
from app.kernel.clock import local_date
from app.kernel.formatting import format_day, format_money
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.compose import Button
from app.outbox.queue import MailLease
from app.receipts.wording import method_in_words
from app.vault.vault import PersonInClear


@dataclass(frozen=True)
class NotNeeded:
    """Why a letter that was queued is not sent: a reason for the row, never with a person in it."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Addressed:
    """A letter's recipient and language, and the parts it is made with."""

    parts: Parts
    lease: MailLease
    recipient: PersonInClear

    @property
    def language(self) -> str:
        """The language of the letter."""
        return self.lease.language

    @property
    def words(self) -> NullTranslations:
        """The words of that language."""
        return translations(self.language)

    @property
    def newsroom(self) -> str:
        """The newsroom's name."""
        return self.parts.newsroom.name

    def day(self, at: datetime) -> str:
        """Return the day of an instant, where the newsroom is."""
        return format_day(local_date(at, self.parts.newsroom.zone), self.language)

    def hello(self) -> str:
        """Return the first line of a letter that has news."""
        if not self.recipient.name:
            return self.words.gettext("Hello,")
        return self.words.gettext("Hello %(name)s,") % {"name": self.recipient.name}


@dataclass(frozen=True, kw_only=True)
class Support:
    """A subscription as letters speak of it."""

    row: Subscription
    to_give_again: Money
    """The gift alone: a form filled in with it adds the fees by itself."""

    @property
    def amount(self) -> Money:
        """What each interval is charged."""
        return Money(self.row.amount_minor, self.row.currency)

    def gift(self, to: Addressed) -> str:
        """Return `€5 every month`."""
        return gift_in_words(self.amount, self.row.interval, to.language)

    def card(self, to: Addressed) -> str | None:
        """Return `Visa ending 4242`."""
        named = " ".join(filter(None, (self.row.method, self.row.method_last4)))
        return method_in_words(named or None, to.language)

    def mend_link(self, to: Addressed) -> str:
        """Return the address of the page that takes another card."""
        return sign_link(to.parts, LinkKind.mend, self.row.id)

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended and is not to end."""
        return not (self.row.ended_at or self.row.cancel_at)

    def end_link(self, to: Addressed) -> str:
        """Return the address of the page that ends this support."""
        return sign_link(to.parts, LinkKind.end, self.row.id)

    def ways(self, to: Addressed, *, with_card: bool = True) -> list[Button]:
        """Return the quiet ways at the foot of a letter: to another card, to all changes, and out.

        Args: with_card: False where the letter's own button leads there.
        """
        words = to.words
        card = Button(label=words.gettext("Use another card"), link=self.mend_link(to))
        change = Button(
            label=words.gettext("See or change your support"),
            link=f"{to.parts.public_base_url}/manage?lang={to.language}",
        )
        end = Button(label=words.gettext("End this support"), link=self.end_link(to))
        return [card, change, end] if with_card else [change, end]

    def begin_again(self, to: Addressed) -> Button:
        """Return the way to the form, filled in as it was."""
        label = to.words.gettext("Support %(newsroom)s again") % {"newsroom": to.newsroom}
        return Button(
            label=label, link=form_link(to, self.row.interval, self.row.currency, self.to_give_again)
        )


def find_support(session: Session, lease: MailLease) -> Support | NotNeeded:
    """Return the subscription a letter is about."""
    row = find_subscription(session, lease.about_id) if lease.about_id else None
    return support_of(session, row) if row else NotNeeded("the subscription is not known")


def support_of(session: Session, row: Subscription) -> Support:
    """Return a subscription as letters speak of it."""
    return Support(row=row, to_give_again=gift_of(session, row))


def find_support_of(session: Session, payment_id: UUID) -> Support | None:
    """Return the support a payment was of; None where it was given once."""
    payment = session.get(Payment, payment_id)
    row = find_subscription(session, (payment.stripe_subscription_id if payment else None) or "")
    return support_of(session, row) if row else None


def matter_of(lease: MailLease) -> dict[str, Any]:
    """Return the amounts and days that were kept with a mail when it was queued."""
    kept: dict[str, Any] = json.loads(lease.matter) if lease.matter else {}
    return kept


def gift_in_words(amount: Money, interval: Interval, language: str) -> str:
    """Return `€5 every month`, `€60 every year`."""
    words, text = translations(language), format_money(amount, language)
    said = {
        Interval.once: words.gettext("%(amount)s once"),
        Interval.month: words.gettext("%(amount)s every month"),
        Interval.year: words.gettext("%(amount)s every year"),
    }
    return said[interval] % {"amount": text}


def form_link(
    to: Addressed, interval: Interval, currency: str, amount: Money | None, *, campaign: str | None = None
) -> str:
    """Return the address of the form, filled in so."""
    query = {
        "interval": interval.value,
        "currency": currency,
        "amount": amount.plain() if amount else "",
        "campaign": campaign or "",
        "lang": to.language,
    }
    filled = urlencode({name: value for name, value in query.items() if value})
    return f"{to.parts.public_base_url}/support?{filled}"


def facts(*pairs: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Return the facts of a letter that are known."""
    return [(label, value) for label, value in pairs if value]
