"""`make demo` as its users meet it: started, looked at, moved, broken, and ended without a trace."""

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.demo import web
from app.demo.folder import STAFF_ADDRESS
from app.demo.history.form import read_form
from app.demo.local_stripe import LocalStripe
from app.kernel.clock import utc_now
from tests.support.browser import Witness
from tests.support.demo import READY, ROOT, DemoProcess, free_ports, processes_in, wait_until

pytestmark = pytest.mark.xdist_group("journey-demo")

SMALL = ("--history", "small")
BERLIN = ZoneInfo("Europe/Berlin")
RECEIPT_NUMBER = re.compile(r"HC-\d{4}-\d{6}$")
SHELL = {
    "STRIPE_SECRET_KEY": "sk_live_of_the_shell",
    "DATABASE_URL": "sqlite:////nowhere/of-the-shell.db",
    "SECRET_KEY": "of-the-shell-0123456789-0123456789-0123",
    "SMTP_URL": "smtp://of-the-shell.example",
    "HTTP_PROXY": "http://of-the-shell.example:1",
    "GUNICORN_CMD_ARGS": "--bind=0.0.0.0:1 --name=of-the-shell",
}


@dataclass(frozen=True)
class Past:
    """The folder of a demo that was started for the first time, and ended."""

    folder: Path
    output: str
    status: int
    left_over: list[psutil.Process]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("demo") / "state"
    with DemoProcess(folder, free_ports(), *SMALL, variables=SHELL) as first:
        first.wait_for(READY)
        status = first.end()
    return Past(folder, first.output, status, processes_in(folder))


