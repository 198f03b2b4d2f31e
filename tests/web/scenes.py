"""The reader's pages in every state they can be in, behind a real HTTP server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from app.access import parts_of
from app.db import transaction
from app.giving.pledges import find_pledge_by_resume_key
from tests.support.simulator import SimulatorProcess
from tests.web.reader import open_sessions, path_of, read, send

FORMS = {
    "form": "/support?",
    "form, once, yen": "/support?interval=once&currency=jpy&",
    "form, yearly, another amount": "/support?interval=year&amount=77.70&",
    "form, dinar": "/support?currency=kwd&",
}


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve an app on a free port; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def play_scenes(app: Flask, stripe: SimulatorProcess) -> dict[str, str]:
    """Walk pledges into every state; returns the path of each page, open for one more parameter."""
    paid, unpaid, forgotten = (_pledge(app, stripe, interval) for interval in ("month", "once", "year"))
    stripe.pay(paid["id"])
    _forget(app, path_of(forgotten["cancel_url"]))
    back = path_of(unpaid["cancel_url"])
    thanked = f"/support/thanks?session_id={paid['id']}&"
    client = app.test_client()
    links = [link.get("href", "") for link in read(client.get(thanked)).all("a")]
    receipt = path_of(next(link for link in links if "/receipts/" in link))
    return FORMS | {
        "paid": thanked,
        "not paid": f"/support/thanks?session_id={unpaid['id']}&",
        "unfinished": f"{back}?",
        "checking": f"{back}?checking=1&",
        "forgotten": f"{path_of(forgotten['cancel_url'])}?",
        "nothing there": "/nowhere?",
        "receipt": f"{receipt}?",
    }


def _pledge(app: Flask, stripe: SimulatorProcess, interval: str) -> dict[str, str]:
    known = {session["id"] for session in open_sessions(stripe)}
    send(app.test_client(), interval=interval)
    return next(session for session in open_sessions(stripe) if session["id"] not in known)


def _forget(app: Flask, back: str) -> None:
    parts = parts_of(app)
    with transaction(parts.sessions) as session:
        pledge = find_pledge_by_resume_key(session, back.rpartition("/")[2])
        assert pledge
        parts.vault.forget_contact(session, pledge.id)
