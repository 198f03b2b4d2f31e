"""Makes the pictures of the documentation: `make screenshots`.

A demo of its own is started in a folder that is thrown away, then a reader gives and a member of staff
looks, in a real browser; every picture shows what the product answered.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, ViewportSize

from app.demo.announcement import MEMBER_ADDRESS, staff_code
from app.demo.folder import STAFF_ADDRESS, Folder, Keys
from app.demo.ports import Ports, PortTaken
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from tests.journeys.steps import choose, fill_in, pay, send, type_card
from tests.support.browser import chromium
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "images"
READY = "The newsroom is open."
DESKTOP: ViewportSize = {"width": 1120, "height": 900}
WHOLE_FORM: ViewportSize = {"width": 1120, "height": 1230}
CHECKOUT: ViewportSize = {"width": 1120, "height": 720}
CONSOLE: ViewportSize = {"width": 1120, "height": 760}
ARTICLE: ViewportSize = {"width": 1120, "height": 1000}
MEMBER: ViewportSize = {"width": 1120, "height": 1000}
DESK: ViewportSize = {"width": 1180, "height": 920}
PHONE: ViewportSize = {"width": 390, "height": 844}
RECEIPT_DOTS_PER_INCH = 84
LARGEST_BYTES = 200_000
ADDRESS, NAME = "ada@example.org", "Ada Adler"


@dataclass(frozen=True)
class Demo:
    """Where a running demo is, and its keys."""

    ports: Ports
    keys: Keys


def main() -> None:
    """Make every picture, and tell their sizes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo, chromium() as browser:
        show_appeal(browser, demo)
        receipt = show_reader(browser, demo)
        show_mail(browser, demo)
        show_member(browser, demo)
        show_desk(browser, demo)
        show_local_stripe(browser, demo)
        draw_receipt(receipt)
    for picture in sorted(PICTURES.glob("*.png")):
        size = picture.stat().st_size
        print(f"{size:>8} {picture.relative_to(ROOT)}")
        if size > LARGEST_BYTES:
            sys.exit(f"{picture.name} is too large for a page of documentation.")


