"""A small HTTP server for pages that only show."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """What goes out."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    policy: str = POLICY
    headers: dict[str, str] = field(default_factory=dict)


Shower = Callable[[str, dict[str, str]], Page]


class Server(ThreadingHTTPServer):
    """Shows what `show(path, query)` returns."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], show: Shower) -> None:
        self.show = show
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def do_GET(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        self._answer(
            self.server.show(parts.path, dict(parse_qsl(parts.query))) if self._is_ours() else _STRANGER
        )

    do_HEAD = do_GET  # noqa: N815 (the standard library's name)

    def _is_ours(self) -> bool:
        """Whether the browser meant this server: a name that merely leads here could read the pages."""
        return urlsplit(f"//{self.headers.get('Host', '')}").hostname in ("127.0.0.1", "localhost")

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        headers = {
            "Content-Type": page.kind,
            "Content-Length": str(len(page.body)),
            "Content-Security-Policy": page.policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            **page.headers,
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, *_args: object) -> None:
        """Keep quiet: addresses of pages are no news."""


_STRANGER = Page(body=b"Not here.\n", kind="text/plain; charset=utf-8", status=421)
