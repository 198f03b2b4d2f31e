"""Every page behind the links in our mails, in every state."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
import time_machine
from playwright.sync_api import Page

from app.billing.models import Invoice, Payment, Subscription
from app.billing.statuses import InvoiceStatus, PaymentStatus
from app.db import save_row, transaction
from app.flows.links import LINK_DAYS, LinkKind, Way, sign_link, sign_return
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from tests.journeys.scenes import LAST_LOOK, Readers, Scene, follow
from tests.support.stage import Stage
from tests.support.world import World


class Managed:
    """One member's support, put into the states that the pages tell of."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = World(stage.parts, stage.stripe)
        session_id = Readers(stage).paid_session()
        (made,) = (one for one in stage.stripe.objects("checkout.session") if one["id"] == session_id)
        self._of_it = Subscription.stripe_subscription_id == made["subscription"]
        stage.wait_until(self._has_member, what="a running support")
        self.come_to_rest()
        self._intent_id = f"pi_{new_id().hex}"

    def come_to_rest(self) -> None:
        """Wait until nothing that happened is still on its way.

        A worker that looks at the subscription only now would write Stripe's picture over what is set here
        by hand: a press on our pages changes the card at Stripe, and Stripe tells of it when it likes.
        """
        self._stage.wait_until(self._is_at_rest, what="all that Stripe tells of has come through")

    def _is_at_rest(self) -> bool:
        counts = self._stage.stripe.deliver_now()["counts"]
        return not counts.get("pending") and not self._world.pending()

    def path(self, kind: LinkKind, *, days_ago: float = 0) -> str:
        """Return the path of a link."""
        row_id = self._invoice().id if kind is LinkKind.confirm else self.row().id
        with time_machine.travel(utc_now() - timedelta(days=days_ago)):
            return urlsplit(sign_link(self._stage.parts, kind, row_id)).path

    def path_back(self) -> str:
        """Return the path of a way back from Stripe, whose page does not look again by itself."""
        token = sign_return(self._stage.parts, self.row().id, Way.card)
        return f"/manage/mend/{token}/done?look={LAST_LOOK}"

    def set(self, **values: Any) -> None:
        """Set columns of the subscription."""
        with transaction(self._stage.parts.sessions) as session:
            session.execute(sa.update(Subscription).where(self._of_it).values(values))

    def fail(self, status: PaymentStatus = PaymentStatus.requires_payment_method) -> None:
        """Let a renewal be open, for an invoice that Stripe does not know."""
        row, now = self.row(), utc_now()
        amount = {"currency": row.currency, "synced_at": now}
        with transaction(self._stage.parts.sessions) as session:
            invoice = {
                "stripe_invoice_id": f"in_{self._intent_id}",
                "stripe_subscription_id": row.stripe_subscription_id,
                "stripe_customer_id": row.stripe_customer_id,
                "status": InvoiceStatus.open,
                "billing_reason": "subscription_cycle",
                "amount_due": row.amount_minor,
                "amount_paid": 0,
                "period_start": now,
                "period_end": now + timedelta(days=30),
                "attempt_count": 1,
                "next_attempt_at": now + timedelta(days=3),
                "finalized_at": now,
            }
            save_row(session, Invoice, "stripe_invoice_id", invoice | amount)
            payment = {
                "stripe_payment_intent_id": self._intent_id,
                "stripe_invoice_id": invoice["stripe_invoice_id"],
                "status": status,
                "interval": Interval.month,
                "amount_minor": row.amount_minor,
                "amount_refunded_minor": 0,
                "decline_code": "insufficient_funds",
                "created_at": now,
            }
            save_row(session, Payment, "stripe_payment_intent_id", payment | amount)

    def forget_failure(self) -> None:
        """Let the renewal be void."""
        with transaction(self._stage.parts.sessions) as session:
            failed = sa.update(Invoice).where(Invoice.stripe_invoice_id == f"in_{self._intent_id}")
            session.execute(failed.values(status=InvoiceStatus.void))

    def row(self) -> Subscription:
        """Return the support."""
        return self._world.one(Subscription, self._of_it)

    def _invoice(self) -> Invoice:
        return self._world.one(Invoice, Invoice.stripe_invoice_id == f"in_{self._intent_id}")

    def _has_member(self) -> UUID | None:
        rows = self._world.rows(Subscription, self._of_it)
        return rows[0].member_id if rows else None


def walk_manage_pages(page: Page, stage: Stage) -> Iterator[Scene]:
    """Show every page behind our links; a scene is named for what its title says."""
    managed = Managed(stage)
    yield from _walk_mend(page, managed)
    yield from _walk_done(page, managed, stage)
    yield from _walk_confirm(page, managed)
    yield from _walk_end(page, managed)
    yield from _walk_expired(page, managed)


def _walk_mend(page: Page, managed: Managed) -> Iterator[Scene]:
    yield _show(page, "fine", managed.path(LinkKind.mend))
    managed.fail()
    yield _show(page, "open", managed.path(LinkKind.mend))
    managed.fail(PaymentStatus.requires_action)
    yield _show(page, "to confirm, mend", managed.path(LinkKind.mend))
    managed.fail(PaymentStatus.processing)
    yield _show(page, "on its way", managed.path(LinkKind.mend))


def _walk_done(page: Page, managed: Managed, stage: Stage) -> Iterator[Scene]:
    managed.fail()
    yield _show_answered(page, "declined", managed.path_back(), stage)
    managed.fail(PaymentStatus.requires_action)
    yield _show_answered(page, "one more step", managed.path_back(), stage)
    managed.forget_failure()
    yield _show_answered(page, "saved", managed.path_back(), stage)
    stage.stripe.faults("fail_before", route="*", count=1000)
    yield _show(page, "unsure", managed.path_back())
    stage.stripe.clear_faults()


def _walk_confirm(page: Page, managed: Managed) -> Iterator[Scene]:
    yield _show(page, "nothing to confirm", managed.path(LinkKind.confirm))
    managed.fail(PaymentStatus.requires_action)
    yield _show(page, "to confirm, page of its own", managed.path(LinkKind.confirm))
    yield _show(page, "end, overdue", managed.path(LinkKind.end))
    managed.forget_failure()


def _walk_end(page: Page, managed: Managed) -> Iterator[Scene]:
    managed.come_to_rest()
    yield _show(page, "end, running", managed.path(LinkKind.end))
    managed.set(cancel_at=utc_now() + timedelta(days=9))
    yield _show(page, "ending", managed.path(LinkKind.end))
    managed.set(cancel_at=None, ended_at=utc_now())
    yield _show(page, "ended", managed.path(LinkKind.end))
    yield _show(page, "over", managed.path(LinkKind.mend))
    managed.set(ended_at=None)


def _walk_expired(page: Page, managed: Managed) -> Iterator[Scene]:
    yield _show(page, "run out, end", managed.path(LinkKind.end, days_ago=LINK_DAYS + 1))
    yield _show(page, "run out, mend", managed.path(LinkKind.mend, days_ago=LINK_DAYS + 1))
    follow(page, page.locator("button.go"))
    yield "link sent", page


def _show_answered(page: Page, name: str, path: str, stage: Stage) -> Scene:
    """Show what came of a press, once Stripe has answered: on a slow machine the page says 503 at first."""
    stage.wait_until(lambda: _status_of(page, path) == 200, what=f"an answer for {name}")
    return name, page


def _status_of(page: Page, path: str) -> int:
    answer = page.goto(path)
    return answer.status if answer else 0


def _show(page: Page, name: str, path: str) -> Scene:
    page.goto(path)
    return name, page