@contextmanager
def running_demo(state: Path) -> Iterator[Demo]:
    """Start a demo and wait until its newsroom has lived through its year."""
    ports = Ports(four_free_ports())
    words = [sys.executable, "-m", "app.demo", "--port", str(ports.product), "--state", str(state)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until_ready(process)
            yield Demo(ports, Folder(state).keys())
        finally:
            process.terminate()


def four_free_ports() -> int:
    """Return a port with three more free ones after it."""
    while True:
        ports = Ports(free_port())
        try:
            ports.check_free()
        except PortTaken:
            continue
        return ports.product


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    """Pass on what the demo says until it is ready."""
    assert process.stdout
    for line in process.stdout:
        print(line, end="", flush=True)
        if READY in line:
            return
    sys.exit("The demo did not start.")


def show_appeal(browser: Browser, demo: Demo) -> None:
    """Show the appeal under the sample article."""
    page = open_page(browser, demo, ARTICLE)
    page.goto("/appeal")
    page.wait_for_load_state("networkidle")
    below = page.locator(".to-copy")
    below.evaluate("after => scrollBy(0, after.getBoundingClientRect().top - innerHeight)")
    keep(page, "appeal-desktop")


def show_reader(browser: Browser, demo: Demo) -> bytes:
    """Give once, from the form to the thanks; returns the receipt."""
    phone = open_page(browser, demo, PHONE)
    phone.goto("/support")
    keep(phone, "support-phone")
    page = open_page(browser, demo, WHOLE_FORM)
    page.goto("/support")
    keep(page, "support-desktop")
    choose(page, Interval.month, "€5")
    fill_in(page, ADDRESS, NAME)
    send(page)
    type_card(page, holder=NAME)
    page.locator("details.cards").evaluate("details => { details.open = false }")
    keep(page, "checkout", CHECKOUT)
    pay(page)
    keep(page, "thanks", WHOLE_FORM)
    link = page.locator("a[href*='/receipts/']").first.get_attribute("href")
    with urlopen(str(link)) as answer:  # ours, on this machine
        return bytes(answer.read())


def show_mail(browser: Browser, demo: Demo) -> None:
    """Show the newest mail once it is there."""
    page = open_page(browser, demo, DESKTOP, base=demo.ports.mailbox_url)
    mine = page.locator("ol.mails a", has_text=ADDRESS)
    page.goto("/")
    while not mine.count():
        page.wait_for_timeout(500)
        page.reload()
    mine.first.click()
    page.wait_for_load_state("networkidle")
    keep(page, "receipt-mail")


def show_member(browser: Browser, demo: Demo) -> None:
    """Sign in as a member, and show their pages; nothing is changed."""
    page = open_page(browser, demo, MEMBER)
    page.goto("/manage/sign-in")
    page.get_by_label("E-mail address").fill(MEMBER_ADDRESS)
    page.get_by_role("button", name="Mail me a link").click()
    page.goto(link_of_newest_mail(browser, demo, "/manage/sign-in/"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your support", level=1).wait_for()
    keep(page, "manage-desktop")
    page.get_by_role("link", name="Change the amount").first.click()
    page.get_by_label("Your amount").fill("10")
    page.get_by_role("button", name="Show what that comes to").click()
    keep(page, "change-preview")
    page.goto("/manage")
    page.get_by_role("link", name="End this support").first.click()
    keep(page, "end-support")
    page.goto("/manage/statements")
    keep(page, "statements", CHECKOUT)


def link_of_newest_mail(browser: Browser, demo: Demo, path: str) -> str:
    """Return the link in the newest mail to the member, once it is there; keep the mail as phones show it."""
    page = open_page(browser, demo, PHONE, base=demo.ports.mailbox_url)
    newest = (
        page.locator("ol.mails li", has_text=MEMBER_ADDRESS).filter(has_text="Sign in").locator("a").first
    )
    page.goto("/")
    while not newest.count():
        page.wait_for_timeout(500)
        page.reload()
    newest.click()
    link = next(word for word in page.locator("pre.plain").inner_text().split() if path in word)
    page.goto(page.url.rstrip("/") + "/html")
    keep(page, "sign-in-mail-phone")
    return link


def show_desk(browser: Browser, demo: Demo) -> None:
    """Sign in, and show the overview and the record of somebody who has given for a while."""
    page = open_page(browser, demo, DESK)
    sign_in(page, demo.keys)
    page.wait_for_load_state("networkidle")
    keep(page, "desk-overview")
    page.goto("/staff/notes?show=all")
    keep(page, "desk-notes")
    page.goto("/staff/members?status=active")
    codes = page.locator("a", has_text=re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$"))
    codes.last.click()
    page.wait_for_load_state("networkidle")
    keep(page, "member-record")


def show_local_stripe(browser: Browser, demo: Demo) -> None:
    """Show where the local Stripe begins, and a charge in its console."""
    page = open_page(browser, demo, CONSOLE, base=demo.ports.stripe_url)
    page.goto("/")
    keep(page, "local-stripe-console")
    page.goto("/console/objects?type=charge&status=succeeded")
    page.locator("tbody a").first.click()
    keep(page, "local-stripe-charge")


def sign_in(page: Page, keys: Keys) -> None:
    """Sign in at the desk as the demo's member of staff."""
    page.goto("/staff")
    page.get_by_label("Address").fill(STAFF_ADDRESS)
    page.get_by_label("Password").fill(keys.staff_password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Six-digit code").fill(staff_code(keys.totp_secret, at=utc_now()))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()


def draw_receipt(pdf: bytes) -> None:
    """Draw the PDF's page as a picture, by typst, which needs no other program."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.typ"
        (source.parent / "receipt.pdf").write_bytes(pdf)
        source.write_text('#set page("a4", margin: 0pt)\n#image("receipt.pdf", width: 100%)\n')
        drawn = typst.compile(source, format="png", ppi=RECEIPT_DOTS_PER_INCH)
    assert isinstance(drawn, bytes)
    (PICTURES / "receipt.png").write_bytes(drawn)


def open_page(browser: Browser, demo: Demo, window: ViewportSize, base: str | None = None) -> Page:
    """Open a page in a browser of its own."""
    context = browser.new_context(
        base_url=base or demo.ports.product_url,
        viewport=window,
        locale="en-GB",
        reduced_motion="reduce",
    )
    return context.new_page()


def keep(page: Page, name: str, window: ViewportSize | None = None) -> None:
    """Keep what the window shows, set to another size first where one is given."""
    if window:
        page.set_viewport_size(window)
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
