"""Sites of others that the appeal stands on: plain files from a tiny server on an origin of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PARAGRAPH = "<p>" + "The tide gauge remembers every ship that left the basin at night. " * 8 + "</p>"
STYLE = "body{margin:0 auto;max-width:40rem;padding:0 1rem;font:18px/1.6 serif}"


@dataclass(frozen=True)
class SitePage:
    """One page, and the headers it comes with."""

    html: str
    headers: dict[str, str] = field(default_factory=dict)


def article(
    line: str, *, language: str = "en", paragraphs: int = 12, style: str = STYLE, head: str = ""
) -> str:
    """Return an article with a line under it, and more of the page after that."""
    sheet = f"<style>{style}</style>" if style else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>News</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{sheet}{head}</head><body><main><article><h1>News</h1>{PARAGRAPH * paragraphs}</article>"
        f"{line}<div><p>Comments</p>{PARAGRAPH * 6}</div></main></body></html>"
    )


@contextmanager
def serve_site(pages: dict[str, SitePage]) -> Iterator[str]:
    """Serve pages by their paths on a free port; yields the site's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            self.send_response(200 if page else 404)
            for name, value in (page.headers if page else {}).items():
                self.send_header(name, value)
            body = page.html.encode() if page else b""
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
