"""The command line of the demo."""

import argparse
from pathlib import Path

from app.demo.folder import DEFAULT_FOLDER
from app.demo.ports import DEFAULT_PORT
from app.demo.run import History, Options, run_demo

EXAMPLE = "example: python -m app.demo --port 9000"


def main() -> int:
    """Read the command line and run the demo until Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m app.demo", description="Run the demo until Ctrl-C.", epilog=EXAMPLE
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="the product's; three more follow (default: 8000)"
    )
    parser.add_argument("--state", type=Path, default=DEFAULT_FOLDER, help="the folder that keeps everything")
    parser.add_argument(
        "--history",
        type=History,
        choices=list(History),
        default=History.full,
        help="how much of a past the newsroom gets when it is first started",
    )
    given = parser.parse_args()
    return run_demo(Options(port=given.port, state=given.state, history=given.history))
