"""`python -m app.demo.mailbox --smtp-port 8002 --port 8003 --folder instance/demo`: catch mail."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller

from app.demo.folder import Folder
from app.demo.mailbox.intake import LARGEST_BYTES, Intake
from app.demo.mailbox.server import Server
from app.demo.mailbox.site import Site
from app.demo.mailbox.store import Store
from app.demo.ports import HOST


def main() -> int:
    """Catch mail until SIGTERM or SIGINT."""
    options = _options()
    folder = Folder(options.folder)
    store = Store(folder.mail)
    site = Site(store, folder.keys(), product_url=options.product, stripe_url=options.stripe)
    server = Server((HOST, options.port), site)
    catcher = Controller(
        Intake(store), hostname=HOST, port=options.smtp_port, data_size_limit=LARGEST_BYTES, ready_timeout=30
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # serve_forever cannot be shut down from the thread that runs it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    catcher.start()
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    catcher.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.demo.mailbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where browsers see the mails")
    parser.add_argument("--smtp-port", type=int, required=True, help="where mail comes in")
    parser.add_argument("--folder", type=Path, required=True, help="the demo's folder")
    parser.add_argument("--product", required=True, help="the product's address, to link to")
    parser.add_argument("--stripe", required=True, help="the local Stripe's address, to link to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
