"""The threaded HTTP/1.1 server: connections stay open, and can be broken on order."""

import logging
import socket
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from app.simulator.http.messages import Request, Response, json_response

Application = Callable[[Request], Response]
LARGEST_BODY = 4 * 1024 * 1024
IDLE_SECONDS = 75
log = logging.getLogger(__name__)
RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """Serves one application."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], application: Application) -> None:
        self.application = application
        super().__init__(address, Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    """Reads one request at a time from a connection and writes the answer in one piece."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._write(Response(413, b"", {"Connection": "close"}))
            return
        body = self.rfile.read(length) if length else b""
        if len(body) < length:  # whoever sent it died over it: half a request is none
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, parts.query, headers, body)
        self._write(self._answer(request))

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.application(request)
        except Exception:  # the loop over a connection's requests records the failure and goes on
            log.exception("%s %s failed", request.method, request.path)
            message = "The local Stripe failed. See its log."
            return json_response(500, {"error": {"type": "api_error", "message": message}})

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815  # stdlib's names

    def _write(self, response: Response) -> None:
        if response.cut == "drop":
            self._break()
            return
        head = self._head(response)
        body = b"" if self.command == "HEAD" else response.body
        if response.cut == "reset":
            self.wfile.write(head + body[: len(body) // 2])
            self._break()
            return
        self.wfile.write(head + body)

    def _head(self, response: Response) -> bytes:
        lines = [
            f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}",
            f"Date: {self.date_time_string()}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _break(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        self.connection.close()

    def log_message(self, *_args: object) -> None:
        """Requests are shown on the console page, not on the terminal."""
