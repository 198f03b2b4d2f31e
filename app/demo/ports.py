"""The demo's four ports: the product's, and the three that follow from it."""

import errno
import socket
from dataclasses import dataclass

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
LAST_PORT = 65_535


class PortTaken(Exception):
    """Somebody else listens there, or may not be listened to; the text says what to do."""


@dataclass(frozen=True)
class Ports:
    """Who listens where."""

    product: int

    @property
    def stripe(self) -> int:
        """The local Stripe's."""
        return self.product + 1

    @property
    def smtp(self) -> int:
        """The mail catcher's, for mail."""
        return self.product + 2

    @property
    def mailbox(self) -> int:
        """The mail catcher's, for browsers."""
        return self.product + 3

    @property
    def product_url(self) -> str:
        """Where readers and staff go."""
        return f"http://{HOST}:{self.product}"

    @property
    def stripe_url(self) -> str:
        """The local Stripe, API and pages."""
        return f"http://{HOST}:{self.stripe}"

    @property
    def mailbox_url(self) -> str:
        """The mails, in a browser."""
        return f"http://{HOST}:{self.mailbox}"

    def check_free(self) -> None:
        """Try each port. Raises: PortTaken: names the first that cannot be had."""
        if not 1 <= self.product <= LAST_PORT - 3:
            raise PortTaken(f"PORT is between 1 and {LAST_PORT - 3}; {self.product} is not.")
        uses = {
            self.product: "the product",
            self.stripe: "the local Stripe",
            self.smtp: "mail on its way",
            self.mailbox: "the mail catcher",
        }
        for port, use in uses.items():
            _check_free(port, use)


def _check_free(port: int, use: str) -> None:
    elsewhere = "Move the demo and its four ports elsewhere: make demo PORT=9000"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as taken:
            if taken.errno == errno.EACCES:
                raise PortTaken(f"Port {port}, for {use}, is not open to you.\n{elsewhere}") from None
            raise PortTaken(f"Port {port}, for {use}, is taken.\n{elsewhere}") from None
