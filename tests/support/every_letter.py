"""Brings about every kind of letter, one after the other, so that each can be read as it goes out."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
import time_machine

from app.billing.models import Invoice, Payment, Subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus
from app.db import transaction
from app.flows.sign_in import Asking, ask_to_sign_in
from app.flows.unfinished import mail_unfinished
from app.kernel.clock import local_date, utc_now
from app.kernel.ids import new_nonce
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.vault.vault import PersonInClear
from tests.support.mail import MailCatcher
from tests.support.world import World

NEEDS_A_STORY = frozenset(
    {
        MailKind.receipt,
        MailKind.receipt_again,
        MailKind.credit_note,
        MailKind.address_confirm,
        MailKind.address_changed,
        MailKind.erased,
        MailKind.reminder_confirm,
        MailKind.reminder,
        MailKind.gift_code,
        MailKind.gift_for_you,
        MailKind.gift_claim,
        MailKind.gift_ending,
    }
)
"""They carry a document, or go to a contact, and have tests of their own."""


class EveryLetter:
    """One member's life, told in letters. The world must be empty."""

    def __init__(self, world: World, mails: MailCatcher, person: PersonInClear, language: str) -> None:
        self._world, self._mails = world, mails
        self._person, self._language = person, language

    def write(self) -> dict[MailKind, EmailMessage]:
        """Return a letter of every kind."""
        unfinished = self._leave_unfinished()
        self._give()
        at = self._subscription().current_period_end
        assert at
        self._set(method_expires_on=local_date(at, self._world.parts.newsroom.zone) - timedelta(days=3))
        found = self._while_it_goes_on() | self._while_it_changes() | self._while_signing_in()
        return unfinished | found | self._while_it_fails() | self._when_it_is_over()

    def _leave_unfinished(self) -> dict[MailKind, EmailMessage]:
        form = self._world.form(self._person, language=self._language)
        self._world.send(replace(form, asks_for_mail=True))
        with time_machine.travel(utc_now() + timedelta(hours=4)):
            mail_unfinished(self._world.parts, now=utc_now())
            return {MailKind.support_unfinished: self._drain()[-1]}

    def _while_it_goes_on(self) -> dict[MailKind, EmailMessage]:
        row = self._subscription()
        assert row.current_period_end
        assert row.method_expires_on
        charged: dict[str, object] = {"amount_minor": row.amount_minor, "currency": row.currency}
        matters: dict[MailKind, dict[str, object]] = {
            MailKind.card_expiring: {"expires_on": row.method_expires_on.isoformat()},
            MailKind.charge_coming: {"charge_at": row.current_period_end.isoformat()},
            MailKind.support_changed: charged,
            MailKind.support_resumed: charged,
        }
        return {kind: self._send(kind, matter) for kind, matter in matters.items()}

    def _while_it_changes(self) -> dict[MailKind, EmailMessage]:
        at = self._subscription().current_period_end
        self._set(pause_behavior="void", paused_until=at)
        paused = self._send(MailKind.support_paused, {})
        self._set(pause_behavior=None, paused_until=None, cancel_at=at)
        ending = self._send(MailKind.support_ending, {})
        self._set(cancel_at=None)
        first = self._subscription().stripe_subscription_id
        self._give()
        doubled = self._send(MailKind.second_subscription, {})
        second = self._world.rows(Subscription)[1].stripe_subscription_id
        assert first != second
        self._world.v1.subscriptions.cancel(second)
        self._world.settle()
        self._drain()
        return {
            MailKind.support_paused: paused,
            MailKind.support_ending: ending,
            MailKind.second_subscription: doubled,
        }

    def _while_signing_in(self) -> dict[MailKind, EmailMessage]:
        asking = Asking(address=self._person.address, network="192.0.2.1")
        ask_to_sign_in(self._world.parts, asking, language=self._language, now=utc_now())
        return {MailKind.sign_in: self._drain()[-1]}

    def _while_it_fails(self) -> dict[MailKind, EmailMessage]:
        world = self._world
        world.change_card(self._subscription().stripe_subscription_id, "tok_chargeCustomerFail")
        world.advance(days=31.2)
        world.settle()
        failed = self._drain()
        self._set_open_payment(status=PaymentStatus.requires_action)
        confirm = self._send_about_invoice(MailKind.payment_needs_action)
        self._set_open_payment(
            status=PaymentStatus.requires_payment_method, decline_code="insufficient_funds"
        )
        reminder = self._send_about_invoice(MailKind.payment_reminder)
        self._stop_trying()
        notice = self._send_about_invoice(MailKind.payment_last_notice)
        recovered = self._send_about_invoice(MailKind.payment_recovered, tries=1)
        return {
            MailKind.payment_failed: failed[-1],
            MailKind.payment_needs_action: confirm,
            MailKind.payment_reminder: reminder,
            MailKind.payment_last_notice: notice,
            MailKind.payment_recovered: recovered,
        }

    def _when_it_is_over(self) -> dict[MailKind, EmailMessage]:
        self._world.v1.subscriptions.cancel(self._subscription().stripe_subscription_id)
        self._world.settle()
        return {MailKind.support_ended: self._drain()[-1]}

    def _give(self) -> None:
        session_id = self._world.open_session(self._world.form(self._person, language=self._language))
        self._world.pay(session_id, self._person)
        self._world.settle()
        self._drain()

    def _subscription(self) -> Subscription:
        return self._world.rows(Subscription)[0]

    def _set(self, **values: Any) -> None:
        with transaction(self._world.parts.sessions) as session:
            row = self._subscription().id
            session.execute(sa.update(Subscription).where(Subscription.id == row).values(values))

    def _set_open_payment(self, **values: Any) -> None:
        with transaction(self._world.parts.sessions) as session:
            session.execute(sa.update(Payment).where(Payment.paid_at.is_(None)).values(values))

    def _stop_trying(self) -> None:
        with transaction(self._world.parts.sessions) as session:
            is_open = Invoice.status == InvoiceStatus.open
            session.execute(sa.update(Invoice).where(is_open).values(next_attempt_at=None))

    def _send_about_invoice(self, kind: MailKind, tries: int = 0) -> EmailMessage:
        payment = next(row for row in self._world.rows(Payment) if row.paid_at is None)
        assert payment.stripe_invoice_id
        return self._send(kind, {"try": 1, "tries": tries}, about_id=payment.stripe_invoice_id)

    def _send(self, kind: MailKind, matter: dict[str, object], about_id: str = "") -> EmailMessage:
        mail = Mail(
            kind=kind,
            dedupe_key=new_nonce(),
            member_id=self._world.one(Member).id,
            language=self._language,
            about_id=about_id or self._subscription().stripe_subscription_id,
            matter=matter,
        )
        with transaction(self._world.parts.sessions) as session:
            enqueue(session, mail, now=utc_now())
        return self._drain()[-1]

    def _drain(self) -> list[EmailMessage]:
        """Send what waits; returns it, and keeps nothing."""
        self._mails.clear()
        self._world.send_mail()
        sent = list(self._mails.messages)
        assert sent
        return sent
