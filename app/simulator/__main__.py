"""`python -m app.simulator --port 8001`: run the local Stripe; `… coverage`: say what it covers."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from app.simulator.application import Simulator
from app.simulator.http.doors import instant
from app.simulator.http.messages import Request, Response, json_response
from app.simulator.http.server import Server
from app.simulator.report import coverage_text

EXAMPLE = (
    "example: python -m app.simulator --port 8001 --state instance/stripe.db; "
    "python -m app.simulator coverage lists what is covered"
)


def main() -> int:
    """Run until SIGTERM or SIGINT, or print the coverage report."""
    if sys.argv[1:] == ["coverage"]:
        sys.stdout.write(coverage_text())
        return 0
    options = _options()
    server = Server((options.host, options.port), _not_ready)
    base_url = options.public_url or f"http://{options.host}:{server.server_address[1]}"
    simulator = Simulator(state=options.state, base_url=base_url, now=options.now, record=options.record)
    server.application = simulator
    simulator.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopper(server))
    sys.stdout.write(
        f"Local Stripe at {base_url}: set STRIPE_API_BASE={base_url} STRIPE_SECRET_KEY=sk_test_local "
        "(any sk_test_ key does)\n"
    )
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    simulator.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.simulator", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--port", type=int, default=8001, help="0 takes any free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", help="SQLite file that keeps everything; in memory without it")
    parser.add_argument(
        "--now", type=instant, help="start the clock at this ISO date and time (a new state only)"
    )
    parser.add_argument("--public-url", help="the address browsers reach it at, when it is another")
    parser.add_argument(
        "--record",
        metavar="FOLDER",
        default=os.environ.get("LOCAL_STRIPE_RECORD"),
        help="keep one of every kind of answer and delivery there, for tests to check",
    )
    return parser.parse_args()


def _not_ready(_request: Request) -> Response:
    return json_response(503, {"error": {"type": "api_error", "message": "The local Stripe is starting."}})


def _stopper(server: Server) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # serve_forever cannot be shut down from the thread that runs it.
        threading.Thread(target=server.shutdown, daemon=True).start()

    return stop


if __name__ == "__main__":
    sys.exit(main())
