"""A webhook endpoint for tests: keeps what it is sent, and answers what it is told to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


class Received:
    """One delivery: the raw body and Stripe's signature header."""

    def __init__(self, body: bytes, signature: str) -> None:
        self.body = body
        self.signature = signature
        self.event: Json = json.loads(body)


class Receiver:
    """Listens on a port of its own until closed.

    Attributes: received: deliveries in order of arrival; answers: statuses to give first, 200 after.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where to deliver."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def types(self) -> list[str]:
        """Event types in order of arrival."""
        return [one.event["type"] for one in self.received]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: bytes, signature: str) -> int:
        """Keep a delivery and choose the answer."""
        with self._lock:
            self.received.append(Received(body, signature))
            return self.answers.pop(0) if self.answers else 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(body, self.headers.get("Stripe-Signature", "")))
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        return Handler