@pytest.fixture(scope="module")
def demo(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """A demo that goes on with the past, at other ports than it began on."""
    folder = tmp_path_factory.mktemp("demo") / "again"
    shutil.copytree(past.folder, folder)
    with DemoProcess(folder, free_ports(), variables=SHELL) as running:
        running.wait_for(READY)
        yield running


@pytest.fixture
def tab(chrome: Browser, demo: DemoProcess) -> Iterator[Page]:
    """A page of a browser that complains of nothing."""
    context = chrome.new_context(locale="en-GB")
    witness = Witness(context, demo.ports.product_url, demo.ports.stripe_url, demo.ports.mailbox_url)
    yield context.new_page()
    context.close()
    witness.assert_content()


def ask(folder: Path, question: str) -> list[Any]:
    """Put a question to the product's database."""
    connection = sqlite3.connect(folder / "small-favor.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def give_once(demo: DemoProcess, address: str) -> None:
    """Give €10 once, through the form and the local Stripe."""
    shown = web.get(f"{demo.ports.product_url}/support?interval=once&amount=10&currency=eur")
    filled_in = {**read_form(shown.text), "email": address}
    sent = web.post_form(f"{demo.ports.product_url}/support", filled_in)
    session_id = (sent.location or "").rpartition("/")[2]
    stripe = LocalStripe(demo.ports.stripe_url, key="sk_test_of_this_test")
    stripe.pay(session_id, card="4242424242424242", address=address, name=None)


def mails_to(demo: DemoProcess, address: str) -> int:
    return sum(address.encode() in mail.read_bytes() for mail in (demo.folder / "mail").glob("*.eml"))


def test_ctrl_c_ends_the_first_start_with_status_0_and_leaves_no_process(past: Past) -> None:
    assert past.status == 0, past.output
    assert past.left_over == []


def test_the_past_was_lived_through_and_has_its_dates(past: Past) -> None:
    days = [date for (date,) in ask(past.folder, "SELECT paid_on FROM receipts ORDER BY serial")]
    members = ask(past.folder, "SELECT joined_at FROM members")
    waiting = ask(past.folder, "SELECT 1 FROM inbox_objects WHERE wanted > done OR last_error IS NOT NULL")
    unsent = ask(past.folder, "SELECT 1 FROM outbox_mails WHERE sent_at IS NULL AND dropped_at IS NULL")

    assert len(members) >= 8
    assert len(days) > len(members), "nobody's membership was renewed"
    assert min(days) < str(utc_now().date() - timedelta(days=40))
    assert max(days) >= str(utc_now().date() - timedelta(days=1))
    assert len({date[:7] for date in days}) >= 2
    assert waiting == unsent == []


def test_a_receipt_was_mailed_for_every_payment_whose_money_stayed(past: Past) -> None:
    receipts = ask(
        past.folder,
        "SELECT number FROM receipts JOIN outbox_mails ON receipts.id = receipt_id "
        "WHERE kind = 'receipt' AND COALESCE(last_error, '') != 'the money went back'",
    )

    mailed = [number for number in map(receipt_number, mails_of(past)) if number]

    assert sorted(mailed) == sorted(number for (number,) in receipts)


def test_the_mails_of_the_past_have_its_dates_and_its_order(past: Past) -> None:
    paid_on = dict(ask(past.folder, "SELECT number, paid_on FROM receipts"))
    mails = mails_of(past)

    dates = [parsedate_to_datetime(mail["Date"]) for mail in mails]
    for mail, date in zip(mails, dates, strict=True):
        number = receipt_number(mail)
        if number:
            assert str(date.astimezone(BERLIN).date()) == paid_on[number]
    assert dates == sorted(dates)
    assert dates[-1] - dates[0] > timedelta(days=30)


def mails_of(past: Past) -> list[Message]:
    """Return all mails of a past, the oldest first."""
    return [message_from_bytes(mail.read_bytes()) for mail in sorted((past.folder / "mail").iterdir())]


def receipt_number(mail: Message) -> str | None:
    """Return the number of the receipt that a mail brings; None for other mails."""
    found = RECEIPT_NUMBER.search(str(make_header(decode_header(mail["Subject"]))))
    return found.group() if found else None


def test_a_ctrl_c_before_anything_has_started_ends_as_quietly() -> None:
    """It comes at the moment the demo's own command begins to be imported."""
    early = """
import os, runpy, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "app.demo.command":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("app.demo", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", early], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_demo_whose_listener_has_gone_ends_as_quietly() -> None:
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run(
        [sys.executable, "-c", "from app.demo.run import say; say('one'); say('two')"],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )

    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_keys_are_for_their_owner_alone(past: Past) -> None:
    assert stat.S_IMODE((past.folder / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(past.folder.stat().st_mode) == 0o700


def test_nothing_of_the_shell_reaches_a_process_of_the_demo(demo: DemoProcess) -> None:
    processes = processes_in(demo.folder)

    environments = [process.environ() for process in processes]

    assert len(processes) >= 6
    leaked = [name for one in environments for name, value in one.items() if "of-the-shell" in value]
    assert leaked == []
    assert not any("sk_live" in value for one in environments for value in one.values())


def test_a_dot_env_file_is_not_read(past: Past, tmp_path: Path) -> None:
    shutil.copytree(past.folder, tmp_path / "state")
    (tmp_path / ".env").write_text("LOG_LEVEL=LOUD\nWEB_CONCURRENCY=none\nTRUSTED_PROXIES=9\n")
    elsewhere = {"PYTHONPATH": str(ROOT)}

    with DemoProcess(tmp_path / "state", free_ports(), variables=elsewhere, started_in=tmp_path) as running:
        running.wait_for(READY)


def test_a_later_start_goes_on_without_walking_again(past: Past, demo: DemoProcess) -> None:
    receipts = ask(past.folder, "SELECT count(*) FROM receipts")

    assert "Walking" in past.output
    assert "Walking" not in demo.output
    assert ask(demo.folder, "SELECT count(*) FROM receipts") >= receipts
    assert demo.printed("password") in past.output


def test_the_local_stripes_clock_runs_on_real_time(demo: DemoProcess) -> None:
    clock = web.get(f"{demo.ports.stripe_url}/_sim/clock").text

    shown = datetime.fromisoformat(clock.partition('"iso":')[2].strip(' "}\n').partition('"')[0])

    assert abs(shown.astimezone(UTC) - utc_now()) < timedelta(seconds=30)


def test_webhooks_follow_the_demo_to_other_ports(demo: DemoProcess) -> None:
    give_once(demo, "ada@example.org")

    wait_until(lambda: mails_to(demo, "ada@example.org") == 1)

    events = ask(demo.folder, "SELECT type FROM inbox_events ORDER BY received_at DESC LIMIT 8")
    assert ("checkout.session.completed",) in events


def test_staff_sign_in_with_what_is_printed(tab: Page, demo: DemoProcess) -> None:
    tab.goto(f"{demo.ports.mailbox_url}/staff-sign-in")
    code = tab.locator(".code").first.inner_text()

    tab.goto(f"{demo.ports.product_url}/staff")
    tab.get_by_label("Address").fill(demo.printed("address"))
    tab.get_by_label("Password", exact=True).fill(demo.printed("password"))
    tab.keyboard.press("Enter")
    tab.get_by_label("code", exact=False).first.fill(code)
    tab.keyboard.press("Enter")

    expect(tab.get_by_role("heading", level=1)).to_contain_text("Overview")
    assert demo.printed("address") == STAFF_ADDRESS


def test_the_mail_catcher_shows_a_mail_with_its_receipt(tab: Page, demo: DemoProcess) -> None:
    tab.goto(demo.ports.mailbox_url)
    tab.locator(".mails a").filter(has_text=re.compile(r" HC-\d{4}-\d")).first.click()

    letter = tab.frame_locator("iframe")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="receipt-HC").click()

    said = re.compile("Your receipt is attached|Квитанция")
    expect(letter.locator("p").filter(has_text=said)).to_have_count(1)
    expect(tab.locator("pre.plain")).not_to_be_empty()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_the_mail_catchers_pages_are_accessible_and_run_no_script(tab: Page, demo: DemoProcess) -> None:
    for path in ("/", "/?page=2", "/mails/1", "/staff-sign-in", "/no-such-page"):
        tab.goto(demo.ports.mailbox_url + path)
        found = Axe().run(tab)

        assert found.violations_count == 0, found.generate_report()
        assert tab.locator("script").count() == 0


def test_the_mail_catcher_answers_to_its_own_name_only(demo: DemoProcess) -> None:
    rebound = web.get(f"{demo.ports.mailbox_url}/staff-sign-in", {"Host": "evil.example:8003"})

    assert rebound.status == 421
    assert demo.printed("password") not in rebound.text


def test_a_second_demo_on_the_same_folder_is_refused(demo: DemoProcess) -> None:
    with DemoProcess(demo.folder, free_ports()) as second:
        assert second.wait() == 1

    assert "already runs" in second.output


def test_a_taken_port_is_named_before_anything_starts(demo: DemoProcess, tmp_path: Path) -> None:
    with DemoProcess(tmp_path / "state", demo.ports) as second:
        assert second.wait() == 1

    assert f"Port {demo.ports.product}, for the product, is taken" in second.output
    assert "make demo PORT=9000" in second.output
    assert not (tmp_path / "state" / "keys.json").exists()


def test_the_death_of_a_process_is_told_and_ends_the_others(past: Past, tmp_path: Path) -> None:
    shutil.copytree(past.folder, tmp_path / "state")
    with DemoProcess(tmp_path / "state", free_ports()) as running:
        running.wait_for(READY)
        [worker] = [one for one in processes_in(running.folder) if one.cmdline()[-1] == "worker"]
        worker.kill()

        assert running.wait() == 1

    assert "The worker was killed by SIGKILL" in running.output
    assert processes_in(running.folder) == []


def test_even_a_killed_demo_leaves_no_process(past: Past, tmp_path: Path) -> None:
    shutil.copytree(past.folder, tmp_path / "state")
    with DemoProcess(tmp_path / "state", free_ports()) as running:
        running.wait_for(READY)

        running.end(signal.SIGKILL)

    wait_until(lambda: processes_in(running.folder) == [])


def test_a_first_start_that_was_interrupted_begins_anew(tmp_path: Path) -> None:
    folder, ports = tmp_path / "state", free_ports()
    with DemoProcess(folder, ports, *SMALL) as interrupted:
        interrupted.wait_for("supporters so far")
        status = interrupted.end(signal.SIGTERM)
    left_over = processes_in(folder)

    with DemoProcess(folder, ports, *SMALL) as second:
        second.wait_for(READY)

    assert (status, left_over) == (0, [])
    assert "begins anew" in second.output
    numbers = [
        number for (number,) in ask(folder, "SELECT serial FROM receipts WHERE year = 2026 ORDER BY 1")
    ]
    assert numbers == list(range(1, len(numbers) + 1))


def test_flask_demo_is_the_same_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "--help"],
        cwd=ROOT,
        env={**os.environ, **_SETTINGS},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "flask demo --port 9000" in shown.stdout


_SETTINGS = {
    "SECRET_KEY": "k" * 40,
    "VAULT_KEY": "k" * 40,
    "STRIPE_SECRET_KEY": "sk_test_abc",
    "STRIPE_WEBHOOK_SECRET": "whsec_abc",
    "PUBLIC_BASE_URL": "http://localhost",
    "SMTP_URL": "smtp://localhost",
    "MAIL_FROM": "a@example.org",
    "DATABASE_URL": "sqlite://",
}
