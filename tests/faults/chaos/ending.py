"""What follows a chaos run: one reconcile, and then nothing may be missing, doubled or different."""

import subprocess
from collections import Counter
from collections.abc import Iterable
from email.message import EmailMessage

from app.outbox.models import QueuedMail
from config.settings import Settings
from tests.faults.newsroom import Newsroom
from tests.support.compare import differences
from tests.support.mail import MailCatcher
from tests.support.processes import BIN, ROOT, environment_of
from tests.support.world import World

FOLLOWED = (
    "checkout.session", "customer", "subscription", "payment_intent", "invoice", "refund", "dispute",
    "payout",
)  # fmt: skip
DELIVERY_SECONDS = 120
COMMAND_SECONDS = 600
AT_ONCE = 500
NO_LONGER_TRUE = frozenset({"the money went back", "the refund did not arrive"})
"""Why a letter about money is rightly dropped right before it is sent."""
HOURS_LATER = 7
"""Leases of the dead have run out by then, and the longest wait of a mail is over."""


def converge(newsroom: Newsroom, settings: Settings, afterwards: World) -> None:
    """Deliver what is left, end all processes, reconcile, and do all that is due because of it."""
    newsroom.stripe.deliver_now(DELIVERY_SECONDS)
    newsroom.close()
    reconcile(newsroom, settings)
    afterwards.come_through()
    afterwards.wait_and(afterwards.send_mail, hours=HOURS_LATER)


def reconcile(newsroom: Newsroom, settings: Settings) -> None:
    """Run the command that finds what nobody told us."""
    ids = [one["id"] for kind in FOLLOWED for one in newsroom.stripe.objects(kind)]
    for first in range(0, len(ids), AT_ONCE):
        command = [str(BIN / "flask"), "--app", "wsgi", "stripe", "sync", *ids[first : first + AT_ONCE]]
        # A refund before its payment is postponed, and the command says so by its status.
        subprocess.run(
            command,
            cwd=ROOT,
            env=environment_of(settings),
            capture_output=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )


def faults_of(afterwards: World, mails: MailCatcher) -> list[str]:
    """Return everything that is not as it must be."""
    return [
        *differences(afterwards.parts.sessions, afterwards.stripe),
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
        (rows[of].kind, rows[of].receipt_id, rows[of].about_id, to) for of, to in arrived if of in rows
    )
    yield from (f"mail {key}: {count} of a kind" for key, count in of_a_kind.items() if count > 1)
    yield from _twice("dedupe key", (row.dedupe_key for row in queued))


def _twice(what: str, values: Iterable[str]) -> Iterable[str]:
    yield from (f"{what} {value}: {count} times" for value, count in Counter(values).items() if count > 1)
