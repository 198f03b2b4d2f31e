"""Starts the local Stripe as its own process, and reaches its doors for tests."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import stripe

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
ADDRESS_MARK = "STRIPE_API_BASE="


class DoorRefused(Exception):
    """A door answered with an error; `status` and the Stripe-shaped `error` say which."""

    def __init__(self, status: int, error: Json) -> None:
        super().__init__(error.get("message", f"HTTP {status}"))
        self.status = status
        self.error = error


class SimulatorProcess:
    """One `python -m app.simulator` over HTTP.

    with SimulatorProcess().start() as simulator:
        client = simulator.client()
    """

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(
        self,
        state: str | Path | None = None,
        port: int = 0,
        now: str | None = None,
        options: Sequence[str] = (),
    ) -> "SimulatorProcess":
        """Start it and wait for its address.

        Args: state: SQLite file, in memory without it; port: 0 for any free one; now: ISO date and time
            the clock starts at; options: further command-line words.
        """
        command = [sys.executable, "-m", "app.simulator", "--port", str(port), *options]
        command += ["--state", str(state)] if state else []
        command += ["--now", now] if now else []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if ADDRESS_MARK not in line:
            raise RuntimeError(f"the local Stripe did not start: {line!r}")
        self.url = line.split(ADDRESS_MARK)[1].split()[0]
        return self

    def __enter__(self) -> "SimulatorProcess":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rsplit(":", 1)[1])

    def stop(self) -> int:
        """End it with SIGTERM. Returns: its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it with SIGKILL, as a crash would. Returns: its exit status."""
        return self._end(signal.SIGKILL)

    def client(self, key: str = "sk_test_local", **options: Any) -> stripe.StripeClient:
        """A Stripe client that talks to this process, without retries unless asked for."""
        options.setdefault("max_network_retries", 0)
        return stripe.StripeClient(key, base_addresses={"api": self.url}, **options)

    def reset(self, now: str | int | None = None) -> None:
        """Forget every object, event, delivery, key, fault and setting; the clock is real time or `now`."""
        self.door("reset", {"now": now} if now else {})

    def pay(self, session_id: str, card: str = "4242424242424242", **fields: Any) -> Json:
        """Pay a Checkout session as its page does.

        Args: card: a test card number or `pm_card_…`; fields: `email`, `name`, `complete_3ds` (True
            passes 3-D Secure, False fails it, left out leaves it waiting), `expiry` as [month, year].
        Returns: the session. Raises: DoorRefused: 402 in the words the page shows.
        """
        fields.setdefault("email", "ada@example.org")
        return self.door(f"checkout/{session_id}/pay", {"card": card, **fields})

    def advance(self, *, seconds: int | None = None, to: int | str | None = None) -> Json:
        """Move the account's clock forward; what is due on the way happens. Returns: `now`, `iso`, `done`."""
        return self.door("clock", {"seconds": seconds} if to is None else {"to": to})

    def now(self) -> int:
        """The account's clock, in Unix seconds."""
        return int(self.door("clock")["now"])

    def faults(self, kind: str, **fields: Any) -> Json:
        """Order a fault of the API.

        Args: kind: fail_before, fail_after, lost_answer, hang, reset, 429, 409, lose_event or script;
            fields: `method`, `route` (`/v1/customers`, `*` for anything), `nth`, `count`, `seconds`,
            `percent` with its `seed`, `script` (a list of kinds and `ok`, one a call).
        """
        return self.door("faults", {"kind": kind, **fields})

    def webhook_faults(self, **fields: Any) -> Json:
        """Order trouble for deliveries.

        Args: fields: `endpoint` (an id, or all), `duplicate_percent`, `drop_percent`, `delay_percent`,
            `delay_seconds`, `hold_percent`, `reorder`, `hold`, `types` (`invoice.*`), `seed`, `script` (`ok`,
            `drop`, `delay`, `hold`, `duplicate`, one a delivery).
        """
        return self.door("faults/webhooks", fields)

    def clear_faults(self) -> Json:
        """Take every order back; what was held goes out."""
        return self.door("faults", method="DELETE")

    def deliver_now(self, timeout_seconds: int = 30) -> Json:
        """Send every waiting webhook now, retries too, and wait. Returns: `delivered` and `counts`."""
        return self.door("deliveries/flush", {"timeout_seconds": timeout_seconds})

    def release(self) -> Json:
        """Let go the deliveries that were held."""
        return self.door("deliveries/release", {})

    def resend(self, event_id: str) -> Json:
        """Send an event again to every endpoint that listens to it."""
        return self.door("deliveries/resend", {"event": event_id})

    def deliveries(self) -> list[Json]:
        """The newest deliveries first, with status and attempts."""
        return list(self.door("deliveries")["data"])

    def objects(self, kind: str) -> list[Json]:
        """Every object of a kind (`charge`, `checkout.session`), oldest first."""
        return list(self.door(f"objects?type={kind}")["data"])

    def requests(self) -> list[Json]:
        """Recorded API exchanges, oldest first; `response` is the body as text."""
        return list(self.door("requests")["data"])

    def settings(self, **fields: Any) -> Json:
        """Set up the account: `account_name`, `api_keys`, `rate_limit_per_second` and others."""
        return self.door("settings", fields)

    def webhook_endpoint(self, url: str, secret: str | None = None, events: Sequence[str] = ("*",)) -> Json:
        """Register an endpoint. Returns: `id` and `secret`, yours when you gave one."""
        wanted: Any = list(events)
        made = self.client().v1.webhook_endpoints.create({"url": url, "enabled_events": wanted})
        if secret is not None:
            self.door(f"endpoints/{made.id}", {"secret": secret})
        return {"id": made.id, "secret": secret or made.secret}

    def roll_secret(self, endpoint: str, *, overlap_seconds: int = 0) -> str:
        """Give an endpoint a new secret; the old one signs beside it for a while. Returns: the new one."""
        rolled = self.door(f"endpoints/{endpoint}", {"overlap_seconds": overlap_seconds})
        return str(rolled["secret"])

    def door(self, path: str, body: Json | None = None, method: str | None = None) -> Json:
        """Call `/_sim/<path>`: GET without a body, POST with one. Raises: DoorRefused."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sim/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request) as answer:
                result: Json = json.load(answer)
        except urllib.error.HTTPError as error:
            raise DoorRefused(error.code, json.load(error).get("error", {})) from None
        except urllib.error.URLError as error:
            status = self._process.poll() if self._process else "taken away"
            raise ConnectionError(f"the local Stripe is gone, exit {status}") from error
        return result

    def wait_until(self, check: Any, timeout_seconds: float = 20) -> None:
        """Wait until `check()` is true. Raises: TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        while not check():
            if time.monotonic() > deadline:
                raise TimeoutError("it never came true")
            time.sleep(0.02)

    def _end(self, how: signal.Signals) -> int:
        process = self._running()
        process.send_signal(how)
        status = process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()
        self._process = None
        return status

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the local Stripe is not running")
        return self._process
