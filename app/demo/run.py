"""The demo from its first line to Ctrl-C."""

import http.client
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from app.demo import services
from app.demo.announcement import announcement
from app.demo.folder import AlreadyRunning, Folder
from app.demo.history.backlog import Backlog
from app.demo.history.dates import date_mails
from app.demo.history.passers_by import pass_by
from app.demo.history.plan import write_plan
from app.demo.history.walk import HistoryBroken, Walk
from app.demo.household import ChildEnded, Household, Stopped
from app.demo.local_stripe import LocalStripe, StripeSaidNo
from app.demo.mailbox.store import Store
from app.demo.ports import Ports, PortTaken
from app.kernel.clock import utc_now
from config.newsroom import Newsroom, load_newsroom


class History(StrEnum):
    """How much of a past."""

    full = "full"
    """A year."""
    small = "small"
    """Two months and a handful of supporters."""


DAYS = {History.full: 365, History.small: 62}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    port: int
    state: Path
    history: History


def run_demo(options: Options) -> int:
    """Start everything, say where it is, and stay until asked to end; returns the exit status."""
    folder, ports = Folder(options.state), Ports(options.port)
    try:
        with folder.held():
            ports.check_free()
            return _run(folder, ports, options.history)
    except (AlreadyRunning, PortTaken) as refusal:
        say(str(refusal), to=sys.stderr)
        return 1


def _run(folder: Folder, ports: Ports, history: History) -> int:
    newsroom = load_newsroom(services.NEWSROOM_FILE)
    keys = folder.keys()
    variables = services.product_variables(folder, keys, ports, mail_from=newsroom.contact_address)
    household = Household(folder.logs, variables)
    household.listen_to_signals()
    demo = _Demo(folder, ports, household, newsroom)
    try:
        demo.start(history)
        say(announcement(keys, ports, at=utc_now()))
        household.keep()
    except Stopped:
        say("\nThe demo ends …")
    except ChildEnded as ended:
        say(f"\n{ended}\nThe demo ends.", to=sys.stderr)
        return 1
    finally:
        household.end_all()
    say("Everything has ended. `make demo` goes on where this left off.")
    return 0


class _Demo:
    """One start, step by step."""

    def __init__(self, folder: Folder, ports: Ports, household: Household, newsroom: Newsroom) -> None:
        self._folder = folder
        self._ports = ports
        self._household = household
        self._newsroom = newsroom
        self._stripe = LocalStripe(ports.stripe_url, key=folder.keys().stripe_secret_key)

    def start(self, history: History) -> None:
        """Start everything. Raises: Stopped; ChildEnded: what could not be started, and why."""
        began = time.monotonic()
        try:
            if self._folder.is_complete:
                self._start_again()
            else:
                self._start_first(history)
        except (OSError, http.client.HTTPException, StripeSaidNo, HistoryBroken) as broken:
            self._household.check()
            raise ChildEnded(f"The start did not go through: {broken}. Logs: {self._folder.logs}") from broken
        say(f"Ready after {time.monotonic() - began:.0f} seconds.")

    def _start_again(self) -> None:
        say("Starting the newsroom …")
        services.start_surroundings(self._household, self._folder, self._ports, now=None)
        services.migrate(self._household)
        services.start_product(self._household, self._ports)
        self._join()
        services.wait_for_product(self._household, self._ports)

    def _start_first(self, history: History) -> None:
        if self._folder.is_begun:
            say("The first start was interrupted. It begins anew.")
            self._folder.clear()
        now = utc_now()
        since = now - timedelta(days=DAYS[history])
        say("Setting up a newsroom: database, local Stripe, mail catcher, staff account …")
        services.start_surroundings(self._household, self._folder, self._ports, now=since.isoformat())
        services.migrate(self._household)
        services.start_product(self._household, self._ports)
        services.create_staff(self._household, self._folder.keys())
        self._join()
        services.wait_for_product(self._household, self._ports)
        self._live_through(since, now)
        self._folder.mark_complete()

    def _join(self) -> None:
        """Open the account at the local Stripe to the product's present address."""
        services.wait_for_surroundings(self._household, self._ports)
        self._stripe.open_door(
            "settings",
            account_name=self._newsroom.name,
            settlement_currency=self._newsroom.default_currency,
            payout_schedule="weekly",
        )
        secret = self._folder.keys().webhook_secret
        self._stripe.point_webhooks_to(self._ports.product_url, secret=secret)

    def _live_through(self, since: datetime, until: datetime) -> None:
        say("Walking through its past, with every form, card, webhook and receipt:")
        helper = services.start_worker(self._household, "second worker")
        walk = Walk(
            stripe=self._stripe,
            product_url=self._ports.product_url,
            backlog=Backlog(self._folder.database),
            household=self._household,
        )
        pass_by(self._ports.product_url, self._newsroom)
        for progress in walk.through(write_plan(self._newsroom, since=since, until=until)):
            say(f"  {progress}")
        self._household.end(helper)
        date_mails(Store(self._folder.mail), self._folder.database)


def say(text: str, *, to: TextIO | None = None) -> None:
    """Write a line at once, wherever the output goes; where nobody listens any more, nothing is said."""
    out = to or sys.stdout
    try:
        out.write(f"{text}\n")
        out.flush()
    except OSError:  # the terminal was closed: what is left in the buffer goes nowhere, without a complaint
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
