"""Runs one flow and dies at its nth moment: `python -m tests.faults.dying`, one order a line on stdin.

A moment is a statement about to be sent to the database, a commit, or bytes about to be sent to
Stripe or to the mail server. Nothing of the product is changed: SQLAlchemy and Python tell of each.
Each order runs in a fork of this warmed-up process, which has opened nothing before.
Orders: `{"flow": …, "nth": …, …}`; answered by a line, 0 where the flow ended before its nth moment.
"""

import json
import os
import sys
from typing import Any

import sqlalchemy as sa
import stripe

from app.factory import join_parts
from app.flows.give import pledge_support
from app.flows.parts import Parts
from app.flows.receive import receive_event
from app.flows.send_mail import send_next
from app.flows.sync import sync_if_wanted
from app.giving.forms import PledgeForm
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

    def __init__(self, nth: int) -> None:
        self._left = nth

    def watch(self, engine: sa.Engine) -> None:
        """Count what goes to the database and to the network from here on."""
        sa.event.listen(engine, "before_cursor_execute", self._moment)
        sa.event.listen(engine, "commit", self._moment)
        sys.addaudithook(self._on_audit)

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
        Death(order["nth"]).watch(parts.sessions.kw["bind"])
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
    pledge_support(parts, form, title=TITLE, now=utc_now())


def receive(parts: Parts, order: Json) -> None:
    """Take in one event."""
    receive_event(parts, order["payload"].encode(), order["header"], now=utc_now())


def sync(parts: Parts, order: Json) -> None:
    """Sync one object."""
    sync_if_wanted(parts, (ObjectType(order["type"]), order["id"]))


def send(parts: Parts, _order: Json) -> None:
    """Send one mail."""
    send_next(parts)


FLOWS = {"give": give, "receive": receive, "sync": sync, "send": send}

if __name__ == "__main__":
    sys.exit(main())
