"""Runs one flow and dies at its nth moment: `python -m tests.faults.dying`, one order a line on stdin.

A moment is a statement about to be sent to the database, a commit about to be made or just made, bytes
about to be sent to Stripe or to the mail server, or an answer of Stripe's just arrived; the edges are all
of these but the statements. Nothing of the product is changed: SQLAlchemy and Python tell of each.
Each order runs in a fork of this warmed-up process, which has opened nothing before.
Orders: `{"flow": …, "nth": …, "edges": …, …}`; answered by a line, 0 where the flow ended before that.
"""

import http.client
import json
import os
import sys
import threading
from typing import Any

import sqlalchemy as sa
import stripe
from sqlalchemy.orm import Session

from app.asks.models import AskedBy, AskKind
from app.asks.rules import Wish
from app.cli import worker
from app.factory import join_parts
from app.flows.asking.ask import ask_stripe
from app.flows.give import pledge_support
from app.flows.parts import Parts
from app.flows.receive import receive_event
from app.flows.reconcile.backfill import backfill
from app.flows.reconcile.command import reconcile
from app.flows.send_mail import send_next
from app.flows.sync import sync_if_wanted
from app.giving.forms import PledgeForm
from app.giving.pledges import Said
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.logs import configure_logs
from app.schema import metadata
from app.vault.vault import PersonInClear
from config.settings import load_settings
from tests.support.world import TITLE

Json = dict[str, Any]
DIED = 9
FAILED = 1
NETWORK = {"http.client.send", "smtplib.connect", "smtplib.send"}


class Death:
    """Comes at the nth moment, without a word and without a rollback."""

    def __init__(self, nth: int, *, edges: bool) -> None:
        self._left = nth
        self._edges = edges

    def watch(self, engine: sa.Engine) -> None:
        """Count what goes to the database, and to the network and back, from here on."""
        if not self._edges:
            sa.event.listen(engine, "before_cursor_execute", self._moment)
        sa.event.listen(engine, "commit", self._moment)
        sa.event.listen(Session, "after_commit", self._moment)
        sys.addaudithook(self._on_audit)
        self._watch_answers()

    def _watch_answers(self) -> None:
        """Python tells of what is sent and not of what arrives: its own client is asked to."""
        arrive = http.client.HTTPConnection.getresponse

        def getresponse(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
            response = arrive(connection)
            self._moment()
            return response

        http.client.HTTPConnection.getresponse = getresponse  # type: ignore[method-assign, assignment]

    def _on_audit(self, event: str, _args: object) -> None:
        if event in NETWORK:
            self._moment()

    def _moment(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(DIED)


def main() -> int:
    """Take orders until there are no more."""
    assert metadata.tables  # rows refer to tables of other parts
    assert stripe.VERSION  # loaded once, and not by every fork
    configure_logs("ERROR")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run_and_exit(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return 0


def run_and_exit(order: Json) -> None:
    """Run a flow in the forked process, which never returns from here."""
    code = FAILED
    try:
        parts = join_parts(load_settings())
        Death(order["nth"], edges=order["edges"]).watch(parts.sessions.kw["bind"])
        FLOWS[order["flow"]](parts, order)
        code = 0
    finally:
        os._exit(code)


def give(parts: Parts, order: Json) -> None:
    """Send a form."""
    form = PledgeForm(
        nonce=order["nonce"],
        amount=Money(200, "eur"),
        interval=Interval.month,
        contact=PersonInClear(address=order["address"], name=None),
        campaign=None,
        language="en",
    )
    pledge_support(parts, form, said=Said(title=TITLE), now=utc_now())


def receive(parts: Parts, order: Json) -> None:
    """Take in one event."""
    receive_event(parts, order["payload"].encode(), order["header"], now=utc_now())


def sync(parts: Parts, order: Json) -> None:
    """Sync one object."""
    sync_if_wanted(parts, (ObjectType(order["type"]), order["id"]))


def send(parts: Parts, _order: Json) -> None:
    """Send one mail."""
    send_next(parts)


def ask(parts: Parts, order: Json) -> None:
    """Ask Stripe for something."""
    amount = Money(order["minor"], "eur") if "minor" in order else None
    wish = Wish(
        nonce=order["nonce"],
        kind=AskKind(order["kind"]),
        object_id=order["id"],
        asked_by=AskedBy.member,
        amount=amount,
        interval=Interval.month if order["kind"] == AskKind.change_amount else None,
    )
    ask_stripe(parts, wish, now=utc_now())


def drain(parts: Parts, _order: Json) -> None:
    """Do all that is due, as a worker does."""
    worker.drain(parts, threading.Event())


def full_sweep(parts: Parts, _order: Json) -> None:
    """Compare everything with Stripe, and mend it."""
    reconcile(parts, full=True, since_days=30, say=lambda _line: None)


def take_in(parts: Parts, _order: Json) -> None:
    """Take in an account that was there before us."""
    backfill(parts, say=lambda _line: None)


FLOWS = {
    "give": give,
    "receive": receive,
    "sync": sync,
    "send": send,
    "ask": ask,
    "drain": drain,
    "full_sweep": full_sweep,
    "take_in": take_in,
}

if __name__ == "__main__":
    sys.exit(main())
