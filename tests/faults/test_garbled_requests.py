"""What is no HTTP at all is refused, and leaves neither an address of a network nor a person in the log."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.support.canary import found_in
from tests.support.cast import CANARY
from tests.support.processes import WebProcess, environment_of

HOME = "127.0.0.1"
PERSON = CANARY.address.encode()
CHUNKED = b"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
GARBLED = {
    "a line too long": b"GET /support?email=" + PERSON + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /support " + PERSON + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "no method": PERSON + b" /support HTTP/1.1\r\nHost: x\r\n\r\n",
    "no header": b"GET /support HTTP/1.1\r\nHost: x\r\nTo " + PERSON + b"\r\n\r\n",
    "no length": b"POST /support HTTP/1.1\r\nHost: x\r\nContent-Length: " + PERSON + b"\r\n\r\n",
    "a form in no chunks": b"POST /support HTTP/1.1\r\n" + CHUNKED + b"zz\r\n" + PERSON,
    "a webhook in no chunks": b"POST /webhooks/stripe HTTP/1.1\r\n" + CHUNKED + b"zz\r\n" + PERSON,
}


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(environment_of(settings), tmp_path / "web.log")
    process.start()
    yield process
    process.kill()


def test_garbled_requests_are_the_senders_fault_and_name_nobody_in_the_log(web: WebProcess) -> None:
    statuses = {what: status_of(web, request) for what, request in GARBLED.items()}

    assert set(statuses.values()) <= {400, 414}, statuses
    assert HOME not in web.said()
    assert found_in(web.said()) == set()
    assert "InvalidHeader" in web.said(), "what was wrong is still told, by the error's name"


def status_of(web: WebProcess, request: bytes) -> int:
    """Send bytes as they are; returns the status of the answer."""
    with socket.create_connection((HOME, web.port), timeout=20) as connection:
        connection.sendall(request)
        return int(connection.recv(100).split()[1])
