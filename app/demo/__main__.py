"""`python -m app.demo --port 8000`: run the demo until Ctrl-C."""

import signal
import sys

# A Ctrl-C while everything is still being imported ends as quietly as one that comes later.
signal.signal(signal.SIGINT, lambda _number, _frame: sys.exit(0))

from app.demo.command import main  # noqa: E402 (see above)

if __name__ == "__main__":
    sys.exit(main())
