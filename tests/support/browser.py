"""A real Chromium, and a witness to what its pages ask for and complain of."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
_STATUS = re.compile(r"the server responded with a status of (4\d\d|503)")


class ChromiumMissing(Exception):
    """No Chromium on this machine, and CHROMIUM names none."""


def find_chromium() -> str:
    """Return the path of the browser. Raises: ChromiumMissing."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ChromiumMissing(
            "install Chromium (Debian: apt-get install chromium) or set CHROMIUM to its path"
        )
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; a loop of Playwright's own lives in this thread until it is closed.

    It keeps pages for the way back, as readers' browsers do and Playwright's otherwise do not: wait for
    the commit alone where one goes back, for a kept page is not loaded again.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=list(FLAGS),
            ignore_default_args=["--disable-back-forward-cache"],
        )
        try:
            yield browser
        finally:
            browser.close()


class Witness:
    """Writes down what a context's pages do that they should not.

    Attributes: strangers: addresses asked for on hosts that are not ours; complaints: errors and warnings
        of the console, broken content policies among them, and uncaught exceptions.
    """

    def __init__(self, context: BrowserContext, *hosts: str) -> None:
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self._ours = {urlsplit(host).netloc for host in hosts}
        context.on("request", self._see_request)
        context.on("console", self._hear_console)
        context.on("weberror", lambda fault: self.complaints.append(f"uncaught: {fault.error}"))

    def _see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc not in self._ours:
            self.strangers.append(request.url)

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        # Chromium reports a page's own 404 or 422 as an error; that of a style sheet is one.
        address = message.location.get("url", "")
        if "static/" in address or not _STATUS.search(message.text):
            self.complaints.append(f"{message.text} ({address})")

    def assert_content(self) -> None:
        """Assert that nothing was written down."""
        assert not self.strangers, self.strangers
        assert not self.complaints, self.complaints


def picture(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in test-results/."""
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    page.screenshot(path=path, full_page=True)
    return path


def count_wire_bytes(page: Page, address: str) -> int:
    """Open an address with an empty cache; returns the bytes that came over the wire, headers included."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[int] = []
    network.on("Network.loadingFinished", lambda told: received.append(int(told["encodedDataLength"])))
    page.goto(address, wait_until="networkidle")
    network.detach()
    return sum(received)
