"""What follows a chaos run: one reconcile, and then nothing may be missing, doubled or different."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage

from flask import Flask

from app.asks.models import Ask
from app.kernel.clock import utc_now
from app.outbox.models import QueuedMail
from tests.faults.chaos.desk import ask_faults, finish_asks
from tests.faults.newsroom import Newsroom
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.world import World

DELIVERY_SECONDS = 120
NO_LONGER_TRUE = frozenset(
    {
        "the money went back",
        "the refund did not arrive",
        "the end was taken back, or has come",
        "the last notice says so",
        "the support has ended",
        "the support has ended otherwise",
        "only one support goes on by now",
        "it was changed once more",
        "it is no longer paused",
        "it is paused again",
        "it is charged to another card by now",
        "the next charge is another by now",
        "nothing is charged next",
        "nobody was told that it had failed",
        "a later try has a letter of its own",
        *(f"the invoice is {status} by now" for status in ("paid", "void", "uncollectible", "deleted")),
        *(f"the payment is {status} by now" for status in ("succeeded", "processing")),
    }
)
"""Why a letter is rightly dropped right before it is sent; any other reason is a fault."""
DEAD_HOURS = 0.05
"""Leases of the dead have run out by then."""
HOURS_LATER = 7
"""The longest wait of a mail is over by then."""


def converge(newsroom: Newsroom, product: Flask, afterwards: World) -> datetime:
    """Deliver what is left, end all processes, finish all asks, reconcile, and do all that comes of it.

    Returns: when the reconcile began, by our own clock.
    """
    newsroom.stripe.deliver_now(DELIVERY_SECONDS)
    newsroom.close()
    finish_asks(afterwards)
    began = utc_now()
    afterwards.wait_and(lambda: reconcile(product, afterwards), hours=DEAD_HOURS)
    afterwards.come_through()
    afterwards.wait_and(afterwards.send_mail, hours=HOURS_LATER)
    return began


def reconcile(product: Flask, afterwards: World) -> None:
    """Run the command that finds what nobody told us. Raises: AssertionError: not all is equal after it."""
    done = product.test_cli_runner().invoke(args=["stripe", "reconcile", "--full"])
    assert done.exit_code == 0, f"{done.output}\n{afterwards.pending()}\n{done.exception}"


def faults_of(afterwards: World, mails: MailCatcher, *, reconciled_at: datetime) -> list[str]:
    """Return everything that is not as it must be."""
    return [
        *differences(afterwards.parts.sessions, afterwards.stripe, silent_since=reconciled_at),
        *ask_faults(afterwards.rows(Ask), afterwards.stripe.objects("refund")),
        *mail_faults(afterwards.rows(QueuedMail), mails.messages),
    ]


def mail_faults(queued: list[QueuedMail], sent: list[EmailMessage]) -> Iterable[str]:
    """Every mail went out, none of a kind twice about one thing; second copies bear the first one's id."""
    rows = {f"<{mail.id}@harbour-courier.example>": mail for mail in queued}
    arrived = {(mail["Message-ID"], mail["To"]) for mail in sent}
    yield from (
        f"mail {row.dedupe_key}: never sent, {row.last_error}"
        for row in queued
        if not row.sent_at and row.last_error not in NO_LONGER_TRUE
    )
    yield from (f"mail {row.dedupe_key}: sent, and never arrived" for id_, row in rows.items()
                if row.sent_at and id_ not in {of for of, _ in arrived})  # fmt: skip
    yield from (f"mail {of}: nobody queued it" for of, _ in arrived if of not in rows)
    of_a_kind = Counter(
        (rows[of].kind, rows[of].receipt_id, rows[of].about_id, rows[of].matter, to)
        for of, to in arrived
        if of in rows
    )
    yield from (f"mail {key}: {count} of a kind" for key, count in of_a_kind.items() if count > 1)
    yield from _twice("dedupe key", (row.dedupe_key for row in queued))


def _twice(what: str, values: Iterable[str]) -> Iterable[str]:
    yield from (f"{what} {value}: {count} times" for value, count in Counter(values).items() if count > 1)
